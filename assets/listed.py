"""listed layer."""
