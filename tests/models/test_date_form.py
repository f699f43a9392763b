from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.public_format.date_form import WrongForm, parse_form, read_days

FORMS = {
    "dd.mm.yyyy.": "%d.%m.%Y.", "dd.mm.yy.": "%d.%m.%y.", "dd/mm/yyyy": "%d/%m/%Y", "mm/dd/yyyy": "%m/%d/%Y",
    "yyyy-mm-dd": "%Y-%m-%d", "yyyymmdd": "%Y%m%d", "yyyy.mm.dd": "%Y.%m.%d", "dd-mm-yy": "%d-%m-%y",
}  # fmt: skip


def read(form: str, *texts: str | None, school_year: str = "") -> list[date | None]:
    frame = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    return frame.select(read_days(pl.col("text"), (parse_form(form, school_year),))).to_series().to_list()


@settings(derandomize=True, max_examples=40, deadline=None)
@given(day=st.dates(date(2000, 1, 1), date(2068, 12, 31)), form=st.sampled_from(sorted(FORMS)))
def test_a_date_written_in_a_form_is_read_back(day: date, form: str):
    assert read(form, day.strftime(FORMS[form])) == [day]


@settings(derandomize=True, max_examples=30, deadline=None)
@given(day=st.dates(date(2023, 8, 1), date(2024, 7, 31)))
def test_a_date_without_a_year_lies_in_the_school_year(day: date):
    assert read("dd.mm.", day.strftime("%d.%m."), school_year="2023/2024") == [day]


def test_iso_dates_are_understood_beside_any_form():
    assert read("dd.mm.yy", "2024-09-02", "2024-09-02 00:00:00", "2024-09-02T00:00", None) == [
        date(2024, 9, 2), date(2024, 9, 2), date(2024, 9, 2), None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["01.09.25", "1.9.", "31.02.2025", "2025-09-01 13:00:00", "01/09/2025", "x", "01.13.2025"]
)
def test_what_is_of_another_form_is_no_date(text: str):
    assert read("dd.mm.yyyy", text) == [None]


def test_single_digits_are_read_and_29_february_needs_its_year():
    assert read("dd.mm.yyyy", "1.9.2025") == [date(2025, 9, 1)]
    assert read("dd.mm.", "29.02.", "30.02.", school_year="2023/2024") == [date(2024, 2, 29), None]
    assert read("dd.mm.", "29.02.", school_year="2024/2025") == [None]


@pytest.mark.parametrize(
    ("form", "school_year", "message"),
    [
        ("d.m.y", "", "dd, mm and yyyy or yy once each"),
        ("dd.mm.yyyy hh", "", "dd, mm and yyyy or yy once each"),
        ("dd.dd.yyyy", "", "dd, mm and yyyy or yy once each"),
        ("mm.dd.yyyy", "", "with dots the day stands first"),
        ("dd.mm", "", "say the school year"),
        ("dd.mm", "2024/2026", "say the school year"),
    ],
)
def test_a_form_that_cannot_be_followed_says_why(form: str, school_year: str, message: str):
    with pytest.raises(WrongForm, match=message):
        parse_form(form, school_year)
