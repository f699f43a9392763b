"""The school calendar of Latvia: semesters, breaks, public holidays, the longer years of grades 9 and 12.

Dates: Cabinet regulation No. 698 of 5 December 2023 for 2024/2025 and the regulation of 17 December 2024 for 2025/2026.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

LOWEST_GRADE, HIGHEST_GRADE = 1, 13
SCHEMA = {
    "school_year": pl.String,
    "date": pl.Date,
    "grade_from": pl.Int32,
    "school_reg_no": pl.String,
    "grade_to": pl.Int32,
    "semester": pl.Int32,
    "kind": pl.String,
}


@dataclass(frozen=True)
class SchoolYear:
    """One school year; `breaks` hold first and last day, `last_of_grade` the grades that end later than `last`."""

    label: str
    first: date
    first_semester_last: date
    second_semester_first: date
    last: date
    last_of_grade: tuple[tuple[int, date], ...]
    breaks: tuple[tuple[date, date], ...]
    holidays: tuple[date, ...]

    @property
    def very_last(self) -> date:
        """Last school day of any grade."""
        return max(self.last, *(day for _, day in self.last_of_grade))

    def last_day(self, grade: int) -> date:
        """Last school day of a grade."""
        return dict(self.last_of_grade).get(grade, self.last)

    def semester(self, day: date) -> int:
        """Semester of a day; the break between the semesters counts to the first."""
        return 1 if day < self.second_semester_first else 2

    def kind(self, day: date) -> str:
        """Say whether a weekday is a school_day, a break or a public holiday."""
        if day in self.holidays:
            return "holiday"
        return "break" if any(first <= day <= last for first, last in self.breaks) else "school_day"


YEARS = (
    SchoolYear(
        label="2024/2025",
        first=date(2024, 9, 2),
        first_semester_last=date(2024, 12, 20),
        second_semester_first=date(2025, 1, 6),
        last=date(2025, 5, 30),
        last_of_grade=((9, date(2025, 6, 13)), (12, date(2025, 6, 20))),
        breaks=(
            (date(2024, 10, 21), date(2024, 10, 25)),
            (date(2024, 12, 23), date(2025, 1, 3)),
            (date(2025, 3, 10), date(2025, 3, 14)),
        ),
        holidays=(
            date(2024, 11, 18),
            date(2024, 12, 24),
            date(2024, 12, 25),
            date(2024, 12, 26),
            date(2024, 12, 31),
            date(2025, 1, 1),
            date(2025, 4, 18),
            date(2025, 4, 21),
            date(2025, 5, 1),
            date(2025, 5, 5),  # 4 May is a Sunday
        ),
    ),
    SchoolYear(
        label="2025/2026",
        first=date(2025, 9, 1),
        first_semester_last=date(2025, 12, 19),
        second_semester_first=date(2026, 1, 5),
        last=date(2026, 5, 29),
        last_of_grade=((9, date(2026, 6, 12)), (12, date(2026, 6, 19))),
        breaks=(
            (date(2025, 10, 20), date(2025, 10, 24)),
            (date(2025, 12, 22), date(2026, 1, 2)),
            (date(2026, 3, 9), date(2026, 3, 13)),
        ),
        holidays=(
            date(2025, 11, 18),
            date(2025, 12, 24),
            date(2025, 12, 25),
            date(2025, 12, 26),
            date(2025, 12, 31),
            date(2026, 1, 1),
            date(2026, 4, 3),
            date(2026, 4, 6),
            date(2026, 5, 1),
            date(2026, 5, 4),
        ),
    ),
)


def weekdays(first: date, last: date) -> Iterator[date]:
    """Yield Mondays to Fridays from first to last."""
    days = (first + timedelta(n) for n in range((last - first).days + 1))
    return (day for day in days if day.weekday() < 5)


def _grade_ranges(year: SchoolYear, day: date) -> list[tuple[int, int]]:
    if day <= year.last:
        return [(LOWEST_GRADE, HIGHEST_GRADE)]
    return [(grade, grade) for grade, last in year.last_of_grade if day <= last]


def calendar_days(year: SchoolYear) -> pl.DataFrame:
    """Return one row per weekday and grade range of a school year, valid for all schools."""
    rows = [
        (year.label, day, low, None, high, year.semester(day), year.kind(day))
        for day in weekdays(year.first, year.very_last)
        for low, high in _grade_ranges(year, day)
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")
