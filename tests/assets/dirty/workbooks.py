"""Workbooks and Parquet: cells with types, formulas, sheets, archives that were made to harm, files cut short."""

import io
import zipfile
from collections.abc import Callable
from datetime import datetime
from typing import Any

import polars as pl
import xlsxwriter

from tests.assets.dirty.kind import HEADER, Kind, Spot, accepted, refused, waits

UNREADABLE = "not a readable XLSX workbook"
Fill = Callable[[Any, Any, Spot], None]


def row_of(page: Any, place: int, values: list[Any], day: Any = None) -> None:
    for column, value in enumerate(values):
        if isinstance(value, datetime):
            page.write_datetime(place, column, value, day)
        elif value is not None:
            page.write(place, column, value)


def book(fill: Fill) -> Callable[[Spot], dict[str, bytes]]:
    """Make a workbook whose sheet `dati` has a header and a good row; `fill` adds the rest from row 2 on."""

    def made(spot: Spot) -> dict[str, bytes]:
        out = io.BytesIO()
        with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
            page = workbook.add_worksheet("dati")
            row_of(page, 0, HEADER.split(","))
            row_of(page, 1, list(spot.row(1).values()))
            fill(workbook, page, spot)
        return {"attendance.xlsx": out.getvalue()}

    return made


def plain(workbook: Any, page: Any, spot: Spot) -> None:
    row_of(page, 2, list(spot.row(2).values()))


def changed(change: Callable[[dict[str, bytes]], dict[str, bytes]], stored: bool = False) -> Any:
    """Make a plain workbook and change the parts of its archive."""

    def made(spot: Spot) -> dict[str, bytes]:
        with zipfile.ZipFile(io.BytesIO(book(plain)(spot)["attendance.xlsx"])) as archive:
            parts = change({name: archive.read(name) for name in archive.namelist()})
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as archive:
            for name, content in parts.items():
                archive.writestr(name, content)
        return {"attendance.xlsx": out.getvalue()}

    return made


def typed(workbook: Any, page: Any, spot: Spot) -> None:
    day = workbook.add_format({"num_format": "dd.mm.yyyy"})
    values = spot.row(2, person_code=32000000002, school_reg_no=4112900001.0, lesson_no=3.0)
    row_of(page, 2, list((values | {"lesson_date": datetime.fromisoformat(spot.day)}).values()), day)


def with_cell(**cells: Any) -> Fill:
    return lambda workbook, page, spot: row_of(page, 2, list(spot.row(2, **cells).values()))


def formula(result: Any) -> Fill:
    def fill(workbook: Any, page: Any, spot: Spot) -> None:
        plain(workbook, page, spot)
        page.write_formula(2, 5, '="n"', None, result)

    return fill


def titled(workbook: Any, page: Any, spot: Spot) -> None:
    other = workbook.add_worksheet("cits")
    row_of(other, 0, ["nekas"])
    page.set_row(0, 30)


def with_title(merged: bool) -> Callable[[Spot], dict[str, bytes]]:
    def made(spot: Spot) -> dict[str, bytes]:
        out = io.BytesIO()
        with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
            page = workbook.add_worksheet("dati")
            page.merge_range(0, 0, 0, 6, "Kavējumu pārskats") if merged else page.write(0, 0, "Kavējumu pārskats")
            for place, values in enumerate((HEADER.split(","), *(list(spot.row(n).values()) for n in (1, 2))), 2):
                row_of(page, place, list(values))
        return {"attendance.xlsx": out.getvalue()}

    return made


def merged_header(spot: Spot) -> dict[str, bytes]:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
        page = workbook.add_worksheet("dati")
        row_of(page, 0, HEADER.split(","))
        page.merge_range(0, 6, 0, 7, "excused_on")
        for place in (1, 2):
            row_of(page, place, [*list(spot.row(place).values())[:6], spot.day, "ārsta zīme"])
    return {"attendance.xlsx": out.getvalue()}


def hidden_first(spot: Spot) -> dict[str, bytes]:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
        hidden, page = workbook.add_worksheet("vecie"), workbook.add_worksheet("Lapa1")
        for sheet, numbers in ((hidden, (3, 4, 5)), (page, (1, 2))):
            row_of(sheet, 0, HEADER.split(","))
            for place, number in enumerate(numbers, 1):
                row_of(sheet, place, list(spot.row(number).values()))
        hidden.hide()
        page.activate()
        page.set_first_sheet()
    return {"attendance.xlsx": out.getvalue()}


def renamed(old: str, new: str) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    return lambda parts: {new if name == old else name: content for name, content in parts.items()}


def added(name: str, content: bytes) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    return lambda parts: parts | {name: content}


def far_cell(parts: dict[str, bytes]) -> dict[str, bytes]:
    sheet = "xl/worksheets/sheet1.xml"
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    return parts | {sheet: parts[sheet].replace(b"</sheetData>", far)}


def parquet(change: Callable[[bytes], bytes] = bytes, **more: Any) -> Callable[[Spot], dict[str, bytes]]:
    def made(spot: Spot) -> dict[str, bytes]:
        out = io.BytesIO()
        pl.DataFrame([spot.row(1), spot.row(2)]).with_columns(**more).write_parquet(out)
        return {"attendance.parquet": change(out.getvalue())}

    return made


def damaged(content: bytes) -> bytes:
    return content[:4] + b"\xff" * 300 + content[304:]


SWELLING = b"<x>" + b" " * (120 << 20) + b"</x>"
LOCKED = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(2000)
KINDS = [
    Kind("xlsx", "XLSX darba grāmata", "an XLSX workbook", book(plain), accepted()),
    Kind("xlsx-typed", "XLSX šūnas ar tipiem", "cells with types", book(typed), accepted()),
    Kind("xlsx-serial", "datums kā skaitlis bez formāta", "a day as a number without a format",
         book(with_cell(lesson_date=45537)), waits(1, lesson_date_type=1), do="date-cells"),
    Kind("xlsx-zero-lost", "šūna atmetusi sākuma nulli", "a cell that took the leading zero",
         book(with_cell(person_code=1020312349)), waits(1, person_code_form=1), do="text-cells"),
    Kind("xlsx-title", "virsraksts virs galvenes", "title rows above the header",
         with_title(False), accepted(2, "1 row(s) above the header were left out")),
    Kind("xlsx-title-merged", "sapludināts virsraksts virs galvenes", "a merged title above the header",
         with_title(True), accepted(2, "1 row(s) above the header were left out")),
    Kind("xlsx-header-merged", "sapludinātas galvenes šūnas", "merged cells in the header",
         merged_header, accepted(2, "2 value(s) under no header were left out, at place 8")),
    Kind("xlsx-formula", "formula ar saglabātu rezultātu", "a formula with its result", book(formula("n")), accepted()),
    Kind("xlsx-formula-empty", "formula bez saglabāta rezultāta", "a formula without its result",
         book(formula("")), waits(1, formula_without_result=1), do="values"),
    Kind("xlsx-error", "Excel kļūda šūnā", "an error of Excel in a cell", book(formula("#N/A")), waits(1,
         cell_error=1), do="values"),
    Kind("xlsx-sheets", "vairākas lapas", "more sheets than one", book(lambda w, p, s: (plain(w, p, s), titled(w, p,
         s))[0]),
         accepted(2, "1 more sheet(s) were not read")),
    Kind("xlsx-hidden", "paslēpta lapa", "a hidden sheet", hidden_first, accepted(2, "1 more sheet(s) were not read")),
    Kind("xlsx-blank-rows", "tukšas rindas", "blank rows",
         book(lambda w, p, s: row_of(p, 9, list(s.row(2).values()))), accepted()),
    Kind("xlsx-password", "darba grāmata ar paroli", "a workbook with a password",
         lambda s: {"attendance.xlsx": LOCKED},
         refused(UNREADABLE), do="resave"),
    Kind("xlsx-cut", "darba grāmata pārrauta vidū", "a workbook cut in half",
         lambda s: {"attendance.xlsx": book(plain)(s)["attendance.xlsx"][:3000]}, refused(UNREADABLE), do="whole"),
    Kind("xlsx-not", "cits fails ar nosaukumu .xlsx", "another file called .xlsx",
         lambda s: {"attendance.xlsx": s.table().encode()},
         refused(UNREADABLE), do="resave"),
    Kind("xlsx-bomb", "bumba darba grāmatā", "a bomb in a workbook",
         changed(added("xl/worksheets/sheet2.xml", SWELLING)), refused("unpacks to more than 200 times"), do="resave"),
    Kind("xlsx-far-cell", "šūna lapas malā", "a cell at the far end of the sheet", changed(far_cell),
         refused("spans more than"), do="far"),
    Kind("xlsx-path", "ceļš ārpus arhīva", "a path that leads out of the archive",
         changed(added("../../../etc/passwd", b"x")), refused("leads out of the workbook"), do="resave"),
    Kind("xlsx-path-root", "absolūts ceļš arhīvā", "an absolute path in the archive",
         changed(renamed("xl/styles.xml", "/xl/styles.xml")), refused("leads out of the workbook"), do="resave"),
    Kind("parquet", "Parquet fails", "a Parquet file", parquet(), accepted()),
    Kind("parquet-types", "Parquet ar citiem tipiem", "Parquet of other types",
         parquet(school_reg_no=pl.lit(4112900001.0), lesson_no=pl.lit(3.0)), accepted()),
    Kind("parquet-float", "skolas numurs īsā decimālskaitlī", "a school number in a short float",
         parquet(school_reg_no=pl.lit(4112900001.0).cast(pl.Float32)), waits(0, school_reg_no_form=2)),
    Kind("parquet-decimal", "skolas numurs decimālskaitlī", "a school number as an exact decimal",
         parquet(school_reg_no=pl.lit(4112900001).cast(pl.Decimal(20, 2))), accepted()),
    Kind("parquet-twice", "divas kolonnas, kas atšķiras tikai ar lielo burtu", "two columns that differ in case alone",
         parquet(Code=pl.lit("ns")), refused("column code stands twice", 2), do="columns"),
    Kind("parquet-cut", "Parquet pārrauts vidū", "Parquet cut in half",
         parquet(lambda c: c[: len(c) // 2]), refused("not a complete Parquet file"), do="whole"),
    Kind("parquet-damaged", "bojāta Parquet lappuse", "a damaged page in Parquet", parquet(damaged),
         refused("damaged", 2), do="whole"),
]  # fmt: skip
