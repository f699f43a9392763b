"""Wiring: the only place that knows environment, schedule and command line."""
