"""Open delimited text so that no record is lost: the engine reads it, its count is checked, else we read it ourselves.

The engine is fast but may drop a record in silence: of uneven length, with an open quote, longer than its buffer. So
the line ends outside quotes are counted first. Where the counts differ, records are read one by one: those that do not
have the header's number of fields are set aside with their number. What a file is, is never detected by the engine.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl

from assets.encoding import Text, as_utf8, pieces
from assets.ledger import MALFORMED
from assets.opened import Asked, Opened, globbed, projection, told
from assets.records import Form, Records, lines_of
from assets.sieve import Sieve
from assets.tidying import tidy

_NAMES = {",": "comma", ";": "semicolon", "\t": "tab"}
_LOOSE_QUOTE = re.compile(rb'[,;\t\r\n][ ]+"|"[ ]+[,;\t\r\n]')
_LONGEST_HEADER, _FARTHEST_HEADER, _BATCH = 1 << 16, 20, 50_000


def open_delimited(connection: duckdb.DuckDBPyConnection, asked: Asked, scratch: Path) -> Opened:
    """Open a .csv or .csv.gz as the session's tables delivered_rows and carried_rows."""
    with as_utf8(asked.path, scratch) as text:
        form, width = _form(text.path, asked)
        columns = asked.columns(form.header)
        reading = _Reading(connection, text, form, columns)
        carried = 0 if reading.at_once(width) else reading.sifted(width, scratch)
        carried = reading.one_by_one() if carried is None else carried
    known = [name for name in columns if name]
    may_be_loose = text.scan.has_loose_spaces or (text.scan.delimiters["\t"] > 0 and form.delimiter != "\t")
    tidied = tidy(connection, [asked.contract.column(name) for name in known], may_be_loose, text.scan.has_odd_signs)
    return Opened(
        "delivered_rows",
        dict.fromkeys(known, "VARCHAR"),
        connection.execute("select count(*) from delivered_rows").fetchall()[0][0],
        detected=f"csv {text.encoding} {_NAMES[form.delimiter]}",
        note=told(_above(form), asked.left_out(form.header, columns), *reading.notes, *tidied),
        carried="carried_rows" if carried else None,
        carried_rows=carried,
    )


def _above(form: Form) -> str:
    return f"{form.above} row(s) above the header were left out" if form.above else ""


def _form(path: Path, asked: Asked) -> tuple[Form, int]:
    """Find the header and the delimiter that makes most known columns of it, and how wide the row below it is."""
    with path.open(encoding="utf-8-sig", newline="") as handle:
        start = handle.read(_LONGEST_HEADER)
    return max((_header(start, delimiter, asked) for delimiter in _NAMES), key=lambda found: asked.fit(found[0].header))


def _header(text: str, delimiter: str, asked: Asked) -> tuple[Form, int]:
    """Take the first row that names every column that must be there, or else the first row, for the header."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    numbered = ((cells, reader.line_num, records) for records, cells in enumerate(reader, 1))
    first = list(islice((row for row in numbered if row[0]), _FARTHEST_HEADER))
    filled = [i for i, (cells, *_) in enumerate(first) if any(cell.strip() for cell in cells)]
    place = next((i for i, at in enumerate(filled) if asked.has_needed(first[at][0])), 0)
    at = filled[place] if filled else 0
    cells, lines, records = first[at] if filled else ([], reader.line_num, 0)
    form = Form(delimiter, cells, lines, records, place)
    below = first[at + 1][0] if len(first) > at + 1 else cells
    return form, len(below) if Records(form).fitted(below) else len(cells)


@dataclass
class _Reading:
    """The reading of one file, in one way or the other, into the session's tables."""

    connection: duckdb.DuckDBPyConnection
    text: Text
    form: Form
    columns: Sequence[str | None]
    notes: list[str] = field(default_factory=list)

    @property
    def _nameless(self) -> list[int]:
        return [i for i, cell in enumerate(self.form.header) if not cell.strip()]

    def at_once(self, width: int) -> bool:
        """Let the engine read the file; tell whether it read every record of it, each `width` cells wide."""
        records, header = self.text.scan.records, len(self.form.header)
        if records is None or self.text.scan.is_too_long or self._is_uneven(width, records - self.form.records):
            return False
        if self._has_loose_quotes():
            return False
        extra = self._extra(width)
        read = self._engine(self.text.path, self.form.lines, width, extra)
        expected = records - self.form.records
        # Blank lines can be told from line breaks of cells only where no cell is in quotes.
        is_whole = read == expected or (not self.text.scan.has_quotes and read + self._blank_lines() == expected)
        if read < 0 or not is_whole:
            return False
        filled = self._filled(extra)
        if any(filled[i] for i in extra if i >= header):
            return False
        self._note(read if width != header else 0, filled)
        return True

    def sifted(self, width: int, scratch: Path) -> int | None:
        """Let the engine read the even lines, and the few others one by one; None if the file is not of such a kind."""
        if self.text.scan.has_quotes or self.text.scan.is_too_long or width < 2:
            return None
        copy = scratch / f"{self.text.path.name}.even"
        try:
            return self._sifted(Sieve(self.form, width), copy)
        finally:
            # It may hold names.
            copy.unlink(missing_ok=True)

    def _sifted(self, sieve: Sieve, copy: Path) -> int | None:
        if not sieve.sift(self.text.path, self.form.lines, copy):
            return None
        header, extra = len(self.form.header), self._extra(sieve.width)
        if self._engine(copy, 0, sieve.width, extra) != sieve.records:
            return None
        filled = self._filled(extra)
        if any(filled[i] for i in extra if i >= header):
            return None
        for i in extra:
            self.connection.execute(f"alter table delivered_rows drop column nameless_{i}")
        self.connection.execute(
            "delete from delivered_rows where row_no in (select unnest($odd::bigint[]))", {"odd": list(sieve.odd)}
        )
        self._set_aside()
        records = Records(self.form)
        read = [(number, next(records.read(iter([line])))) for number, line in sieve.odd.items()]
        good = [(number, *cells) for number, cells in read if cells is not None]
        self._insert(good, [number for number, cells in read if cells is None])
        named = {i: filled.get(i, 0) + sum(bool(str(row[i + 1]).strip()) for row in good) for i in self._nameless}
        uneven = sieve.records - len(sieve.odd) if sieve.width != header else 0
        self._note(uneven + records.uneven, named)
        return self._count("select count(*) from carried_rows")

    def _extra(self, width: int) -> list[int]:
        return [i for i in self._nameless if i < width] + list(range(len(self.form.header), width))

    def _filled(self, extra: list[int]) -> dict[int, int]:
        return {i: self._count(f"select count(*) from delivered_rows where trim(nameless_{i}) <> ''") for i in extra}

    def _has_loose_quotes(self) -> bool:
        """Tell whether a space stands beside a cell's quotes: engines take it for a quoted cell, which it is not."""
        if not (self.text.scan.has_quotes and self.text.scan.has_loose_spaces):
            return False
        before = b"\n"
        for piece in pieces(self.text.path):
            if _LOOSE_QUOTE.search(before + piece):
                return True
            before = piece[-64:]
        return False

    def _is_uneven(self, width: int, records: int) -> bool:
        """Tell whether the delimiters do not add up to rows of one width; in quotes there may be more of them."""
        if self.text.scan.has_quotes:
            return False
        with self.text.path.open(encoding="utf-8-sig", newline="") as handle:
            above = sum(line.count(self.form.delimiter) for line in islice(handle, self.form.lines))
        lacking = records * (width - 1) - (self.text.scan.delimiters[self.form.delimiter] - above)
        return lacking != 0 and lacking != self._blank_lines() * (width - 1)

    def _engine(self, path: Path, skipped: int, width: int, extra: list[int]) -> int:
        """Return the records that the engine read, or -1 if it met one that it could not read."""
        kinds = ", ".join(f"'cell_{i}': 'varchar'" for i in range(width))
        wanted = projection(self.columns, self.form.cells) + "".join(f", cell_{i} as nameless_{i}" for i in extra)
        try:
            self.connection.execute(
                f"create or replace temp table delivered_rows as select row_number() over () as row_no, {wanted}"
                f" from read_csv('{globbed(path)}', auto_detect = false, header = false, skip = {skipped},"
                f" delim = '{self.form.delimiter}', quote = '\"', escape = '\"', nullstr = '', columns = {{{kinds}}},"
                " strict_mode = true, null_padding = false)"
            )
        except (duckdb.InvalidInputException, duckdb.ConversionException, duckdb.NotImplementedException):
            return -1
        return self._count("select count(*) from delivered_rows")

    def _blank_lines(self) -> int:
        """Count lines without anything on them below the header; the engine passes over them."""
        with self.text.path.open(encoding="utf-8-sig", newline="") as handle:
            blank, last = -sum(line in ("\n", "\r\n") for line in islice(handle, self.form.lines)), b"\n"
        for piece in pieces(self.text.path):
            plain = np.frombuffer(last + piece.replace(b"\r", b""), dtype=np.uint8)
            ends = plain == ord("\n")
            blank, last = blank + int(np.count_nonzero(ends[1:] & ends[:-1])), plain[-1:].tobytes()
        return blank

    def one_by_one(self) -> int:
        """Read the file record by record; return how many were set aside."""
        self._make_empty()
        records, filled = Records(self.form), dict.fromkeys(self._nameless, 0)
        with self.text.path.open(encoding="utf-8-sig", newline="") as handle:
            numbered = enumerate(records.read(islice(lines_of(handle), self.form.lines, None)), 1)
            while batch := list(islice(numbered, _BATCH)):
                good = [(number, *cells) for number, cells in batch if cells is not None]
                self._insert(good, [number for number, cells in batch if cells is None])
                filled = {i: count + sum(bool(str(row[i + 1]).strip()) for row in good) for i, count in filled.items()}
        self._note(records.uneven, filled)
        return self._count("select count(*) from carried_rows")

    def _make_empty(self) -> None:
        kinds = ", ".join(f"null::varchar as {name}" for name in self.form.cells)
        wanted = projection(self.columns, self.form.cells)
        empty = f"select 0::bigint as row_no, {wanted} from (select {kinds}) where false"
        self.connection.execute(f"create or replace temp table delivered_rows as {empty}")
        self._set_aside()

    def _set_aside(self) -> None:
        aside = f"select row_no, '{MALFORMED}' as broken_rule from delivered_rows where false"
        self.connection.execute(f"create or replace temp table carried_rows as {aside}")

    def _insert(self, good: list[tuple[Any, ...]], aside: list[int]) -> None:
        names, cells = ["row_no", *self.form.cells], list(zip(*good, strict=True))
        kinds = [pl.Int64] + [pl.String] * len(self.form.cells)
        columns = [pl.Series(n, c, k) for n, c, k in zip(names, cells, kinds, strict=True)] if good else []
        wanted = f"delivered_rows select row_no, {projection(self.columns, self.form.cells)}"
        self._append(wanted, pl.DataFrame(columns))
        self._append(f"carried_rows select row_no, '{MALFORMED}'", pl.DataFrame({"row_no": aside}))

    def _append(self, target: str, rows: pl.DataFrame) -> None:
        if rows.height:
            self.connection.register("batch_rows", rows.to_arrow())
            self.connection.execute(f"insert into {target} from batch_rows")
            self.connection.unregister("batch_rows")

    def _note(self, uneven: int, filled: dict[int, int]) -> None:
        if uneven:
            self.notes.append(f"{uneven} row(s) ended in empty fields too many or too few, which say nothing")
        if any(filled.values()):
            places = ", ".join(str(i + 1) for i, count in filled.items() if count)
            self.notes.append(f"{sum(filled.values())} value(s) under no header were left out, at place {places}")

    def _count(self, sql: str) -> int:
        return int(self.connection.execute(sql).fetchall()[0][0])
