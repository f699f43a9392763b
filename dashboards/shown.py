"""Tables as a page shows them, and the same tables as files to download: nothing that a page does not show."""

import re
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


def _count(cell: Cell, language: Language) -> int | str:
    """Return a number where the page shows one, to be summed; else what stands in its place."""
    return language.text(cell) if cell.count is None or (cell.count == 0 and cell.high) else cell.count


def _share(cell: Cell, language: Language) -> float | str:
    """Return a share as a fraction where the page shows one percent; else its limits."""
    return cell.share / 100 if cell.share is not None and 0 < cell.share < 100 else language.share(cell)


def _texts(table: Shown, line: Line, language: Language) -> Iterator[int | float | str]:
    yield line.label
    if table.has_pupils:
        yield line.pupils if line.pupils is not None else ""
    if line.note:
        yield line.note
        return
    if table.has_counts:
        yield _count(line.cell, language)
    elif line.cell.status != "rounded":
        yield language.words[line.cell.status]
        return
    yield _share(line.cell, language) if line.cell.count is not None or not table.has_counts else ""


def _lines(table: Shown | Grid, language: Language) -> list[tuple[int | float | str, ...]]:
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


def _sheet_name(caption: str, taken: set[str]) -> str:
    """Name a sheet by its table's caption, as far as a workbook allows; no two alike."""
    plain = re.sub(r"[\[\]:*?/\\']", " ", caption).strip()[:28].strip()
    name = next(n for n in (plain, *(f"{plain} {number}" for number in range(2, 1000))) if n.lower() not in taken)
    taken.add(name.lower())
    return name


def _sheet(book: xlsxwriter.Workbook, name: str, table: Shown | Grid, language: Language, about: Sequence[str]) -> None:
    """Write one table: the page's title, the caption, the rows as numbers where they are, and what must be known."""
    bold, text = book.add_format({"bold": True}), book.add_format()
    whole, percent = book.add_format({"num_format": "#,##0"}), book.add_format({"num_format": "0 %"})
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "bottom", "bottom": 1})
    wrapped = book.add_format({"text_wrap": True, "italic": True, "valign": "top"})
    sheet, lines = book.add_worksheet(name), _lines(table, language)
    heads = [*_heads(table, language)]
    sheet.set_column(0, 0, 48)
    sheet.set_column(1, max(len(heads) - 1, 1), 16)
    sheet.write_string(0, 0, about[0], bold)
    sheet.write_string(1, 0, table.caption, bold)
    for column, title in enumerate(heads):
        sheet.write_string(3, column, title, head)
    for row, line in enumerate(lines, start=4):
        for column, value in enumerate(line):
            form = whole if isinstance(value, int) else percent if isinstance(value, float) else text
            sheet.write(row, column, value, form)
    last = max(len(heads) - 1, 3)
    for row, said in enumerate(about[1:], start=len(lines) + 5):
        sheet.merge_range(row, 0, row, last, said, wrapped)
        sheet.set_row(row, 15 * (1 + len(said) // (32 + 14 * last)))
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)


def write_files(
    stem: Path, tables: Sequence[Shown | Grid], language: Language, about: Sequence[str], day: Any
) -> list[Path]:
    """Write what a page shows as XLSX (as it is shown), CSV and Parquet (one row a number); return the files.

    about: the page's title, then sentences that stand below each table; day: the release's, in the place of the clock.
    """
    files = [stem.with_suffix(suffix) for suffix in (".xlsx", ".csv", ".parquet")]
    # Text that begins with = or that looks like an address is text, whatever a school is called.
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(files[0]), plain) as book:
        book.set_properties({"created": day, "title": stem.name})
        taken: set[str] = set()
        for table in tables:
            _sheet(book, _sheet_name(table.caption, taken), table, language, about)
    frame = long(tables)
    # A spreadsheet would run such a name as a formula.
    tame = pl.when(pl.col("group").str.contains(r"^[=+\-@\t\r]")).then("'" + pl.col("group")).otherwise("group")
    text = frame.with_columns(tame.alias("group")).write_csv()
    files[1].write_text(f"\N{BYTE ORDER MARK}{text}", encoding="utf-8", newline="\n")
    frame.write_parquet(files[2], compression="zstd", compression_level=3, statistics=False)
    return files
