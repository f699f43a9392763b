"""Where a person sees a row of a delivered file: its row in Excel, its line in a text editor.

A record is one row of Excel even if it holds line breaks; a blank line and what stands above the header are rows, too.
A text editor counts every line. Only files with rows that wait are looked at.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import IO

import duckdb
import polars as pl

from assets.encoding import as_utf8, pieces
from assets.ledger import Entry
from assets.opened import Asked, Opened

_DELIMITERS = (",", ";", "\t")
_LONGEST, _MOST_LINES = 1 << 20, 50


@dataclass(frozen=True)
class Place:
    """From this record on, rows follow one another: record, row of Excel, line of a text editor; all count from 1."""

    row_no: int
    line: int
    text_line: int | None = None


@dataclass(frozen=True)
class _Record:
    """One record of a text file, or a blank line: its row, its first line, and how many lines it takes."""

    line: int
    text_line: int
    lines: int
    text: str


def places(asked: Asked, opened: Opened, scratch: Path) -> list[Place]:
    """Tell where the records of a file stand; few places say it all, for most rows follow the one before."""
    name = asked.path.name.lower()
    if not name.endswith((".csv", ".csv.gz")):
        return [Place(1, opened.header_row + 1)]
    with as_utf8(asked.path, scratch) as text:
        return _places_in_text(text.path, list(asked.headers.values()), opened.delivered)


def _places_in_text(plain: Path, headers: list[str], records: int) -> list[Place]:
    with plain.open(encoding="utf-8-sig", newline="") as handle:
        told = _records(handle, headers)
        header = next((r for r in told if _delimiter(r.text, headers)), _Record(1, 1, 1, ""))
        first = Place(1, header.line + 1, header.text_line + header.lines)
        # Blank lines and line breaks within records can only add lines; without them every line is a record.
        if _count_lines(plain) - header.text_line - header.lines + 1 == records:
            return [first]
        delimiter = _delimiter(header.text, headers) or "\n"
        seen = [(r.line, r.text_line) for r in told if r.text.strip() or delimiter in r.text.rstrip("\r\n")]
    # What the door counted in another way is placed as if rows just followed one another.
    return _few([Place(n, *at) for n, at in enumerate(seen, 1)]) if len(seen) == records else [first]


def _count_lines(plain: Path) -> int:
    ends, last = 0, b"\n"
    for chunk in pieces(plain):
        ends, last = ends + chunk.count(b"\n"), chunk[-1:]
    return ends + (last != b"\n")


def _few(seen: list[Place]) -> list[Place]:
    """Keep the places where rows do not just follow the one before."""
    jumps = [
        place
        for before, place in pairwise(seen)
        if (place.line - before.line, (place.text_line or 0) - (before.text_line or 0)) != (1, 1)
    ]
    return [*seen[:1], *jumps]


def _lines(handle: IO[str]) -> Iterator[str]:
    """Yield lines; of one that is too long to be a record only its beginning."""
    while line := handle.readline(_LONGEST):
        rest = line
        while len(rest) == _LONGEST and rest[-1] not in "\r\n":
            rest = handle.readline(_LONGEST)
        yield line


def _delimiter(text: str, headers: list[str]) -> str | None:
    """Name the delimiter that makes the header of a line; None if the line is none."""
    return next((d for d in _DELIMITERS if set(headers) <= set(_cells(text, d))), None)


def _cells(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([text], delimiter=delimiter), [])
    except csv.Error:
        return []


def _records(handle: IO[str], headers: list[str]) -> Iterator[_Record]:
    """Split text into records and blank lines, numbered; a quote that stays open joins no lines."""
    row, before, fields, delimiter, ahead = 0, 0, 0, ",", _Ahead(_lines(handle))
    while (line := ahead.take()) is not None:
        text, row = _whole(line, ahead, delimiter, fields), row + 1
        yield _Record(row, before + 1, ahead.taken - before, text)
        before = ahead.taken
        if not fields and (found := _delimiter(text, headers)):
            delimiter, fields = found, len(_cells(text, found))


class _Ahead:
    """Lines that can be given back."""

    def __init__(self, lines: Iterator[str]) -> None:
        self.lines, self.back, self.taken = lines, list[str](), 0

    def take(self) -> str | None:
        """Return the next line; None at the end."""
        line = self.back.pop() if self.back else next(self.lines, None)
        self.taken += line is not None
        return line

    def give_back(self, lines: list[str]) -> None:
        """Put lines back, to be taken again in their order."""
        self.back.extend(reversed(lines))
        self.taken -= len(lines)


def _whole(line: str, ahead: _Ahead, delimiter: str, fields: int) -> str:
    """Return the record that begins with a line: joined with the next lines while a quote is open."""
    if line.count('"') % 2 == 0 or (fields and _fits(line, delimiter, fields)):
        return line
    text, taken = line, list[str]()
    while text.count('"') % 2 and len(taken) < _MOST_LINES and (more := ahead.take()) is not None:
        taken.append(more)
        text += more
    if text.count('"') % 2 == 0 and (not fields or _fits(text, delimiter, fields)):
        return text
    ahead.give_back(taken)
    return line


def _fits(text: str, delimiter: str, fields: int) -> bool:
    try:
        (cells,) = csv.reader([text], delimiter=delimiter, strict=True)
    except (csv.Error, ValueError):
        return False
    return len(cells) == fields


def note_places(connection: duckdb.DuckDBPyConnection, entry: Entry, asked: Asked, opened: Opened, at: Path) -> None:
    """Write down where the waiting rows of a file stand, and what it calls its columns."""
    key = {"delivery_id": [entry.delivery_id], "dataset": [entry.dataset]}
    told = [(p.row_no, p.line, p.text_line) for p in places(asked, opened, at)]
    _put(connection, "raw.place", key, pl.DataFrame(told, ["row_no", "line", "text_line"], orient="row"))
    _put(connection, "raw.header", key, pl.DataFrame(list(asked.headers.items()), ["name", "header"], orient="row"))


def _put(connection: duckdb.DuckDBPyConnection, table: str, key: dict[str, list[str]], rows: pl.DataFrame) -> None:
    connection.execute(f"delete from {table} where delivery_id = ? and dataset = ?", [v[0] for v in key.values()])
    connection.register("noted_rows", pl.DataFrame(key).join(rows, how="cross").to_arrow())
    connection.execute(f"insert into {table} select * from noted_rows")
    connection.unregister("noted_rows")
