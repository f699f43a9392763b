"""Five weeks of lessons for the small country: school days, a full roll, what the measures make of it."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from tests.assets.kit import SCHOOL, Country, Rows, absence

AS_OF = date(2024, 10, 7)
FIRST = date(2024, 9, 2)
DAYS = [FIRST + timedelta(n) for n in range(33) if n % 7 < 5]
LESSONS = range(1, 6)
ROLL = {"attendance": {"shape": "roll"}}


def school_days(days: Iterable[date], school_year: str = "2024/2025", semester: int = 1) -> Rows:
    row = {"school_year": school_year, "grade_from": 1, "grade_to": 12, "semester": semester, "kind": "school_day"}
    return [row | {"date": f"{day}"} for day in days]


def roll(
    pupil: int, days: Iterable[date] = DAYS, missed: Mapping[date, int] | None = None, code: str = "n", **more: Any
) -> Rows:
    """Tell five lessons of each day, present unless among the first `missed` lessons of that day."""
    absent = missed or {}
    return [
        absence(pupil, f"{day}", lesson, code if lesson <= absent.get(day, 0) else None, **more)
        for day in days
        for lesson in LESSONS
    ]


def deliver_calendar(country: Country, *more: dict[str, Any]) -> None:
    """Deliver the school days of autumn, and of the spring that follows."""
    spring = [date(2025, 1, 6) + timedelta(n) for n in range(26) if n % 7 < 5]
    rows = school_days(DAYS) + school_days([date(2024, 12, 20)]) + school_days(spring, semester=2)
    country.deliver("calendar", {"calendar_day": [*rows, *more]}, on="2024-09-01")


def deliver_roll(country: Country, *rolls: Rows, name: str = "roll", **said: Any) -> None:
    rows = [row for told in rolls for row in told]
    country.deliver(name, {"attendance": rows}, **({"on": "2024-10-06", "notes": ROLL} | said))


def measure(country: Country, pupil: int, columns: str, as_of: date = AS_OF) -> tuple[Any, ...] | None:
    """Return measures of a pupil on a day; None for a pupil of whom there are none."""
    rows = country.query(
        f"select {columns} from risk.pupil_week_measure where pupil_key = $key and as_of = $day",
        key=country.key(pupil),
        day=as_of,
    )
    assert len(rows) <= 1
    return rows[0] if rows else None


def raised(country: Country, pupil: int, as_of: date = AS_OF) -> set[str]:
    """Name the raised indicators of a pupil on a day."""
    rows = country.query(
        "select indicator from risk.pupil_week_indicator where is_raised and pupil_key = $key and as_of = $day",
        key=country.key(pupil),
        day=as_of,
    )
    return {row[0] for row in rows}


def enrolled(country: Country, as_of: date = AS_OF, school: str = SCHOOL) -> int:
    rows = country.query(
        "select count(*) from risk.pupil_week_cohort where as_of = $day and school_reg_no = $school",
        day=as_of,
        school=school,
    )
    return rows[0][0]
