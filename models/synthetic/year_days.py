"""School days of a year as an index, and which grade of which school has lessons on them."""

from datetime import date
from functools import cache

import numpy as np
import polars as pl

from models.reference.calendar import SCHEMA, SchoolYear, calendar_days, weekdays
from models.synthetic.streams import Booleans, Integers

FREE_WEEK_GRADE = 1
FREE_WEEKS_FROM = (2, 3)  # month and day from which schools choose grade 1's extra week off, in the second semester


@cache
def school_days(year: SchoolYear) -> np.ndarray:
    """Return the days on which at least one grade has lessons, ascending, as datetime64[D]."""
    days = [day for day in weekdays(year.first, year.very_last) if year.kind(day) == "school_day"]
    return np.array(days, dtype="datetime64[D]")


def index_of(year: SchoolYear, day: date) -> int:
    """Return the index of the first school day on or after a day."""
    return int(np.searchsorted(school_days(year), np.datetime64(day)))


def ends(year: SchoolYear, grade: Integers, vocational: Booleans) -> Integers:
    """Return for each pupil the index after the last school day; vocational schools keep to the common end."""
    after = np.array([len(school_days(year)) - int((school_days(year) > np.datetime64(year.last_day(g))).sum())
                      for g in range(14)])  # fmt: skip
    common = index_of(year, year.last) + 1
    return np.where(vocational, common, after[grade])


def _free_week(year: SchoolYear, choice: int) -> list[date]:
    monday = date(year.last.year, *FREE_WEEKS_FROM).toordinal()
    monday += (7 - date.fromordinal(monday).weekday()) % 7 + 7 * choice
    days = (date.fromordinal(monday + n) for n in range(5))
    return [day for day in days if year.kind(day) == "school_day"]


def _free_days(year: SchoolYear, kind: str, choice: int) -> list[tuple[int, date]]:
    """List (grade, day) on which a school differs from the common calendar."""
    if kind == "vocational":
        late = [day for day in weekdays(year.last, year.last_day(12)) if day > year.last]
        return [(12, day) for day in late]
    return [(FREE_WEEK_GRADE, day) for day in _free_week(year, choice)]


def own_calendar(year: SchoolYear, schools: pl.DataFrame) -> pl.DataFrame:
    """Return the schools' own calendar rows: grade 1's extra week, no June for vocational third years."""
    rows = [
        (year.label, day, grade, reg_no, grade, 2, "break")
        for reg_no, kind, choice in schools.select("school_reg_no", "kind", "free_week").iter_rows()
        for grade, day in _free_days(year, kind, choice)
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def calendar(year: SchoolYear, schools: pl.DataFrame) -> pl.DataFrame:
    """Return the year's calendar: the rows for all schools, then the schools' own."""
    own = own_calendar(year, schools)
    return pl.concat([calendar_days(year), own]).sort("date", "grade_from", "school_reg_no", nulls_last=False)


def open_days(year: SchoolYear, grade: Integers, vocational: Booleans, free_week: Integers) -> Booleans:
    """Say for each class and school day of the year whether the class has lessons, as (classes, days)."""
    days = school_days(year)
    is_open = np.arange(len(days)) < ends(year, grade, vocational)[:, None]
    first_grade = grade == FREE_WEEK_GRADE
    for choice in np.unique(free_week[first_grade]):
        free = np.isin(days, np.array(_free_week(year, int(choice)), dtype="datetime64[D]"))
        is_open &= ~((first_grade & (free_week == choice))[:, None] & free)
    return is_open
