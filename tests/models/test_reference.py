"""Facts: municipalities before and after the merger, the calendar of both school years."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from models.reference.calendar import YEARS, calendar_days
from models.reference.municipality import municipalities, units
from models.synthetic.year_days import school_days


def test_the_year_has_175_weekdays_of_which_five_are_holidays() -> None:
    common = calendar_days(YEARS[1]).filter(pl.col("grade_to") == 13)
    assert (common["kind"] == "school_day").sum() == 175 - 5


def test_grades_9_and_12_go_on_into_june() -> None:
    june = calendar_days(YEARS[1]).filter(pl.col("date") > date(2026, 5, 29))
    ends = dict(june.group_by("grade_from").agg(pl.col("date").max()).iter_rows())
    assert ends == {9: date(2026, 6, 12), 12: date(2026, 6, 19)}


@pytest.mark.parametrize("year", YEARS, ids=lambda year: year.label)
def test_every_weekday_has_one_kind_and_semester(year) -> None:
    days = calendar_days(year)
    assert days.select("date", "grade_from").is_unique().all()
    assert set(days["kind"]) == {"school_day", "break", "holiday"}
    assert days.filter(pl.col("date") < date(year.last.year, 1, 1))["semester"].unique().to_list() == [1]


def test_there_are_43_municipalities_before_the_merger_and_42_after() -> None:
    assert [len(units(day)) for day in (date(2025, 6, 30), date(2025, 7, 1))] == [43, 42]
    gone = municipalities().filter(pl.col("successor_atvk").is_not_null())
    assert set(gone["name_lv"]) == {"Madonas novads", "Varakļānu novads"}
    assert set(gone["successor_atvk"]) <= set(units(date(2025, 7, 1))["atvk_code"])


def test_school_days_are_ascending_weekdays() -> None:
    for year in YEARS:
        days = school_days(year)
        assert (np.diff(days).astype(int) > 0).all()
        assert ((days.astype(int) + 3) % 7 < 5).all()
