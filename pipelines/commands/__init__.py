"""What each command of `pumpurs` does, one module a command."""
