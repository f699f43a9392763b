"""The front door: look at a delivered file's bytes before an engine does, and say what was found."""

import codecs
import csv
import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import duckdb

from data_contracts.contract import Contract
from models.delivery import DeliveryRefused

_CHUNK = 1 << 22
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True)
class Opened:
    """A delivered file as a relation of text (or typed Parquet) columns with row_no."""

    relation: str
    types: dict[str, str]
    rows: int
    malformed: int
    detected: str
    ignored: tuple[str, ...]


def _binary(path: Path) -> IO[bytes]:
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]


def _chunks(path: Path) -> Iterator[bytes]:
    with _binary(path) as handle:
        while chunk := handle.read(_CHUNK):
            yield chunk


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in _chunks(path):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def detect_encoding(path: Path) -> str:
    """Name the encoding: by its byte order mark, else UTF-8 if every byte fits, else Windows-1257."""
    with _binary(path) as handle:
        start = handle.read(4)
    marked = next((name for mark, name in _MARKS if start.startswith(mark)), None)
    return marked or ("utf-8" if _is_utf8(path) else "cp1257")


def _as_utf8(path: Path, encoding: str, scratch: Path) -> Path:
    """Return the file itself if an engine can read it as it is, else a clean UTF-8 copy."""
    if encoding in ("utf-8", "utf-8-sig"):
        return path
    copy = scratch / f"{path.name.removesuffix('.gz')}.utf8.csv"
    decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
    try:
        with copy.open("w", encoding="utf-8", newline="") as out:
            for chunk in _chunks(path):
                out.write(decoder.decode(chunk))
    except UnicodeDecodeError:
        raise DeliveryRefused(
            f"{path.name}: the bytes are neither UTF-8 nor {encoding}; save the file as UTF-8 and deliver it again"
        ) from None
    return copy


def _first_line(path: Path) -> str:
    with _binary(path) as handle, io.TextIOWrapper(handle, encoding="utf-8-sig", newline="") as text:
        return text.readline(1 << 16).rstrip("\r\n")


def detect_delimiter(header: str) -> str:
    """Name the delimiter of a header line: the most frequent of semicolon, tab and comma."""
    return max((";", "\t", ","), key=header.count)


def header_columns(path: Path, header: list[str], contract: Contract) -> list[str | None]:
    """Map header cells to the contract's columns by name or Latvian alias; None for a column we do not know."""
    known = {c.name.lower(): c.name for c in contract.columns}
    known |= {alias.lower(): c.name for c in contract.columns for alias in c.aliases}
    found = [known.get(cell.strip().strip("\ufeff").lower()) for cell in header]
    named = [name for name in found if name]
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise DeliveryRefused(f"{path.name}: column {', '.join(twice)} stands twice; keep one and deliver again")
    needed = {c.name for c in contract.columns if c.required or c.key_position}
    missing = [c.name for c in contract.columns if c.name in needed and c.name not in named]
    missing = [m for m in missing if contract.column(m).required]
    if missing:
        raise DeliveryRefused(
            f"{path.name}: {len(missing)} missing column(s): {', '.join(missing)}; add them (see `pumpurs template"
            f" {contract.name}`) and deliver again"
        )
    return found


def _projection(columns: list[str | None], cells: list[str]) -> str:
    kept = [(cell, name) for cell, name in zip(cells, columns, strict=True) if name]
    return ", ".join(f"{cell} as {name}" for cell, name in kept)


def _open_csv(connection: duckdb.DuckDBPyConnection, path: Path, contract: Contract, scratch: Path) -> Opened:
    encoding = detect_encoding(path)
    clean = _as_utf8(path, encoding, scratch)
    line = _first_line(clean)
    delimiter = detect_delimiter(line)
    header = next(csv.reader([line], delimiter=delimiter), [])
    columns = header_columns(path, header, contract)
    cells = [f"cell_{i}" for i in range(len(header))]
    typed = ", ".join(f"'{cell}': 'varchar'" for cell in cells)
    connection.execute(
        f"create or replace temp table delivered_rows as select row_number() over () as row_no,"
        f" {_projection(columns, cells)} from read_csv($path, auto_detect = false, header = false, skip = 1,"
        f" delim = '{delimiter}', quote = '\"', escape = '\"', nullstr = '', columns = {{{typed}}},"
        f" strict_mode = true, null_padding = false, store_rejects = true, rejects_table = 'rejected_cells',"
        f" rejects_scan = 'rejected_scan', rejects_limit = 0)",
        {"path": str(clean)},
    )
    malformed = _count(connection, "select count(distinct line) from rejected_cells")
    rows = _count(connection, "select count(*) from delivered_rows")
    ignored = tuple(cell for cell, name in zip(header, columns, strict=True) if not name and cell.strip())
    types = {name: "VARCHAR" for name in columns if name}
    shown = {"\t": "tab", ";": "semicolon", ",": "comma"}[delimiter]
    return Opened("delivered_rows", types, rows + malformed, malformed, f"csv {encoding} {shown}", ignored)


def _open_parquet(connection: duckdb.DuckDBPyConnection, path: Path, contract: Contract) -> Opened:
    try:
        described = connection.execute("describe select * from read_parquet($path)", {"path": str(path)}).fetchall()
        rows = _count(connection, "select count(*) from read_parquet($path)", {"path": str(path)})
    except duckdb.Error:
        raise DeliveryRefused(
            f"{path.name}: it is not a complete Parquet file; ask the sender to deliver it again"
        ) from None
    names = [str(d[0]) for d in described]
    columns = header_columns(path, names, contract)
    quoted = ['"' + name.replace('"', '""') + '"' for name in names]
    source = f"read_parquet('{str(path).replace(chr(39), chr(39) * 2)}', file_row_number = true)"
    relation = f"(select file_row_number + 1 as row_no, {_projection(columns, quoted)} from {source})"
    types = {name: str(d[1]) for name, d in zip(columns, described, strict=True) if name}
    ignored = tuple(n for n, c in zip(names, columns, strict=True) if not c)
    return Opened(relation, types, rows, 0, "parquet", ignored)


def _open_xlsx(connection: duckdb.DuckDBPyConnection, path: Path, contract: Contract) -> Opened:
    import polars

    try:
        sheet = polars.read_excel(path, engine="calamine", infer_schema_length=0)
    except Exception as error:
        raise DeliveryRefused(
            f"{path.name}: it is not a readable XLSX workbook ({type(error).__name__}); save it again as XLSX or CSV"
        ) from None
    columns = header_columns(path, sheet.columns, contract)
    kept = sheet.select(polars.col(n).alias(c) for n, c in zip(sheet.columns, columns, strict=True) if c)
    connection.register("delivered_sheet", kept.with_row_index("row_no", offset=1).to_arrow())
    connection.execute("create or replace temp table delivered_rows as select * from delivered_sheet")
    connection.unregister("delivered_sheet")
    ignored = tuple(n for n, c in zip(sheet.columns, columns, strict=True) if not c)
    return Opened("delivered_rows", dict.fromkeys(kept.columns, "VARCHAR"), kept.height, 0, "xlsx", ignored)


def _count(connection: duckdb.DuckDBPyConnection, sql: str, parameters: dict[str, str] | None = None) -> int:
    row = connection.execute(sql, parameters).fetchone()
    return int(row[0]) if row else 0


def count_records(connection: duckdb.DuckDBPyConnection, path: Path) -> int:
    """Count the records of a refused file as well as they can be counted: for the ledger, so that none is lost."""
    try:
        if path.name.lower().endswith(".parquet"):
            return _count(connection, "select count(*) from read_parquet($path)", {"path": str(path)})
        if path.name.lower().endswith(".xlsx"):
            return 0
        return max(sum(chunk.count(b"\n") for chunk in _chunks(path)) - 1, 0)
    except (duckdb.Error, OSError, EOFError):
        return 0


def open_file(connection: duckdb.DuckDBPyConnection, path: Path, contract: Contract, scratch: Path) -> Opened:
    """Open a delivered file; DeliveryRefused names the file, what is wrong with it and the next step."""
    if path.stat().st_size == 0:
        raise DeliveryRefused(f"{path.name}: the file is empty; ask the sender to deliver it again")
    name = path.name.lower()
    if name.endswith(".parquet"):
        return _open_parquet(connection, path, contract)
    if name.endswith(".xlsx"):
        return _open_xlsx(connection, path, contract)
    return _open_csv(connection, path, contract, scratch)
