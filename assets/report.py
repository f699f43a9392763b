"""Write a report to a sender: a CSV with every line, and the same as a workbook to read and print.

Latvian first. Text that a spreadsheet would run as a formula gets an apostrophe; the bytes depend on nothing but the
content.
"""

import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from pathlib import Path
from typing import Any

import duckdb

from assets.home import swap_in
from assets.parts import quoted
from data_contracts.rules import literal

NAMES = ("report.csv", "report.xlsx")
MOST_LINES = 10_000
_MADE = datetime(2000, 1, 1, tzinfo=UTC)
_RUNS = re.compile(r"^[=+\-@\t\r]")
_COLUMNS = (
    ("part", "daļa / part", 12),
    ("file", "fails / file", 16),
    ("line", "rinda (Excel) / row (Excel)", 9),
    ("text_line", "rinda teksta redaktorā, ja cita / line in a text editor, if another", 12),
    ("about", "kolonna / column", 15),
    ("wrong_lv", "kas nav kārtībā", 27),
    ("do_lv", "ko darīt", 38),
    ("wrong_en", "what is wrong", 27),
    ("do_en", "what to do", 38),
    ("rule", "noteikums / rule", 16),
    ("rows", "rindu skaits / rows", 9),
)
_SAID, _TOTAL, _LINE = "ko darīt / what to do", "kopsavilkums / summary", "rinda / row"
_COUNTS = (
    ("iesniegtas", "delivered"),
    ("pieņemtas", "accepted"),
    ("aizstātas ar jaunākām", "superseded by newer ones"),
    ("gaida labojumu", "wait to be corrected"),
)
_INTRO = (
    "Šīs rindas nav pieņemtas. Izlabojiet tās un iesniedziet jaunā piegādes mapē; pieņemtās rindas no jauna nav"
    " jāsūta.",
    "These rows were not accepted. Correct them and deliver them in a new folder; what was accepted need not be sent"
    " again.",
)
_KEYS = (
    "Ja labojat personas kodu, iestādes numuru, datumu vai stundas numuru, jaunās mapes delivery.yaml pie datu kopas"
    " rakstiet arī corrects: [{folder}] – citādi vecās rindas paliks šajā atskaitē.",
    "If you correct a personal code, a school number, a date or a lesson number, also write corrects: [{folder}] beside"
    " the dataset in the new folder's delivery.yaml; else the old rows stay in this report.",
)


@dataclass(frozen=True)
class Report:
    """What goes back: the delivery's name, counts by file, counts by rule, and the query of the lines.

    files: name, delivered, accepted, superseded, waiting. rules: file, column, wrong and do in Latvian, wrong and do in
    English, rule, rows. The query gives file, line, text_line, about, wrong_lv, do_lv, wrong_en, do_en, rule, place.
    """

    delivery: str
    files: Sequence[tuple[Any, ...]]
    rules: Sequence[tuple[Any, ...]]
    lines: str


def _intro(report: Report) -> list[str]:
    """Say what to do with the report; a folder that was refused as a whole holds no rows to correct."""
    folder = report.delivery.partition(".")[2]
    return [*_INTRO, *(text.format(folder=folder) for text in _KEYS if report.files)]


def harmless(text: str) -> str:
    """Return text on one line that no spreadsheet takes for a formula."""
    plain = re.sub(r"[\x00-\x1f\x7f]+", " ", text).strip()[:100]
    return f"'{plain}" if _RUNS.match(plain) else plain


def write(connection: duckdb.DuckDBPyConnection, folder: Path, report: Report) -> None:
    """Write both files of a report, each in one step."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, written in zip(NAMES, (_write_csv, _write_xlsx), strict=True):
        temporary = folder / f".{name}.part"
        written(connection, temporary, report)
        swap_in(temporary, folder / name)


def _above(report: Report) -> Iterable[tuple[Any, ...]]:
    """Yield what stands above the lines of the CSV, in their columns: what to do with the report, and the summary."""
    said = _intro(report)
    for latvian, english in zip(said[::2], said[1::2], strict=True):
        yield (_SAID, "", None, None, "", "", latvian, "", english, "", None)
    yield from _totals(report)


def _totals(report: Report) -> Iterable[tuple[Any, ...]]:
    """Yield the lines of the summary, in the columns of the lines."""
    for name, *counts in report.files:
        yield (_TOTAL, name, None, None, "", _counted(counts, 0), "", _counted(counts, 1), "", "", counts[-1])
    for name, about, *words, rule, rows in report.rules:
        yield (_TOTAL, name, None, None, about, *words, rule, rows)


def _counted(counts: Sequence[int], language: int) -> str:
    return ", ".join(f"{label[language]} {count:,}" for label, count in zip(_COUNTS, counts, strict=True))


def _write_csv(connection: duckdb.DuckDBPyConnection, out: Path, report: Report) -> None:
    """Write all lines as Excel in Latvia opens them by itself: semicolons, UTF-8 with a mark."""
    plain = out.with_name(f"{out.name}.plain")
    connection.execute(_TOTALS)
    connection.executemany(
        f"insert into report_total values ({', '.join('?' * 12)})", [(n, *row) for n, row in enumerate(_above(report))]
    )
    shown = ", ".join(f'{name} as "{label}"' for name, label, _ in _COLUMNS)
    names = ", ".join(name for name, _, _ in _COLUMNS)
    connection.execute(
        f"copy (select {shown} from (select 0 as block, place, {names} from report_total union all"
        f" select 1, place, {literal(_LINE)}, file, line, text_line, about, wrong_lv, do_lv, wrong_en, do_en, rule,"
        f" null"
        f" from ({report.lines}) as told) as every order by block, case when block = 1 then file end, place)"
        f" to '{quoted(plain)}' (format csv, header, delimiter ';')"
    )
    with plain.open("rb") as source, out.open("wb") as target:
        target.write("\ufeff".encode())
        shutil.copyfileobj(source, target)
    plain.unlink()


_TOTALS = """
    create or replace temp table report_total (place bigint, part varchar, file varchar, line bigint, text_line bigint,
        about varchar, wrong_lv varchar, do_lv varchar, wrong_en varchar, do_en varchar, rule varchar, rows bigint)
"""


def _write_xlsx(connection: duckdb.DuckDBPyConnection, out: Path, report: Report) -> None:
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(out), options) as book:
        book.set_properties({"title": "pumpurs", "created": _MADE})
        sheets = _Sheets(book)
        sheets.summary(report)
        sheets.lines(_first_lines(connection, report), report)


def _first_lines(connection: duckdb.DuckDBPyConnection, report: Report) -> list[tuple[Any, ...]]:
    return connection.execute(
        "select file, line, text_line, about, wrong_lv, do_lv, wrong_en, do_en, rule from (select *, row_number() over"
        f" (partition by file, rule order by place) as nth from ({report.lines}) as told) as ranked"
        f" where nth <= {MOST_LINES} order by file, place"
    ).fetchall()


class _Sheets:
    """The two sheets of a workbook: what there is, and line by line."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.head = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "border": 1, "bg_color": "#E7E6E6"}
        )
        self.cell = book.add_format({"text_wrap": True, "valign": "top", "border": 1})

    def summary(self, report: Report) -> None:
        """Write how many rows wait: by file, by rule."""
        sheet = self._sheet("kopsavilkums", [width for name, _, width in _COLUMNS if name in _OF_RULE])
        sheet.write_string(0, 0, harmless(f"Piegāde / delivery: {report.delivery}"), self.title)
        for row, text in enumerate(_intro(report), 1):
            sheet.write_string(row, 0, text)
        for row, (name, *counts) in enumerate(report.files, len(_intro(report)) + 2):
            for column, text in enumerate((name, _counted(counts, 0), None, None, _counted(counts, 1))):
                sheet.write_string(row, column, text or "")
        top = len(_intro(report)) + len(report.files) + 3
        shown = [column for column in _COLUMNS if column[0] in _OF_RULE]
        self._row(sheet, top, [label for _, label, _ in shown], shown, self.head)
        for row, (file, about, *words, _, rows) in enumerate(report.rules, top + 1):
            self._row(sheet, row, (file, about, *words, rows), shown)

    def lines(self, rows: Sequence[tuple[Any, ...]], report: Report) -> None:
        """Write the lines, and how many more there are than a sheet should hold."""
        shown = [column for column in _COLUMNS if column[0] not in ("part", "rows")]
        sheet = self._sheet("rindas", [width for _, _, width in shown])
        self._row(sheet, 0, [label for _, label, _ in shown], shown, self.head)
        for place, row in enumerate(rows, 1):
            self._row(sheet, place, row, shown)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(len(rows), 1), len(shown) - 1)
        sheet.repeat_rows(0)
        for place, text in enumerate(_left_out(report), len(rows) + 2):
            sheet.write_string(place, 0, text)

    def _sheet(self, name: str, widths: Iterable[int]) -> Any:
        sheet = self.book.add_worksheet(name)
        for place, width in enumerate(widths):
            sheet.set_column(place, place, width)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.set_margins(0.4, 0.4, 0.5, 0.5)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&C&P / &N")
        return sheet

    def _row(self, sheet: Any, place: int, cells: Sequence[Any], columns: Sequence[Any], form: Any = None) -> None:
        """Write a row as high as its longest text needs; not every program makes it so by itself."""
        needed = [ceil(1.15 * len(str(cell or "")) / width) for cell, (_, _, width) in zip(cells, columns, strict=True)]
        sheet.set_row(place, 15 * max(needed))
        for column, cell in enumerate(cells):
            if isinstance(cell, int):
                sheet.write_number(place, column, cell, form or self.cell)
            else:
                sheet.write_string(place, column, cell or "", form or self.cell)


_OF_RULE = ("file", "about", "wrong_lv", "do_lv", "wrong_en", "do_en", "rows")


def _left_out(report: Report) -> Iterable[str]:
    """Say by file and rule how many more lines the CSV has."""
    for file, _, wrong_lv, _, wrong_en, _, _, rows in report.rules:
        if rows and rows > MOST_LINES:
            more = f"{rows - MOST_LINES:,}".replace(",", " ")
            told = f"vēl {more} rindas failā report.csv / {more} more rows in report.csv"
            yield f"{file}: {wrong_lv} / {wrong_en}: {told}"
