"""The front door: open a delivered file as rows, or say what is wrong with it and what to do."""

from pathlib import Path

import duckdb

from assets.delimited import open_delimited
from assets.encoding import pieces
from assets.landing import is_ordinary
from assets.opened import Asked, Opened, globbed, projection
from assets.spreadsheet import count_rows, open_workbook
from models.delivery import DeliveryRefused


def open_file(connection: duckdb.DuckDBPyConnection, asked: Asked, scratch: Path) -> Opened:
    """Open a delivered file; DeliveryRefused names the file, what is wrong with it and the next step."""
    path = asked.path
    if not is_ordinary(path):
        raise DeliveryRefused(
            f"{path.name}: delivery.yaml names it, but the file is not there; add it or correct the note"
        )
    if path.stat().st_size == 0:
        raise DeliveryRefused(f"{path.name}: the file is empty; ask the sender to deliver it again")
    name = path.name.lower()
    if name.endswith(".parquet"):
        return _open_parquet(connection, asked)
    return open_workbook(connection, asked) if name.endswith(".xlsx") else open_delimited(connection, asked, scratch)


def _source(path: Path, options: str = "") -> str:
    # What stands in a path is a name, never a pattern or a column.
    return f"read_parquet('{globbed(path)}', hive_partitioning = false{options})"


def _open_parquet(connection: duckdb.DuckDBPyConnection, asked: Asked) -> Opened:
    """Open a Parquet file as it lies there: its types are kept, nothing is copied."""
    try:
        described = connection.execute(f"describe select * from {_source(asked.path)}").fetchall()
    except duckdb.Error:
        raise DeliveryRefused(
            f"{asked.path.name}: it is not a complete Parquet file; ask the sender to deliver it again"
        ) from None
    names = [str(row[0]) for row in described]
    if "file_row_number" in (name.lower() for name in names):
        raise DeliveryRefused(
            f"{asked.path.name}: no column may be called file_row_number; rename it and deliver again"
        )
    columns = asked.columns(_as_written(connection, asked.path, names))
    if any(name and row[1] == "BLOB" for name, row in zip(columns, described, strict=True)):
        raise DeliveryRefused(f"{asked.path.name}: a column holds bytes, not text; write it as a column of strings")
    quoted = ['"' + name.replace('"', '""') + '"' for name in names]
    numbered = _source(asked.path, ", file_row_number = true")
    return Opened(
        f"(select file_row_number + 1 as row_no, {projection(columns, quoted)} from {numbered})",
        {name: str(row[1]) for name, row in zip(columns, described, strict=True) if name},
        _count(connection, _source(asked.path)),
        detected="parquet",
        note=asked.left_out(names, columns),
    )


def _as_written(connection: duckdb.DuckDBPyConnection, path: Path, names: list[str]) -> list[str]:
    """Return the columns as the file names them; of two that differ in case alone the engine calls one `Code_1`."""
    written = {row[0] for row in connection.execute(f"select name from parquet_schema('{globbed(path)}')").fetchall()}
    return [name if name in written else name.rpartition("_")[0] for name in names]


def _count(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    return int(connection.execute(f"select count(*) from {relation}").fetchall()[0][0])


def is_sound(connection: duckdb.DuckDBPyConnection, path: Path) -> bool:
    """Tell whether every page of a Parquet file can be read; other files were read whole when they were opened."""
    if not path.name.lower().endswith(".parquet"):
        return True
    try:
        connection.execute(f"select bit_xor(hash(columns(*))) from {_source(path)}").fetchall()
    except duckdb.Error:
        return False
    return True


def count_records(connection: duckdb.DuckDBPyConnection, path: Path) -> int:
    """Count the records of a file that is not taken in, as well as they can be counted, so that none is lost."""
    name = path.name.lower()
    try:
        if name.endswith(".parquet"):
            return _count(connection, _source(path))
        if name.endswith(".xlsx"):
            return count_rows(path)
        return _lines_below_header(path) if name.endswith((".csv", ".csv.gz", ".txt")) else 0
    except (duckdb.Error, OSError, DeliveryRefused):
        return 0


def _lines_below_header(path: Path) -> int:
    ends, last = 0, b"\n"
    for piece in pieces(path):
        ends, last = ends + piece.count(b"\n"), piece[-1:]
    return max(ends + (last not in (b"\n", b"\0")) - 1, 0)
