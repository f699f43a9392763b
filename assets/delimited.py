"""Open delimited text so that no record is lost: the engine reads it, its count is checked, else we read it ourselves.

The engine is fast but may drop a record in silence: of uneven length, with an open quote, longer than its buffer. So
the line ends outside quotes are counted first. Where the counts differ, records are read one by one: those that do not
have the header's number of fields are set aside with their number.
"""

import csv
import io
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO

import duckdb
import numpy as np
import polars as pl

from assets.encoding import as_utf8, chunks
from assets.ledger import MALFORMED
from assets.opened import Asked, Opened, projection
from models.delivery import DeliveryRefused

_NAMES = {",": "comma", ";": "semicolon", "\t": "tab"}
_LONGEST_HEADER, _LONGEST_LINE, _MOST_LINES, _BATCH = 1 << 16, 1 << 20, 50, 50_000
_QUOTE, _NEWLINE = ord('"'), ord("\n")


@dataclass(frozen=True)
class Form:
    """How a delimited file is laid out: its delimiter, its header, and how many lines and records end with it."""

    delimiter: str
    header: list[str]
    lines: int
    records: int

    @property
    def cells(self) -> list[str]:
        """Return the names the cells bear before the header is understood."""
        return [f"cell_{i}" for i in range(len(self.header))]


def open_delimited(connection: duckdb.DuckDBPyConnection, asked: Asked, scratch: Path) -> Opened:
    """Open a .csv or .csv.gz as the session's tables delivered_rows and carried_rows."""
    with as_utf8(asked.path, scratch) as (plain, encoding):
        ends = _count_line_ends(plain, asked.path.name)
        form = _form(plain, asked)
        columns = asked.columns(form.header)
        wanted, carried = projection(columns, form.cells), 0
        if ends is None or _read_at_once(connection, plain, form, wanted) != ends - form.records:
            carried = _read_one_by_one(connection, plain, form, wanted)
    return Opened(
        "delivered_rows",
        {name: "VARCHAR" for name in columns if name},
        connection.execute("select count(*) from delivered_rows").fetchall()[0][0],
        detected=f"csv {encoding} {_NAMES[form.delimiter]}",
        note=asked.left_out(form.header, columns),
        carried="carried_rows" if carried else None,
        carried_rows=carried,
    )


def _count_line_ends(path: Path, name: str) -> int | None:
    """Count the records of a plain file by its line ends outside quotes; None if a quote stays open."""
    ends, is_open, last = 0, False, _NEWLINE
    for chunk in chunks(path):
        signs = np.frombuffer(chunk, dtype=np.uint8)
        if not signs.all():
            raise DeliveryRefused(
                f"{name}: it holds {np.count_nonzero(signs == 0)} or more zero bytes; export it again as text"
            )
        quoted = (np.cumsum(signs == _QUOTE, dtype=np.uint8) + is_open) & 1
        ends += int(np.count_nonzero((signs == _NEWLINE) & (quoted == 0)))
        is_open, last = bool(quoted[-1]), signs[-1]
    return None if is_open else ends + (last != _NEWLINE)


def _form(path: Path, asked: Asked) -> Form:
    """Find the header and the delimiter that makes most known columns of it."""
    with path.open(encoding="utf-8-sig", newline="") as handle:
        start = handle.read(_LONGEST_HEADER)
    return max((_first_record(start, delimiter) for delimiter in _NAMES), key=lambda form: asked.fit(form.header))


def _first_record(text: str, delimiter: str) -> Form:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    filled = (found for found in enumerate(reader, 1) if any(cell.strip() for cell in found[1]))
    records, header = next(filled, (0, []))
    return Form(delimiter, header, reader.line_num, records)


def _read_at_once(connection: duckdb.DuckDBPyConnection, path: Path, form: Form, wanted: str) -> int:
    """Let the engine read the file; return its records, or -1 if it found one that it could not read."""
    kinds = ", ".join(f"'{name}': 'varchar'" for name in form.cells)
    source = str(path).replace("'", "''")
    try:
        connection.execute(
            f"create or replace temp table delivered_rows as select row_number() over () as row_no, {wanted}"
            f" from read_csv('{source}', auto_detect = false, header = false, skip = {form.lines},"
            f" delim = '{form.delimiter}', quote = '\"', escape = '\"', nullstr = '', columns = {{{kinds}}},"
            " strict_mode = true, null_padding = false)"
        )
    except (duckdb.InvalidInputException, duckdb.ConversionException):
        return -1
    return connection.execute("select count(*) from delivered_rows").fetchall()[0][0]


def _read_one_by_one(connection: duckdb.DuckDBPyConnection, path: Path, form: Form, wanted: str) -> int:
    """Read the file record by record; return how many were set aside."""
    kinds = ", ".join(f"null::varchar as {name}" for name in form.cells)
    empty = f"select 0::bigint as row_no, {wanted} from (select {kinds}) where false"
    connection.execute(f"create or replace temp table delivered_rows as {empty}")
    connection.execute(
        f"create or replace temp table carried_rows as select 0::bigint as row_no, '{MALFORMED}' as broken_rule"
    )
    connection.execute("delete from carried_rows")
    with path.open(encoding="utf-8-sig", newline="") as handle:
        records = enumerate(_records(islice(_lines(handle), form.lines, None), form), 1)
        while batch := list(islice(records, _BATCH)):
            _insert(connection, batch, form, wanted)
    return connection.execute("select count(*) from carried_rows").fetchall()[0][0]


def _insert(
    connection: duckdb.DuckDBPyConnection, batch: list[tuple[int, list[str] | None]], form: Form, wanted: str
) -> None:
    readable = [(number, *cells) for number, cells in batch if cells is not None]
    schema = {"row_no": pl.Int64} | dict.fromkeys(form.cells, pl.String)
    tables = {
        f"delivered_rows select row_no, {wanted}": pl.DataFrame(readable, schema, orient="row"),
        f"carried_rows select row_no, '{MALFORMED}'": pl.DataFrame(
            {"row_no": [n for n, cells in batch if cells is None]}
        ),
    }
    for target, rows in tables.items():
        if rows.height:
            connection.register("batch_rows", rows.to_arrow())
            connection.execute(f"insert into {target} from batch_rows")
            connection.unregister("batch_rows")


def _lines(handle: IO[str]) -> Iterator[str | None]:
    """Yield lines; None for one that is too long to be a record."""
    while line := handle.readline(_LONGEST_LINE):
        if len(line) < _LONGEST_LINE or line[-1] in "\r\n":
            yield line
        else:
            while line and line[-1] not in "\r\n":
                line = handle.readline(_LONGEST_LINE)
            yield None


def _records(lines: Iterator[str | None], form: Form) -> Iterator[list[str] | None]:
    """Yield the cells of each record; None for a line that is not part of one. Blank lines do not count."""
    ahead: deque[str | None] = deque()
    while (line := ahead.popleft() if ahead else next(lines, "")) != "":
        if line is None or line.strip():
            yield _record(line, lines, ahead, form)


def _record(line: str | None, lines: Iterator[str | None], ahead: deque[str | None], form: Form) -> list[str] | None:
    """Read the record that begins with a line; a quoted line break joins the next lines, given back if in vain."""
    if line is None or (cells := _cells(line, form)) is not None:
        return None if line is None else cells
    taken, text = [], line
    while text.count('"') % 2 and len(taken) < _MOST_LINES:
        more = ahead.popleft() if ahead else next(lines, "")
        taken += [] if more == "" else [more]
        if not more:
            break
        text += more
    if text.count('"') % 2 == 0 and (cells := _cells(text, form)) is not None:
        return cells
    ahead.extendleft(reversed(taken))
    return None


def _cells(text: str, form: Form) -> list[str] | None:
    try:
        (cells,) = csv.reader([text], delimiter=form.delimiter, strict=True)
    except (csv.Error, ValueError):
        return None
    return cells if len(cells) == len(form.header) else None
