"""Speed and memory, measured side by side in one run on one machine."""

import assets as assets  # before anything loads DuckDB
