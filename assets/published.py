"""About a group, protected."""
