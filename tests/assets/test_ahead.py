"""A table that tells what became of pupils is, wherever a run stands, what its query makes of all days at once."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from assets.slices import built_slices
from data_contracts.contract import keys, load
from tests.assets.history import calendar
from tests.assets.kit import EVER, OTHER_SCHOOL, SCHOOL, Country, absence, enrolment
from tests.assets.test_slices import is_whole, stand
from tests.effort import effort

AHEAD = [key for key in keys("risk") if load(key).setting("looksAhead")]
MONDAY, HORIZON = date(2024, 9, 2), 84
STATUSES = ("", "atskaitīts", "mainījis skolu", "absolvējis")


def moved(said: random.Random, number: int) -> dict[str, Any]:
    """Tell of one enrolment: entered some day, left some day or none, for some reason or none."""
    entered = MONDAY + timedelta(days=said.choice((0, 0, 30, 90, 150)))
    left = said.choice((None, None, entered + timedelta(days=said.choice((0, 20, 60, 84, 85, 120)))))
    about = {"entry_date": str(entered), "exit_date": left and str(left), "exit_status": said.choice(STATUSES)}
    return enrolment(number, said.choice((SCHOOL, OTHER_SCHOOL))) | about


def histories(country: Country, seed: int, deliveries: int) -> Iterator[str]:
    """Bring enrolments one by one, standing before and after horizons end; tell where a table is not whole."""
    said = random.Random(seed)
    country.deliver("calendar", {"calendar_day": calendar()}, on="2024-09-01T09:00:00+03:00")
    lessons = [absence(n, str(MONDAY + timedelta(days=7 * week))) for n in (1, 2, 3) for week in range(12)]
    country.deliver("lessons", {"attendance": lessons}, on="2024-09-02T09:00:00+03:00")
    for number in range(deliveries):
        rows = {row["person_code"]: row for row in (moved(said, said.choice((1, 2, 3))) for _ in range(2))}
        country.deliver(
            f"d{number:02}", {"enrolment": list(rows.values())}, on=f"2025-01-{1 + number:02}T08:00:00+02:00"
        )
        country.take_in()
        for weeks in said.sample(range(1, 30), 2):
            as_of = MONDAY + timedelta(days=7 * weeks)
            stand(country, as_of, said.choice((EVER, date(2025, 1, 1 + number))))
            yield from (f"{key} after d{number:02} on {as_of}" for key in is_whole(country))


def test_any_moves_leave_what_became_of_pupils_as_if_made_at_once(country: Country):
    assert list(histories(country, 1, 4)) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 2 + effort(3, 12)))
def test_many_moves_leave_what_became_of_pupils_as_if_made_at_once(country: Country, seed: int):
    assert list(histories(country, seed, 8)) == []


def told(country: Country) -> dict[date, dict[str, str]]:
    with country.warehouse.connect() as connection:
        built = {key: built_slices(connection, key) for key in AHEAD}
    return {day: {key: built[key][day] for key in AHEAD} for day in built[AHEAD[0]]}


def changed(before: dict[date, Any], after: dict[date, Any]) -> set[date]:
    return {day for day in before.keys() & after.keys() if before[day] != after[day]}


def test_a_day_is_made_anew_when_its_horizon_is_over_and_not_again(country: Country):
    country.deliver("calendar", {"calendar_day": calendar(40)}, on="2024-09-01T09:00:00+03:00")
    country.deliver("lessons", {"attendance": [absence(1, str(MONDAY))], "enrolment": [enrolment(1)]})
    country.take_in()
    close = date(2024, 9, 30)
    before, over, after = (close + timedelta(days=HORIZON + more) for more in (-7, 0, 7))
    days = {}
    for as_of in (before, over, after):
        stand(country, as_of)
        days[as_of] = told(country)
    asked = "select value from risk.policy_parameter where parameter = 'outcome_horizon' and valid_to is null"
    assert country.query(asked) == [(HORIZON,)]
    assert changed(days[before], days[over]) == {close}
    assert close not in changed(days[over], days[after])


def test_who_leaves_after_the_horizon_changes_nothing_of_the_day(country: Country):
    country.deliver("calendar", {"calendar_day": calendar(40)}, on="2024-09-01T09:00:00+03:00")
    country.deliver("lessons", {"attendance": [absence(1, str(MONDAY))], "enrolment": [enrolment(1)]})
    country.take_in()
    close = date(2024, 9, 30)
    stand(country, date(2025, 3, 31))
    before = told(country)
    gone = {"exit_date": "2025-01-20", "exit_status": "atskaitīts"}
    country.deliver("exit", {"enrolment": [enrolment(1) | gone]}, on="2025-03-01")
    country.take_in()
    stand(country, date(2025, 3, 31))
    days = changed(before, told(country))
    assert close not in days
    assert date(2024, 11, 25) in days
    asked = "select as_of, left_early from risk.pupil_week_outcome where pupil_key = $key order by as_of"
    became = dict(country.query(asked, key=country.key(1)))
    assert (became[close], became[date(2024, 11, 25)]) == (False, True)
