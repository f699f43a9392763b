"""Read a CSV of another system as text, whole or not at all: no row is dropped, padded or guessed at."""

import csv
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import IO

import polars as pl

from models.public_format.imported import ImportRefused

_LONGEST_LINE, _BATCH = 1 << 17, 50_000
_AGAIN = "export it again as UTF-8 text with one record a line"


def read_text_table(
    path: Path,
    needed: Sequence[str],
    optional: Sequence[str] = (),
    delimiter: str = ",",
    encoding: str = "utf-8-sig",
    name: str | None = None,
) -> pl.DataFrame:
    """Return the named columns as trimmed text, null where empty; an optional one that is not there is all null.

    ImportRefused names the file (`name`, or its own), the count and the rule if it is not there, is not text, or holds
    an uneven record.
    """
    told = name or path.name
    if not path.is_file():
        raise ImportRefused(f"{told}: not in the source folder; put it there, or name another folder")
    try:
        with path.open(encoding=encoding, newline="") as handle:
            return _read(handle, told, needed, optional, delimiter)
    except UnicodeDecodeError:
        raise ImportRefused(f"{told}: its text is not {encoding.removesuffix('-sig')}; {_AGAIN}") from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ImportRefused(f"{told}: it cannot be read ({reason}); mend that and try again") from None


def _read(handle: IO[str], name: str, needed: Sequence[str], optional: Sequence[str], delimiter: str) -> pl.DataFrame:
    records = _records(handle, name, delimiter)
    header = [cell.strip() for cell in next(records, [])]
    _require_columns(name, header, needed, optional)
    kept = [column for column in (*needed, *optional) if column in header]
    frames = [_frame(batch, header, kept) for batch in _batches(records, len(header), name)]
    schema = dict.fromkeys(kept, pl.String)
    rows = pl.concat([pl.DataFrame(schema=schema), *frames])
    absent = [pl.lit(None, pl.String).alias(column) for column in optional if column not in header]
    return rows.with_columns(absent).select(*needed, *optional)


def _records(handle: IO[str], name: str, delimiter: str) -> Iterator[list[str]]:
    """Yield the records that are not blank; the reader's own silence about an open quote is an error here."""
    reader = csv.reader(_lines(handle, name), delimiter=delimiter, strict=True)
    try:
        yield from (cells for cells in reader if cells)
    except csv.Error:
        raise ImportRefused(
            f"{name}: the record at line {reader.line_num} breaks the rules of quotes or is too long; {_AGAIN}"
        ) from None


def _lines(handle: IO[str], name: str) -> Iterator[str]:
    while line := handle.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE and line[-1] not in "\r\n":
            raise ImportRefused(f"{name}: a line is longer than {_LONGEST_LINE} signs; {_AGAIN}")
        if "\0" in line:
            raise ImportRefused(f"{name}: it holds zero bytes; {_AGAIN}")
        yield line


def _require_columns(name: str, header: list[str], needed: Sequence[str], optional: Sequence[str]) -> None:
    absent = [column for column in needed if column not in header]
    if absent:
        raise ImportRefused(
            f"{name}: {len(absent)} columns are missing, {', '.join(absent)}; export the file again with them"
        )
    twice = [column for column in (*needed, *optional) if header.count(column) > 1]
    if twice:
        raise ImportRefused(f"{name}: {len(twice)} columns stand twice, {', '.join(twice)}; keep one of each")


def _batches(records: Iterator[list[str]], width: int, name: str) -> Iterator[list[list[str]]]:
    """Yield the records in batches; refuse the file, with their number, if any are uneven."""
    uneven = 0
    while batch := list(islice(records, _BATCH)):
        even = [cells for cells in batch if len(cells) == width]
        uneven += len(batch) - len(even)
        yield even
    if uneven:
        raise ImportRefused(f"{name}: {uneven} records do not have the {width} fields of the header; {_AGAIN}")


def _frame(batch: list[list[str]], header: list[str], kept: list[str]) -> pl.DataFrame:
    places = [header.index(column) for column in kept]
    schema = dict.fromkeys(kept, pl.String)
    rows = pl.DataFrame([[cells[place] for place in places] for cells in batch], schema, orient="row")
    trimmed = pl.all().str.strip_chars()
    return rows.with_columns(pl.when(trimmed != "").then(trimmed).name.keep())
