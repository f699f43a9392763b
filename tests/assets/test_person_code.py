"""A pupil whose personal code changed is one pupil from the day the change was known, whichever code a sender uses."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from assets import case_list, issued
from assets.replay import replayed
from assets.stand import Days
from tests.assets.kit import EVER, OTHER_SCHOOL, SCHOOL, Country, absence, as_csv, code_change, enrolment, mark, pupil

OLD, NEW, NEWER = 1, 21, 22
ROLL = {"attendance": {"shape": "roll"}}
CODES = [
    {"source": "*", "school_reg_no": "*", "code": code, "valid_from": "2000-01-01", "meaning": meaning}
    for code, meaning in [("n", "absent_unexcused"), ("ns", "absent_ill")]
]
BEFORE = date(2024, 9, 14)


def deliver_change(country: Country, *changes: tuple[int, int, str], on: str = "2024-09-15", **said: Any) -> None:
    rows = [code_change(former, new, day) for former, new, day in changes]
    country.deliver(f"change-{on}", {"person_code_change": rows}, on=on, **said)


@pytest.fixture
def changing(country: Country) -> Country:
    """Give a country that knows codes of attendance and, from 15 September on, that pupil 1 has a new code."""
    country.deliver("codes", {"attendance_code": CODES}, on="2024-09-01")
    deliver_change(country, (OLD, NEW, "2024-09-05"))
    return country


def attendance(country: Country, known_on: date = EVER) -> list[tuple[Any, ...]]:
    """Build core as known on a day; return pupil, day, lessons held, missed, missed unexcused and ill."""
    country.build(known_on)
    return country.query(
        "select pupil_key, day(lesson_date), lessons_held, lessons_missed, lessons_missed_unexcused, lessons_missed_ill"
        " from core.pupil_day_attendance order by lesson_date, pupil_key"
    )


def test_attendance_of_both_codes_is_one_pupils(changing: Country):
    changing.deliver("old", {"attendance": [absence(OLD), absence(OLD, lesson=2, code=None)]}, notes=ROLL)
    rows = [absence(NEW, lesson=3), absence(NEW, day="2024-09-03")]
    changing.deliver("new", {"attendance": rows}, on="2024-09-16", notes=ROLL)
    changing.take_in()
    new, old = changing.key(NEW), changing.key(OLD)
    assert attendance(changing) == [(new, 2, 3, 2, 2, 0), (new, 3, 1, 1, 1, 0)]
    assert attendance(changing, BEFORE) == [(old, 2, 2, 1, 1, 0)], "before the change was known"
    assert changing.waiting() == {}


def test_before_the_change_was_known_there_were_two_pupils(changing: Country):
    changing.deliver("p", {"pupil": [pupil(NEW)], "enrolment": [enrolment(NEW)]}, on="2024-09-12")
    changing.deliver("a", {"attendance": [absence(OLD), absence(NEW, lesson=2)]}, on="2024-09-13", notes=ROLL)
    changing.take_in()
    assert [row[0] for row in attendance(changing, BEFORE)] == sorted([changing.key(OLD), changing.key(NEW)])
    told = "select count(*) from core.enrolment where pupil_key in ($old, $new)"
    keys = {"old": changing.key(OLD), "new": changing.key(NEW)}
    assert changing.query(told, **keys) == [(2,)]
    assert [row[0] for row in attendance(changing)] == [changing.key(NEW)]
    assert changing.query(told, **keys) == [(1,)]
    assert changing.query("select count(*) from core.pupil where pupil_key in ($old, $new)", **keys) == [(1,)]


@pytest.mark.parametrize(("first", "then"), [(OLD, NEW), (NEW, OLD)], ids=["the new code", "the former code"])
def test_the_later_version_of_a_lesson_counts_whichever_code_told_it(changing: Country, first: int, then: int):
    changing.deliver("first", {"attendance": [absence(first, code="n")]}, on="2024-09-16")
    changing.deliver("then", {"attendance": [absence(then, code="ns")]}, on="2024-09-20")
    changing.take_in()
    assert attendance(changing) == [(changing.key(NEW), 2, None, 1, 0, 1)]
    assert attendance(changing, date(2024, 9, 19)) == [(changing.key(NEW), 2, None, 1, 1, 0)]
    assert changing.counts("viis.first", "attendance") == (1, 1, 0, 0), "under its own code it stands"


def test_of_two_codes_in_one_file_the_newest_counts(changing: Country):
    changing.deliver("a", {"attendance": [absence(NEW, code="n"), absence(OLD, code="ns")]}, on="2024-09-16")
    changing.take_in()
    assert attendance(changing) == [(changing.key(NEW), 2, None, 1, 1, 0)]


def test_a_row_may_be_withdrawn_under_the_other_code(changing: Country):
    changing.deliver("a", {"attendance": [absence(OLD), absence(OLD, lesson=2)]}, on="2024-09-10")
    changing.deliver("gone", {"attendance": [absence(NEW)]}, on="2024-09-20", notes={"attendance": {"deleted": True}})
    changing.take_in()
    assert [row[3] for row in attendance(changing)] == [1]
    assert [row[3] for row in attendance(changing, date(2024, 9, 19))] == [2]


def test_marks_and_plans_are_the_pupils_under_either_code(changing: Country):
    period = {"person_code": mark(OLD)["person_code"], "school_reg_no": SCHOOL, "school_year": "2024/2025"}
    period |= {"period": "semester1", "subject_code": "MAT", "mark_text": "4"}
    plan = {"plan_id": "P1", "school_reg_no": SCHOOL, "programme": "own", "school_year": "2024/2025", "semester": 1}
    plan |= {"person_code": mark(OLD)["person_code"], "status": "draft", "status_on": "2024-09-10"}
    changing.deliver(
        "old",
        {"mark": [mark(OLD, "4")], "period_mark": [period], "support_plan": [plan | {"opened_on": "2024-09-10"}]},
    )
    other = {"person_code": mark(NEW)["person_code"], "mark_text": "8"}
    changing.deliver("new", {"mark": [mark(NEW, "9")], "period_mark": [period | other]}, on="2024-09-16")
    changing.take_in()
    changing.build()
    new = changing.key(NEW)
    assert changing.query("select pupil_key, mark_value from core.pupil_subject_mark") == [(new, 9)]
    assert changing.query("select pupil_key, mark_value from core.pupil_period_mark") == [(new, 8)]
    assert changing.query("select pupil_key from core.support_plan") == [(new,)]


def test_the_register_may_know_either_code_alone(changing: Country):
    """The register still sends the former code; a school already sends the new one, and nothing has to wait."""
    changing.deliver("a", {"enrolment": [enrolment(NEW, OTHER_SCHOOL, entry_date="2024-09-10")]}, on="2024-09-16")
    changing.take_in()
    changing.build()
    spells = changing.query("select school_reg_no from core.enrolment where pupil_key = $k", k=changing.key(NEW))
    assert spells == [(SCHOOL,), (OTHER_SCHOOL,)]
    born = changing.query("select birth_date from core.pupil where pupil_key = $k", k=changing.key(NEW))
    assert born == [(date(2010, 2, 3),)]


def test_rows_under_an_unknown_new_code_wait_until_the_change_is_told(country: Country):
    country.deliver("codes", {"attendance_code": CODES}, on="2024-09-01")
    country.deliver("a", {"attendance": [absence(NEW)]}, on="2024-09-10")
    country.take_in()
    assert country.waiting() == {"person_code_known": 1}
    deliver_change(country, (OLD, NEW, "2024-09-05"))
    country.take_in()
    assert country.waiting() == {}
    assert country.rows("known_from", "attendance") == [(date(2024, 9, 15),)], "from the day on which both were known"


def test_a_chain_and_a_circle_of_changes_end_in_one_pupil(changing: Country):
    deliver_change(changing, (NEW, NEWER, "2024-09-12"), on="2024-09-16")
    changing.deliver("a", {"attendance": [absence(n, lesson=n % 5) for n in (OLD, NEW, NEWER)]}, on="2024-09-17")
    changing.take_in()
    assert attendance(changing) == [(changing.key(NEWER), 2, None, 2, 2, 0)], "lesson 1 was told under two codes"
    deliver_change(changing, (NEWER, OLD, "2024-09-18"), on="2024-09-18")
    changing.take_in()
    assert attendance(changing) == [(changing.key(OLD), 2, None, 2, 2, 0)]
    assert changing.query("select distinct is_circular from core.pupil_identity") == [(True,)]


def test_two_new_codes_for_one_former_code_are_not_guessed(country: Country):
    deliver_change(country, (OLD, NEW, "2024-09-05"), (OLD, NEWER, "2024-09-06"))
    country.take_in()
    country.build()
    assert country.waiting("person_code_change") == {"key_disagrees": 2}
    assert country.query("select count(*) from core.pupil_identity") == [(0,)]
    deliver_change(country, (OLD, NEWER, "2024-09-06"), on="2024-09-16")
    country.take_in()
    country.build()
    assert country.query("select standing_pupil_key from core.pupil_identity") == [(country.key(NEWER),)]


def test_a_later_delivery_corrects_a_change_or_takes_it_back(changing: Country):
    deliver_change(changing, (OLD, NEWER, "2024-09-05"), on="2024-09-20")
    changing.deliver(
        "undone", {"person_code_change": [code_change(OLD, NEWER)]}, on="2024-09-25",
        notes={"person_code_change": {"deleted": True}},
    )  # fmt: skip
    changing.deliver("a", {"attendance": [absence(OLD), absence(NEWER)]}, on="2024-09-21")
    changing.take_in()
    assert [row[0] for row in attendance(changing, date(2024, 9, 19))] == []
    assert [row[0] for row in attendance(changing, date(2024, 9, 24))] == [changing.key(NEWER)]
    assert [row[0] for row in attendance(changing)] == sorted([changing.key(OLD), changing.key(NEWER)])
    assert changing.counts("viis.change-2024-09-15", "person_code_change") == (1, 0, 0, 1)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (code_change(OLD, OLD), "codes_differ"),
        (code_change(OLD, OLD) | {"person_code": "32000000001"}, "codes_differ"),
        (code_change(OLD, NEW) | {"person_code": "123"}, "person_code_form"),
        (code_change(OLD, NEW) | {"former_person_code": None}, "former_person_code_required"),
        (code_change(OLD, NEW) | {"changed_on": "soon"}, "changed_on_type"),
    ],
    ids=["the same code", "the same code without dash", "no code", "no former code", "no day"],
)
def test_a_change_that_says_nothing_waits(country: Country, change: dict[str, Any], rule: str):
    country.deliver("c", {"person_code_change": [change]})
    country.take_in()
    assert country.waiting() == {rule: 1}


def test_codes_are_pseudonymised_at_the_door(changing: Country):
    changing.take_in()
    assert changing.rows("former_pupil_key, pupil_key", "person_code_change") == [
        (changing.key(OLD), changing.key(NEW))
    ]
    stored = b"".join(p.read_bytes() for p in (changing.home.root / "lake").rglob("*.parquet"))
    assert b"320000" not in stored


def test_a_latvian_header_is_read(country: Country):
    text = as_csv([code_change(OLD, NEW)]).replace("former_person_code", "vecais personas kods")
    country.deliver("c", {"person_code_change": text.replace("person_code", "jaunais personas kods")})
    country.take_in()
    assert len(country.rows("pupil_key", "person_code_change")) == 1


def test_a_replay_brings_two_codes_together_as_it_was_known_then(registered: Country, tmp_path: Path):
    changing = registered.copy(tmp_path / "home")
    deliver_change(changing, (OLD, NEW, "2024-09-05"))
    changing.deliver("first", {"attendance": [absence(OLD, code="n")]}, on="2024-09-10")
    changing.deliver("p", {"pupil": [pupil(NEW)], "attendance": [absence(NEW, code="ns")]}, on="2024-09-12")
    changing.take_in()
    told = "select pupil_key, lessons_missed, lessons_missed_ill from core.pupil_day_attendance order by all"
    two = sorted([(changing.key(OLD), 1, 0), (changing.key(NEW), 1, 1)])
    for known_on, expected in ((BEFORE, two), (date(2024, 9, 15), [(changing.key(NEW), 1, 1)])):
        days = Days(date(2024, 9, 16), known_on)
        with replayed(changing.warehouse, days, ["core.pupil_day_attendance"]) as aside:
            assert aside.query(told).rows() == expected


@pytest.mark.parametrize("named", [OLD, NEW], ids=["the former code", "the new code"])
def test_door_two_shows_the_pupil_once_with_a_name_from_either_code(changing: Country, named: int):
    days = [date(2024, 9, 2 + n) for n in range(12) if n % 7 < 5]
    calendar = {"school_year": "2024/2025", "grade_from": 1, "grade_to": 12, "semester": 1, "kind": "school_day"}
    rows = [absence(OLD if n % 2 else NEW, day=f"{d}", lesson=k) for n, d in enumerate(days) for k in (1, 2, 3)]
    role = {"login": "anna", "role": "school_coordinator", "organisation": SCHOOL, "valid_from": "2024-09-01"}
    changing.deliver("p", {"pupil": [pupil(named, "Zane", "Ozola")]}, on="2024-09-15")
    changing.deliver("calendar", {"calendar_day": [calendar | {"date": f"{d}"} for d in days]}, on="2024-09-01")
    changing.deliver("a", {"attendance": rows, "role_assignment": [role]}, on="2024-09-15", notes=ROLL)
    changing.take_in()
    changing.stand(date(2024, 9, 16))
    issue = issued.issue(changing.warehouse, date(2024, 9, 16), EVER, issued.RUN)
    shown = case_list.read_list(changing.warehouse, issue, SCHOOL, 10, ("anna", date(2024, 9, 16)))
    assert shown.rows.select("pupil_key", "name").rows() == [(changing.key(NEW), "Zane Ozola")]
    assert "stundas šajā semestrī: 30" in shown.rows["reasons_lv"][0], "lessons of both codes are counted together"
