"""On the edge: thresholds met exactly, the first and last day of a semester, a move, a leaver, the as-of day itself."""

from datetime import date, timedelta
from typing import Any

import pytest

from assets.stand import Days
from tests.assets.as_of import stand
from tests.assets.kit import OTHER_SCHOOL, SCHOOL, Country, Rows, absence, enrolment, mark
from tests.golden.lessons import (
    AS_OF,
    DAYS,
    FIRST,
    ROLL,
    deliver_calendar,
    deliver_roll,
    measure,
    raised,
    roll,
    school_days,
)

SEMESTER_ENDS, SATURDAY, SEMESTER_BEGINS = date(2024, 12, 20), date(2024, 12, 21), date(2025, 1, 6)


@pytest.fixture
def world(country: Country) -> Country:
    """Give the small country with its calendar."""
    deliver_calendar(country)
    return country


def on(world: Country, as_of: date, pupil: int, columns: str) -> tuple[Any, ...] | None:
    """Stand on a day; return measures of a pupil."""
    stand(world, Days(as_of, date(2025, 12, 31)))
    return measure(world, pupil, columns, as_of)


def of_each(world: Country, pupils: range, columns: str) -> list[tuple[Any, ...] | None]:
    """Stand on the usual day; return measures of some pupils."""
    world.take_in()
    stand(world, Days(AS_OF, date(2025, 12, 31)))
    return [measure(world, number, columns) for number in pupils]


def missing(pupil: int, lessons: int, code: str = "n", days: list[date] = DAYS) -> Rows:
    """Return a roll in which a pupil misses the first lessons told of, five a day."""
    return roll(pupil, days, {day: min(5, max(0, lessons - 5 * n)) for n, day in enumerate(days)}, code)


def test_a_tenth_of_the_lessons_is_chronic_absence_and_less_is_not(world: Country):
    of_120, of_110 = DAYS[:24], DAYS[:22]
    deliver_roll(
        world,
        missing(1, 12, "ns", of_120),
        missing(2, 11, "ns", of_120),
        missing(3, 12, "ns"),
        missing(4, 11, "ns", of_110),
    )
    rates = of_each(world, range(1, 5), "absence_rate_year")
    assert rates == [(12 / 120,), (11 / 120,), (12 / 125,), (11 / 110,)]
    assert [n for n in range(1, 5) if "chronic_absence" in raised(world, n)] == [1, 4]


def test_the_law_speaks_of_more_than_twenty_lessons(world: Country):
    excused, late, still_open = (absence(n, f"{DAYS[4]}", 1, code) for n, code in ((3, "ns"), (4, "k"), (5, "nx")))
    whole = [missing(1, 20), missing(2, 21), missing(3, 21), missing(4, 21), missing(5, 21)]
    deliver_roll(world, *whole)
    world.deliver("corrections", {"attendance": [excused, late, still_open]}, on="2024-10-06T12:00:00", notes=ROLL)
    counted = of_each(world, range(1, 6), "unexcused_lessons_semester")
    assert counted == [(20,), (21,), (20,), (20,), (21,)]
    assert [n for n in range(1, 6) if "unexcused_over_20" in raised(world, n)] == [2, 5]
    assert "unexcused_15" in raised(world, 1)


def marks(pupil: int, texts: list[str], day: date = DAYS[0]) -> Rows:
    return [mark(pupil, text, n, mark_date=f"{day}") for n, text in enumerate(texts, 1)]


def test_a_mean_of_four_is_not_below_four_and_3_99_is(world: Country):
    of_hundred = marks(2, ["4"] * 50) + marks(2, ["4"] * 49 + ["3"], DAYS[1])
    given = marks(1, ["3", "4", "5"]) + of_hundred + marks(3, ["4"] * 50) + marks(4, ["4", "3"])
    world.deliver("marks", {"mark": given}, on="2024-10-06")
    means = of_each(world, range(1, 5), "mark_mean_semester, subjects_below_4")
    assert means == [(4.0, 0), (3.99, 1), (4.0, 0), (3.5, None)]
    assert [n for n in (1, 2, 3, 4) if "subjects_below_4" in raised(world, n)] == [2]


def test_a_semester_ends_where_the_next_begins(world: Country):
    """The last day of semester 1 and a Saturday after it are semester 1's; the first day of semester 2 is its own."""
    last, between, first = SEMESTER_ENDS, SATURDAY, SEMESTER_BEGINS
    deliver_roll(world, missing(1, 3, days=[last]), missing(1, 1, days=[between]), missing(1, 2, days=[first]))
    given = marks(1, ["2", "2"], last) + marks(1, ["2"], between) + marks(1, ["3"] * 3, first)
    world.deliver("marks", {"mark": given}, on="2025-01-07")
    world.take_in()
    columns = "unexcused_lessons_semester, subjects_below_4, mark_mean_semester"
    day = timedelta(days=1)
    assert on(world, last, 1, columns) == (None, None, None)
    assert on(world, between, 1, columns) == (3, None, 2)
    assert on(world, between + day, 1, columns) == (4, 1, 2)
    assert on(world, first - day, 1, columns) == (4, 1, 2)
    assert on(world, first, 1, columns) == (None, None, None)
    assert on(world, first + day, 1, columns) == (2, 1, 3)


def held(school: str, label: str, lessons: int) -> Rows:
    """Return a class register: so many lessons on each of the days."""
    about = {"school_reg_no": school, "group_label": label, "subject_code": "MAT", "is_held": True}
    return [about | {"lesson_date": f"{day}", "lesson_no": n} for day in DAYS for n in range(1, lessons + 1)]


def test_who_moves_on_an_as_of_monday_is_in_the_new_school_with_the_lessons_of_the_old(world: Country):
    """From its first day on the new school's lessons are held for the pupil; the old school's no longer are."""
    monday = date(2024, 9, 30)
    left = enrolment(1, class_label="8a", exit_date=f"{monday}")
    came = enrolment(1, OTHER_SCHOOL, class_label="8b", entry_date=f"{monday}", exit_date=None)
    world.deliver("move", {"enrolment": [left, came]}, on="2024-09-30")
    world.deliver("held", {"lesson": held(SCHOOL, "8a", 5) + held(OTHER_SCHOOL, "8b", 4)}, on="2024-10-06")
    world.take_in()
    columns = "school_reg_no, lessons_held_4w, lessons_held_year, school_changes_year, data_to"
    friday = date(2024, 9, 27)
    assert on(world, monday - timedelta(days=1), 1, columns) == (SCHOOL, 100, 100, 0, friday)
    assert on(world, monday, 1, columns) == (OTHER_SCHOOL, 100, 100, 1, friday)
    assert on(world, monday + timedelta(days=1), 1, columns) == (OTHER_SCHOOL, 99, 104, 1, monday)
    assert on(world, AS_OF, 1, columns) == (OTHER_SCHOOL, 95, 120, 1, date(2024, 10, 4))


def test_on_the_exit_date_a_leaver_no_longer_belongs(world: Country):
    """The day before still counts the pupil, with all lessons until then; nobody else goes."""
    leaving = enrolment(1, class_label="8a", exit_date=f"{AS_OF}", exit_status="atskaitīts")
    world.deliver("leaves", {"enrolment": [leaving], "lesson": held(SCHOOL, "8a", 5)}, on="2024-10-06")
    world.take_in()
    assert on(world, AS_OF - timedelta(days=1), 1, "lessons_held_year") == (125,)
    assert on(world, AS_OF, 1, "lessons_held_year") is None
    assert on(world, AS_OF, 2, "school_changes_year") == (0,)


def test_the_as_of_days_own_lessons_and_marks_are_not_used(world: Country):
    days = [*DAYS, AS_OF]
    deliver_roll(world, roll(1, days, {AS_OF: 5}), on="2024-10-07T16:00:00")
    world.deliver("marks", {"mark": marks(1, ["7"] * 3, FIRST) + marks(1, ["1"] * 9, AS_OF)}, on="2024-10-07T16:00:00")
    world.deliver("days", {"calendar_day": school_days([AS_OF])}, on="2024-09-01")
    world.take_in()
    columns = "lessons_held_year, unexcused_lessons_semester, mark_mean_semester, subjects_below_4, data_to"
    assert on(world, AS_OF, 1, columns) == (125, 0, 7, 0, DAYS[-1])
    assert on(world, AS_OF + timedelta(days=1), 1, columns) == (130, 5, 2.5, 1, AS_OF)
