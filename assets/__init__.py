"""The graph: what exists, from what, under which promise."""

import os

# DuckDB writes whole blocks, and what memory held before into their unused ends (duckdb/duckdb#23382): a name, a code.
# So what is freed is overwritten at once, for a twentieth of the time. It counts only if said before DuckDB is loaded.
os.environ.setdefault("DUCKDB_JE_MALLOC_CONF", "junk:free")
