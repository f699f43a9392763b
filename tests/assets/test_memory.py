"""What the memory of the process held once must not end up in a file that the warehouse is copied as."""

import subprocess
import sys
from pathlib import Path

import pytest

NAME = b"ZANETE OZOLINA"
# Names pass through memory by the hundred thousand, between tables that are written.
_WRITES = """
import {first}
import sys
import duckdb
with duckdb.connect(sys.argv[1], config={{"threads": 2}}) as connection:
    for n in range(40):
        if n % 4 == 0:
            made = f"select '{name}' || (i % 97) || repeat('{name} ', 3) as t from range(400000) as r (i)"
            for _ in range(3):
                connection.execute(f"create or replace temp table people as {{made}}")
                connection.execute("select count(distinct t), string_agg(t, ',') from people").fetchall()
                connection.execute("select t, count(*) from people group by t order by t").fetchall()
            connection.execute("drop table people")
        connection.execute(
            f"create table t{{n}} as select 'k' || (i % {{7 + n}}) as code, md5((i % {{300 + n * 10}})::varchar) as h,"
            f" md5(i::varchar) as u, i, i / 3.0 as d, i % 2 = 0 as b, [i, i + 1] as l,"
            f" case when i % 5 > 0 then 'abc' || (i // 100) end as z from range({{1000 * (n + 1)}}) as r (i)"
        )
"""


@pytest.mark.parametrize("first", ["assets", "pipelines"])
def test_duckdb_is_loaded_with_the_setting(first: str):
    told = f"import sys, {first}, os; print(os.environ['DUCKDB_JE_MALLOC_CONF'], '_duckdb' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert ended.stdout.split() == ["junk:free", "False"]


@pytest.mark.slow
@pytest.mark.parametrize("turn", range(3))
def test_no_name_that_memory_held_is_in_the_file(tmp_path: Path, turn: int):
    """Without the setting every other such file holds some (DuckDB 2.0.0 on Linux)."""
    path = tmp_path / "warehouse.duckdb"
    script = _WRITES.format(first="assets", name=NAME.decode())
    subprocess.run([sys.executable, "-c", script, str(path)], check=True)
    assert path.stat().st_size > 1_000_000
    assert NAME not in path.read_bytes()
