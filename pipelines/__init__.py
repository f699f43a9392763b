"""Wiring: the only place that knows environment, schedule and command line."""

import assets as assets  # before anything loads DuckDB
