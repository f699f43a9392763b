"""Tables as a page shows them, and the same tables as files to download: nothing that a page does not show."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

from dashboards.language import Language
from dashboards.release import Cell

COLUMNS = {
    "table": pl.String,
    "group": pl.String,
    "period": pl.String,
    "indicator": pl.String,
    "pupils": pl.Int64,
    "status": pl.String,
    "count": pl.Int64,
    "count_low": pl.Int64,
    "count_high": pl.Int64,
    "share_percent": pl.Int64,
    "share_low_percent": pl.Float64,
    "share_high_percent": pl.Float64,
}


@dataclass(frozen=True)
class Line:
    """One row: a group or indicator, its pupils, and what is told of them."""

    label: str
    period: str
    indicator: str  # column of the release
    pupils: int | None
    cell: Cell
    href: str = ""
    note: str = ""  # what is said in the place of numbers


@dataclass(frozen=True)
class Shown:
    """One table of a page."""

    name: str
    caption: str
    head: str  # what the rows are
    lines: Sequence[Line]
    has_pupils: bool = True  # whether rows differ in their pupils
    total: Line | None = None

    @property
    def has_counts(self) -> bool:
        """Tell whether the table counts pupils: shares of lessons have no count."""
        return any(line.cell.high is not None or line.cell.count is not None for line in self.all_lines)

    @property
    def all_lines(self) -> Sequence[Line]:
        """Return all rows, the total last."""
        return [*self.lines, *([self.total] if self.total else [])]


@dataclass(frozen=True)
class Grid:
    """A table of events: what was done, counted as it is."""

    name: str
    caption: str
    heads: Sequence[str]
    lines: Sequence[tuple[str, str, tuple[int | str, ...]]]  # what a row is, where it leads, its values
    period: str

    def texts(self) -> Iterator[tuple[int | str, ...]]:
        """Yield the rows as they are shown."""
        return ((label, *values) for label, _, values in self.lines)


def _counted(table: Grid) -> Iterator[dict[str, Any]]:
    """Yield each number of a table of events as a row of its own."""
    for label, _, values in table.lines:
        for head, value in zip(table.heads[1:], values, strict=True):
            if isinstance(value, int):
                told = {"table": table.name, "group": label, "period": table.period, "indicator": head}
                yield told | {"status": "counted", "count": value}


def _values(table: Shown, line: Line) -> tuple[Any, ...]:
    cell = line.cell
    low, high = (None, None) if cell.share_range is None else cell.share_range
    return (
        table.name, line.label, line.period, line.indicator, line.pupils,
        cell.status, cell.count, cell.low, cell.high, cell.share, low, high,
    )  # fmt: skip


def long(tables: Sequence[Shown | Grid]) -> pl.DataFrame:
    """Lay the tables of a page below each other: columns COLUMNS."""
    told = [table for table in tables if isinstance(table, Shown)]
    rows = [_values(table, line) for table in told for line in table.all_lines if not line.note]
    events = [row for table in tables if isinstance(table, Grid) for row in _counted(table)]
    return pl.concat([pl.DataFrame(rows, COLUMNS, orient="row"), pl.DataFrame(events, COLUMNS)])


def _texts(table: Shown, line: Line, language: Language) -> Iterator[int | str]:
    yield line.label
    if table.has_pupils:
        yield line.pupils if line.pupils is not None else ""
    if line.note:
        yield line.note
        return
    if table.has_counts:
        yield language.text(line.cell)
    elif line.cell.status != "rounded":
        yield language.words[line.cell.status]
        return
    yield language.share(line.cell) if line.cell.count is not None or not table.has_counts else ""


def _lines(table: Shown | Grid, language: Language) -> list[tuple[int | str, ...]]:
    if isinstance(table, Grid):
        return [*table.texts()]
    return [tuple(_texts(table, line, language)) for line in table.all_lines]


def _heads(table: Shown | Grid, language: Language) -> Iterator[str]:
    if isinstance(table, Grid):
        yield from table.heads
        return
    words = language.words
    yield table.head
    if table.has_pupils:
        yield words["pupils"]
    if table.has_counts:
        yield words["count"]
    yield words["share"]


def _sheet(book: xlsxwriter.Workbook, table: Shown | Grid, language: Language, about: Sequence[str]) -> None:
    bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": False, "italic": True})
    sheet = book.add_worksheet(table.name[:31])
    sheet.set_column(0, 0, 48)
    sheet.set_column(1, 3, 16)
    sheet.write(0, 0, table.caption, bold)
    for column, head in enumerate(_heads(table, language)):
        sheet.write(2, column, head, bold)
    lines = _lines(table, language)
    for row, line in enumerate(lines, start=3):
        for column, value in enumerate(line):
            sheet.write(row, column, value)
    for row, text in enumerate(about, start=len(lines) + 4):
        sheet.write_string(row, 0, text, wrapped)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)


def write_files(
    stem: Path, tables: Sequence[Shown | Grid], language: Language, about: Sequence[str], day: Any
) -> list[Path]:
    """Write what a page shows as XLSX (as it is shown), CSV and Parquet (one row a number); return the files.

    about: sentences that stand below each sheet; day: the release's, in the place of the clock.
    """
    files = [stem.with_suffix(suffix) for suffix in (".xlsx", ".csv", ".parquet")]
    # Text that begins with = or that looks like an address is text, whatever a school is called.
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(files[0]), plain) as book:
        book.set_properties({"created": day, "title": stem.name})
        for table in tables:
            _sheet(book, table, language, about)
    frame = long(tables)
    # A spreadsheet would run such a name as a formula.
    tame = pl.when(pl.col("group").str.contains(r"^[=+\-@\t\r]")).then("'" + pl.col("group")).otherwise("group")
    text = frame.with_columns(tame.alias("group")).write_csv()
    files[1].write_text(f"\N{BYTE ORDER MARK}{text}", encoding="utf-8", newline="\n")
    frame.write_parquet(files[2], compression="zstd", compression_level=3, statistics=False)
    return files
