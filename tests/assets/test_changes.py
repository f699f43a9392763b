"""Which delivered rows may have changed a pupil's entry on a list: net of what came back as it was."""

import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from assets.changes import Span, fresh_parts, touches
from assets.home import Home
from tests.assets.history import PUPILS, Weeks, key_of, registers, roll
from tests.assets.kit import OTHER_SCHOOL, SCHOOL, Country, absence, enrolment, institution, mark, municipality, pupil

MONDAY, NOW = date(2024, 9, 9), date(2024, 10, 1)
ROLL = {"mode": "delta", "shape": "roll"}


@pytest.fixture(scope="module")
def first_week(tmp_path_factory: pytest.TempPathFactory) -> Country:
    """Give the country that tests copy: a first week, taken in."""
    root = tmp_path_factory.mktemp("first-week")
    made = Weeks(Country(Home(root / "home", root / "secrets")), random.Random(0))
    made.country.home.prepare()
    made.deliver(registers(), "2024-09-01T08:00:00+03:00")
    made.deliver({"attendance": roll(0, range(1, PUPILS + 1))}, "2024-09-07T08:00:00+03:00", attendance=ROLL)
    with made.country.one_session() as country:
        country.take_in()
    return made.country


@pytest.fixture
def weeks(first_week: Country, tmp_path: Path) -> Iterator[Weeks]:
    with first_week.copy(tmp_path / "home").one_session() as country:
        yield Weeks(country, random.Random(0), number=2)


def told(weeks: Weeks, *pupils: int, school: str = SCHOOL) -> list[tuple]:
    """Take in what came since and return the touches of some pupils: number, delivery, dataset, rows."""
    country = weeks.country
    newest = country.query("select max(part_no) from raw.lake_part")[0][0]
    country.take_in()
    keys = {key_of(country, number): number for number in pupils or range(1, PUPILS + 1)}
    about = {
        f"{n}_{side}": v for side in ("then", "now") for n, v in (("school_reg_no", school), ("class_label", "8a"))
    }
    changed = pl.DataFrame([{"pupil_key": key, **about} for key in keys])
    found = touches(country.warehouse, changed, Span(MONDAY, MONDAY, newest, NOW))
    return sorted((keys[r["pupil_key"]], r["delivery_id"], r["dataset"], r["rows"]) for r in found.to_dicts())


def test_an_excuse_touches_its_pupil_with_the_row_that_went_and_the_row_that_came(weeks: Weeks):
    weeks.deliver({"attendance": [absence(6, "2024-09-02", 1, "ns")]}, "2024-09-20T08:00:00+03:00")
    assert told(weeks) == [(6, "e-klase.d03", "attendance", 2)]


def test_a_withdrawal_touches_whose_row_it_took(weeks: Weeks):
    key = [absence(2, "2024-09-02", 1)]
    weeks.deliver({"attendance": key}, "2024-09-20T08:00:00+03:00", attendance={"mode": "delta", "deleted": True})
    assert told(weeks) == [(2, "e-klase.d03", "attendance", 1)]


def test_a_full_week_that_repeats_what_was_said_touches_nobody_but_who_is_told_otherwise(weeks: Weeks):
    rows = [r | {"code": "ns"} if r["person_code"].endswith("4") and r["code"] else r for r in roll(0, range(1, 7))]
    scope = {"mode": "full", "shape": "roll", "schools": [SCHOOL], "from": "2024-09-02", "to": "2024-09-08"}
    weeks.deliver({"attendance": rows}, "2024-09-20T08:00:00+03:00", attendance=scope)
    assert told(weeks) == [(4, "e-klase.d03", "attendance", 16)]


def test_what_is_said_and_then_taken_back_touches_nobody(weeks: Weeks):
    for day, code in ((20, "ns"), (21, "n")):
        weeks.deliver({"attendance": [absence(6, "2024-09-02", 1, code)]}, f"2024-09-{day}T08:00:00+03:00")
    assert told(weeks) == []


def test_days_that_the_list_could_not_see_do_not_count(weeks: Weeks):
    weeks.deliver({"attendance": roll(1, [6]), "mark": [mark(6, mark_date="2024-09-12")]}, "2024-09-20T08:00:00+03:00")
    assert told(weeks) == []


def test_a_lesson_register_touches_its_class_alone(weeks: Weeks):
    lesson = {"school_reg_no": SCHOOL, "lesson_date": "2024-09-03", "lesson_no": 1, "subject_code": "MAT"}
    files = [lesson | {"group_label": "8a", "is_held": "false"}]
    weeks.deliver({"lesson": files}, "2024-09-20T08:00:00+03:00")
    assert [row[0] for row in told(weeks)] == list(range(1, PUPILS + 1))
    assert told(weeks, school=OTHER_SCHOOL) == []


def test_a_meaning_of_a_code_touches_every_pupil_of_its_school(weeks: Weeks):
    meaning = {"source": "e-klase", "school_reg_no": SCHOOL, "code": "n", "valid_from": "2024-09-01"}
    weeks.deliver({"attendance_code": [meaning | {"meaning": "absent_ill"}]}, "2024-09-20T08:00:00+03:00")
    found = told(weeks)
    assert {row[1:] for row in found} == {("e-klase.d03", "attendance_code", 1)}
    assert len(found) == PUPILS


def test_deliveries_stand_in_their_own_order_and_a_late_one_counts(weeks: Weeks):
    weeks.deliver({"attendance": [absence(6, "2024-09-02", 1, "ns")]}, "2024-09-20T08:00:00+03:00")
    weeks.deliver({"attendance": [absence(6, "2024-09-02", 2, "ns")]}, "2024-09-08T08:00:00+03:00")
    found = told(weeks, 6)
    assert [row[1] for row in found] == ["e-klase.d03", "e-klase.d04"]
    fresh = fresh_parts(weeks.country.warehouse, Span(MONDAY, MONDAY, 0, NOW))
    assert fresh["delivery_id"].to_list()[-2:] == ["e-klase.d04", "e-klase.d03"]


def test_another_name_of_a_school_is_no_reason_and_another_municipality_is_one(weeks: Weeks):
    weeks.deliver({"institution": [institution() | {"name": "Jaunā"}]}, "2024-09-20T08:00:00+03:00")
    assert told(weeks) == []
    files = {"municipality": [municipality("LV00200")], "institution": [institution(atvk="LV00200")]}
    weeks.deliver(files, "2024-09-21T08:00:00+03:00")
    assert {row[1:3] for row in told(weeks)} >= {("e-klase.d04", "institution")}


def test_a_move_touches_whoever_moved(weeks: Weeks):
    files = {"enrolment": [enrolment(3, class_label="8a", exit_date="2024-09-05")], "pupil": [pupil(3, "Cita")]}
    weeks.deliver(files, "2024-09-20T08:00:00+03:00")
    assert told(weeks) == [(3, "e-klase.d03", "enrolment", 2)], "another name is no other pupil"
