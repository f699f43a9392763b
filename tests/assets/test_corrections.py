"""What senders put right later: every version is kept with the days on which it was known; core follows the clock."""

from datetime import date
from typing import Any

import pytest

from tests.assets.kit import (
    EVER,
    KNOWN_PUPILS,
    OTHER_SCHOOL,
    SCHOOL,
    Country,
    absence,
    code_of,
    enrolment,
    mark,
    pupil,
)

STATUS = [
    {"source": "*", "exit_status": status, "valid_from": "2000-01-01", "meaning": meaning}
    for status, meaning in (("pārcelts", "continues"), ("atskaitīts", "left_early"))
]
GONE = {"deleted": True}


def day(number: int, month: int = 9) -> date:
    return date(2024, month, number)


def history(country: Country, dataset: str, columns: str, known_on: date = EVER) -> list[tuple[Any, ...]]:
    """Return all versions of a dataset with the days between which they were known, and what ended them."""
    country.build(known_on)
    return country.query(
        f"select {columns}, known_from, known_to, ended_by from history.{dataset} order by version, {columns}"
    )


def core(country: Country, table: str, columns: str, known_on: date = EVER) -> list[tuple[Any, ...]]:
    country.build(known_on)
    return country.query(f"select {columns} from core.{table} order by all")


def test_an_excuse_that_comes_weeks_later_counts_from_its_day(country: Country):
    country.deliver("a", {"attendance": [absence(), absence(lesson=2)]}, on="2024-09-05")
    country.deliver("b", {"attendance": [absence(code="ns", excused_on="2024-09-26")]}, on="2024-09-26")
    country.take_in()
    missed = "lessons_missed, lessons_missed_unexcused, lessons_missed_ill"
    assert core(country, "pupil_day_attendance", missed, day(25)) == [(2, 2, 0)]
    assert core(country, "pupil_day_attendance", missed) == [(2, 1, 1)]
    versions = [
        (1, "n", day(5), day(26), "viis.b"),
        (2, "n", day(5), None, None),
        (1, "ns", day(26), None, None),
    ]
    assert history(country, "attendance", "lesson_no, code") == versions
    assert history(country, "attendance", "lesson_no, code", day(25)) == [
        (1, "n", day(5), None, None),
        (2, "n", day(5), None, None),
    ]


def test_a_row_that_is_withdrawn_and_comes_again_has_two_lives(country: Country):
    country.deliver("a", {"mark": [mark(1, "7")]}, on="2024-09-10")
    key = {name: value for name, value in mark(1).items() if name != "mark_text"}
    country.deliver("b", {"mark": [key]}, on="2024-09-12", notes={"mark": GONE})
    country.deliver("c", {"mark": [mark(1, "9")]}, on="2024-09-14")
    country.take_in()
    assert history(country, "mark", "mark_text") == [
        ("7", day(10), day(12), "viis.b"),
        ("9", day(14), None, None),
    ]
    assert core(country, "pupil_subject_mark", "mark_value", day(13)) == []
    assert core(country, "pupil_subject_mark", "mark_value", day(11)) == [(7,)]
    assert core(country, "pupil_subject_mark", "mark_value") == [(9,)]


def test_what_a_full_delivery_leaves_out_ended_with_it(country: Country):
    scope = {"mark": {"mode": "full", "schools": [SCHOOL]}}
    country.deliver("a", {"mark": [mark(1, "7"), mark(2, "8")]}, on="2024-09-10")
    country.deliver("b", {"mark": [mark(2, "8")]}, on="2024-09-20", notes=scope)
    country.take_in()
    assert history(country, "mark", "mark_text") == [
        ("7", day(10), day(20), "viis.b"),
        ("8", day(10), day(20), "viis.b"),
        ("8", day(20), None, None),
    ]
    assert country.ledger("viis.b", "mark")["rows_withdrawn"] == 2


def test_a_corrected_exit_status_changes_the_meaning_from_its_day(country: Country):
    country.deliver("status", {"exit_status_code": STATUS}, on="2024-09-01")
    left = {"exit_date": "2024-09-09"}
    country.deliver("a", {"enrolment": [enrolment(1, exit_status="atskaitīts", **left)]}, on="2024-09-10")
    country.deliver("b", {"enrolment": [enrolment(1, exit_status="pārcelts", **left)]}, on="2024-10-10")
    country.take_in()
    meaning = "exit_status, exit_meaning"
    assert ("atskaitīts", "left_early") in core(country, "enrolment", meaning, day(9, 10))
    assert ("pārcelts", "continues") in core(country, "enrolment", meaning)
    assert len(core(country, "enrolment", meaning)) == KNOWN_PUPILS


def test_a_corrected_entry_date_is_a_withdrawal_and_a_new_row(country: Country):
    wrong = enrolment(1, OTHER_SCHOOL, entry_date="2024-09-20")
    country.deliver("a", {"enrolment": [wrong]}, on="2024-09-10")
    key = {name: wrong[name] for name in ("person_code", "school_reg_no", "entry_date")}
    country.deliver("b", {"enrolment": [key]}, on="2024-09-25", notes={"enrolment": GONE})
    country.deliver("c", {"enrolment": [wrong | {"entry_date": "2024-09-16"}]}, on="2024-09-25T09:00:00+03:00")
    country.take_in()
    entered = "school_reg_no, entry_date"
    assert (OTHER_SCHOOL, day(20)) in core(country, "enrolment", entered, day(24))
    found = [row for row in core(country, "enrolment", entered) if row[0] == OTHER_SCHOOL]
    assert found == [(OTHER_SCHOOL, day(16))]


def test_a_corrected_birth_date_is_read_from_its_day(country: Country):
    country.deliver("a", {"pupil": [pupil(1) | {"birth_date": "2011-02-03"}]}, on="2024-09-10")
    country.take_in()
    born = "pupil_key, birth_date"
    key = country.key(1)
    assert (key, date(2010, 2, 3)) in core(country, "pupil", born, day(9))
    assert (key, date(2011, 2, 3)) in core(country, "pupil", born)


@pytest.mark.parametrize("way", ["left out", "withdrawn"])
def test_whom_the_register_no_longer_names_keeps_lessons_and_marks(country: Country, way: str):
    """A register of today's pupils leaves out who left. What was told of them stands, and stops no table."""
    country.deliver("a", {"attendance": [absence(1)], "mark": [mark(1)]}, on="2024-09-10")
    rest = [pupil(n) for n in range(2, KNOWN_PUPILS + 1)]
    rows = rest if way == "left out" else [{"person_code": code_of(1)}]
    note = {"mode": "full"} if way == "left out" else GONE
    country.deliver("b", {"pupil": rows}, on="2024-09-20", notes={"pupil": note})
    country.take_in()
    assert (country.key(1), None) in core(country, "pupil", "pupil_key, birth_date")
    assert core(country, "pupil_day_attendance", "pupil_key") == [(country.key(1),)]
    assert len(core(country, "enrolment", "pupil_key")) == KNOWN_PUPILS


def test_a_change_of_code_that_is_taken_back_stops_no_table(country: Country):
    change = {"former_person_code": code_of(1), "person_code": code_of(21), "changed_on": "2024-09-05"}
    country.deliver("a", {"person_code_change": [change]}, on="2024-09-10")
    country.deliver("b", {"attendance": [absence(21)]}, on="2024-09-11")
    country.deliver("c", {"person_code_change": [change]}, on="2024-09-12", notes={"person_code_change": GONE})
    country.take_in()
    assert core(country, "pupil_day_attendance", "pupil_key", day(11)) == [(country.key(21),)]
    assert core(country, "pupil_day_attendance", "pupil_key") == [(country.key(21),)]
    assert (country.key(21), None) in core(country, "pupil", "pupil_key, birth_date"), "in no register of its own"


def _plan(status: str, on: str, **more: Any) -> dict[str, Any]:
    about = {"plan_id": "P", "person_code": code_of(1), "school_reg_no": SCHOOL, "programme": "own"}
    term = {"school_year": "2024/2025", "semester": 1, "opened_on": "2024-09-02"}
    return about | term | {"status": status, "status_on": on} | more


def test_the_state_of_a_plan_on_a_past_day_is_still_known(country: Country):
    country.deliver("a", {"support_plan": [_plan("draft", "2024-09-02")]}, on="2024-09-03")
    country.deliver("b", {"support_plan": [_plan("approved", "2024-09-12")]}, on="2024-09-13")
    country.deliver("c", {"support_plan": [_plan("in_progress", "2024-09-23")]}, on="2024-09-24")
    country.take_in()
    states = [("draft", day(2)), ("approved", day(12)), ("in_progress", day(23))]
    assert sorted(core(country, "support_plan_status", "status, status_on"), key=lambda row: row[1]) == states
    assert len(core(country, "support_plan_status", "status", day(20))) == 2
    assert core(country, "support_plan", "status", day(20)) == [("approved",)]


def test_a_history_of_nothing_is_empty_and_roles_stay_ended(country: Country):
    role = {"login": "anna", "role": "school_coordinator", "organisation": SCHOOL, "valid_from": "2024-09-01"}
    country.deliver("a", {"role_assignment": [role]}, on="2024-09-10")
    country.deliver("b", {"role_assignment": [role | {"valid_to": "2024-09-15"}]}, on="2024-09-16")
    country.take_in()
    assert history(country, "lesson", "lesson_no") == []
    assert history(country, "role_assignment", "valid_to", day(11)) == [
        (None, day(10), day(16), "viis.b"),
        (day(15), day(16), None, None),
    ]
