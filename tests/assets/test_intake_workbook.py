"""Workbooks: text and typed cells, errors of Excel, blank rows, more sheets than one."""

import io
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from data_contracts.contract import load
from tests.assets.kit import SCHOOL, Country, absence, code_of, institution

DAY = datetime(2024, 9, 2)


def workbook(rows: list[dict[str, Any]], sheet: str = "dati", top: int = 0, **more: list[dict[str, Any]]) -> bytes:
    """Write sheets of typed cells: numbers as numbers, days as days, `=…` as a formula with an error as its result."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        day = book.add_format({"num_format": "dd.mm.yyyy"})
        for name, listed in {sheet: rows, **more}.items():
            page = book.add_worksheet(name)
            for column, header in enumerate(listed[0]):
                page.write_string(top, column, header)
                for place, row in enumerate(listed, top + 1):
                    value = row[header]
                    if isinstance(value, date):
                        page.write_datetime(place, column, value, day)
                    elif isinstance(value, str) and value.startswith("="):
                        page.write_formula(place, column, value, None, "#N/A")
                    elif value is not None:
                        page.write(place, column, value)
    return out.getvalue()


def test_typed_cells_are_read_as_they_were_meant(country: Country):
    typed = absence(
        person_code=32000000001, school_reg_no=float(SCHOOL), lesson_date=DAY, lesson_no=3.0, excused_on=DAY
    )
    country.deliver("a", {"attendance.xlsx": workbook([typed, absence(2)])})
    country.take_in("attendance")
    assert country.counts("viis.a", "attendance") == (2, 2, 0, 0)
    assert country.rows("school_reg_no, lesson_date, lesson_no, code, excused_on", "attendance") == [
        (SCHOOL, date(2024, 9, 2), 1, "n", None),
        (SCHOOL, date(2024, 9, 2), 3, "n", date(2024, 9, 2)),
    ]
    assert country.ledger("viis.a", "attendance")["detected"] == "xlsx"


def test_what_a_number_cell_lost_is_not_guessed(country: Country):
    rows = [
        absence(person_code=1020312345),
        absence(2, school_reg_no=412900001),
        absence(3, lesson_date=45537),
        absence(4, lesson_no=3.7),
        absence(5),
    ]
    country.deliver("a", {"attendance.xlsx": workbook(rows)})
    country.take_in("attendance")
    assert country.counts("viis.a", "attendance") == (5, 1, 4, 0)
    broken = {"person_code_form": 1, "school_reg_no_form": 1, "lesson_date_type": 1, "lesson_no_type": 1}
    assert country.waiting() == broken


def test_an_error_of_excel_is_no_empty_cell(country: Country):
    rows = [absence(), absence(2, code="=na()"), dict.fromkeys(absence()) | {"code": "=na()"}, absence(3)]
    country.deliver("a", {"attendance.xlsx": workbook(rows)})
    country.take_in("attendance")
    assert country.counts("viis.a", "attendance") == (4, 2, 2, 0)
    assert country.waiting() == {"cell_error": 2}
    assert [line["line"] for line in country.report("viis.a")] == ["3", "4"]


def test_an_error_in_a_column_nobody_asked_for_does_not_matter(country: Country):
    country.deliver("a", {"attendance.xlsx": workbook([absence() | {"piezīmes": "=na()"}])})
    country.take_in("attendance")
    assert country.counts("viis.a", "attendance") == (1, 1, 0, 0)


def test_blank_rows_are_no_records_and_do_not_shift_the_others(country: Country):
    blank = dict.fromkeys(absence())
    country.deliver("a", {"attendance.xlsx": workbook([absence(), blank, absence(2, lesson=99), blank, blank], top=2)})
    country.take_in("attendance")
    assert country.counts("viis.a", "attendance") == (2, 1, 1, 0)
    assert [line["line"] for line in country.report("viis.a")] == ["6"], "as Excel numbers the rows"


def test_the_sheet_dati_is_read_and_others_are_mentioned(country: Country):
    book = workbook([{"x": 1}], sheet="kopsavilkums", dati=[absence()], instrukcija=[{"x": 1}], mape=[{"x": 1}])
    country.deliver("a", {"attendance.xlsx": book})
    country.take_in("attendance")
    assert country.ledger("viis.a", "attendance")["note"] == "2 more sheet(s) were not read"
    assert country.counts("viis.a", "attendance") == (1, 1, 0, 0)


def test_without_a_sheet_dati_the_first_one_is_read(country: Country):
    country.deliver("a", {"attendance.xlsx": workbook([absence()], sheet="Lapa1")})
    country.take_in("attendance")
    assert country.counts("viis.a", "attendance") == (1, 1, 0, 0)


def test_a_workbook_that_lacks_a_column_is_refused_and_counted(country: Country):
    country.deliver("a", {"attendance.xlsx": workbook([{"person_code": code_of(1)}, {"person_code": code_of(2)}])})
    country.take_in("attendance")
    row = country.ledger("viis.a", "attendance")
    assert (row["status"], row["rows_delivered"]) == ("refused", 2)


def test_a_workbook_without_a_filled_cell_is_refused(country: Country):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet("dati")
    country.deliver("a", {"attendance.xlsx": out.getvalue()})
    country.take_in("attendance")
    assert "missing column(s)" in country.ledger("viis.a", "attendance")["note"]


def test_the_template_comes_back_filled_in(country: Country, tmp_path: Path):
    from pipelines.commands.template import write_template

    write_template(load("raw.institution"), tmp_path / "institution.xlsx")
    country.deliver("a", {"institution.xlsx": (tmp_path / "institution.xlsx").read_bytes()})
    country.take_in("institution")
    assert country.counts("viis.a", "institution") == (0, 0, 0, 0)
    country.deliver("b", {"institution.xlsx": workbook([institution("4112900009") | {"kind": "speciālā izglītība"}])})
    country.take_in("institution")
    assert ("special",) in country.rows("kind", "institution")
