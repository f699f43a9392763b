"""`python -m bench.door`: CPU seconds of opening a clean CSV at the front door, beside DuckDB's own reader.

Both make a table of text in one process, DuckDB with an explicit schema. The door also counts every record, proves that
the bytes are UTF-8 without zeros, and looks for whatever has to be tidied; hashing (SHA-256) is told beside it.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from assets.delimited import open_delimited
from assets.landing import content_sha256
from assets.opened import Asked
from data_contracts.contract import load

ROWS, ROUNDS = 3_000_000, 7
_COLUMNS = ("person_code", "school_reg_no", "lesson_date", "lesson_no", "subject_code", "code", "excused_on")
_MADE = """
    copy (
        select '320000-' || lpad((i % 90000)::varchar, 5, '0') as person_code, '4112900001' as school_reg_no,
            date '2024-09-02' + (i // 100000)::int as lesson_date, i % 9 as lesson_no, '{subject}' as subject_code,
            case when i % 11 = 0 then 'n' end as code, case when i % 77 = 0 then date '2024-09-20' end as excused_on
        from range({rows}) as every (i)
    ) to '{path}' (format csv, header)
"""


def cpu_seconds(work: Callable[[], object]) -> float:
    """Return the CPU seconds of all threads that a piece of work takes."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def measure(folder: Path, subject: str, rows: int = ROWS) -> dict[str, float]:
    """Measure the door and the engine in turns; the best round of each counts."""
    path = folder / "attendance.csv"
    kinds = ", ".join(f"'{name}': 'varchar'" for name in _COLUMNS)
    bare = f"read_csv('{path}', auto_detect = false, header = true, delim = ',', columns = {{{kinds}}})"
    contract = load("raw.attendance")
    asked = Asked(path, contract, frozenset(c.name for c in contract.columns if c.required))
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute(_MADE.format(subject=subject, rows=rows, path=path))
        found: dict[str, list[float]] = {"engine": [], "door": [], "sha256": []}
        for _ in range(ROUNDS):
            table = f"create or replace temp table bare as select * from {bare}"
            found["engine"].append(cpu_seconds(lambda sql=table: connection.execute(sql)))
            found["door"].append(cpu_seconds(lambda: open_delimited(connection, asked, folder)))
            found["sha256"].append(cpu_seconds(lambda: content_sha256(path)))
    best = {name: round(min(seconds), 3) for name, seconds in found.items()}
    return {"rows": rows} | best | {"ratio": round(best["door"] / best["engine"], 2)}


def main() -> None:
    """Print what was measured: a file of plain ASCII, one with Latvian letters, one with every such field in quotes."""
    with tempfile.TemporaryDirectory() as folder:
        for name, subject in (("ascii", "MAT"), ("latvian", "Latviešu valoda"), ("quoted", "M,A,T")):
            print(json.dumps({"file": name} | measure(Path(folder), subject)), flush=True)


if __name__ == "__main__":
    sys.exit(main())
