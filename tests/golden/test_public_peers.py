"""Defects found in public early-warning code, each shown not to be here: from delivered files to the measures."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.assets.kit import (
    KNOWN_PUPILS,
    NEW_SCHOOL,
    OTHER_SCHOOL,
    SCHOOL,
    Country,
    absence,
    as_csv,
    code_of,
    enrolment,
    institution,
    mark,
    municipality,
    pupil,
)
from tests.golden.lessons import (
    AS_OF,
    DAYS,
    LESSONS,
    deliver_calendar,
    deliver_roll,
    enrolled,
    measure,
    raised,
    roll,
    school_days,
)

ABSENT = "lessons_held_4w, lessons_missed_4w, absence_rate_4w, unexcused_lessons_semester"


@pytest.fixture
def world(country: Country) -> Country:
    """Give the small country with its calendar."""
    deliver_calendar(country)
    return country


def run(world: Country, as_of: date = AS_OF, known_on: date = date(2025, 12, 31)) -> Country:
    world.take_in()
    world.stand(as_of, known_on)
    return world


def test_attendance_does_not_reset_when_a_pupil_transfers(world: Country):
    """Defect: absence is summed by pupil and school, so that a transfer sets the count to zero."""
    moved = DAYS[12]
    spells = [enrolment(1, exit_date=f"{moved}", exit_status="pārcelts")]
    spells += [enrolment(1, OTHER_SCHOOL, entry_date=f"{moved}")]
    world.deliver("moved", {"enrolment": spells}, on="2024-09-20")
    deliver_roll(
        world,
        roll(1, DAYS[:12], dict.fromkeys(DAYS[8:12], 3)),
        roll(1, DAYS[12:], dict.fromkeys(DAYS[12:15], 3), school_reg_no=OTHER_SCHOOL),
    )
    run(world)
    assert measure(world, 1, f"school_reg_no, {ABSENT}") == (OTHER_SCHOOL, 100, 21, 0.21, 21)
    assert "unexcused_over_20" in raised(world, 1), "the law's count goes on in the new school"
    assert measure(world, 1, "school_changes_year") == (1,)


def test_no_join_drops_pupils_of_whom_something_is_missing(world: Country):
    """Defect: measures are inner joined, so that a pupil without marks, lessons or birth date is in no list."""
    world.deliver("bare", {"pupil": [{"person_code": code_of(7)}], "enrolment": [enrolment(7, grade=None)]})
    late = institution(NEW_SCHOOL) | {"valid_from": "2025-01-01"}
    world.deliver("late", {"institution": [late], "enrolment": [enrolment(2, NEW_SCHOOL, entry_date="2024-09-15")]})
    deliver_roll(world, roll(1))
    run(world)
    tables = [
        "cohort", "attendance_measure", "mark_measure", "path_measure", "measure", "summary", "outcome",
    ]  # fmt: skip
    counts = {
        table: world.query(f"select count(*) from risk.pupil_week_{table} where as_of = $day", day=AS_OF)[0][0]
        for table in tables
    }
    assert counts == dict.fromkeys(tables, KNOWN_PUPILS + 1)
    assert measure(world, 7, "absence_rate_4w, subjects_below_4, over_age_years") == (None, None, None)
    assert measure(world, 2, "school_reg_no") == (NEW_SCHOOL,), "the register knows the school only from later on"


def test_a_day_without_a_measure_raises_no_flag(world: Country):
    """Defect: 0 lessons missed of 0 is flagged, or null compared as if it were below the threshold."""
    deliver_roll(world, roll(1, DAYS[:2], dict.fromkeys(DAYS[:2], 5)))
    world.deliver("marks", {"mark": [mark(2, "1", 1), mark(2, "2", 2)]}, on="2024-10-06")
    run(world)
    assert measure(world, 3, f"{ABSENT}, absence_rate_year, subjects_below_4") == (None,) * 6
    assert raised(world, 3) == {"no_data"}
    assert measure(world, 1, "absence_rate_4w, absence_rate_year") == (None, None), "two days are too few for a rate"
    informs = {"subject_pattern", "stale_data", "short_history"}
    assert raised(world, 1) == {"unexcused_10", "no_data"} | informs, "lessons are counted, a rate is not made of them"
    assert raised(world, 2) == {"no_data"}, "two marks are too few for a mean"
    unknown = world.query(
        "select count(*) from risk.pupil_week_indicator where is_no_data and (is_raised or value is not null)"
    )
    assert unknown == [(0,)]


def test_unrecorded_days_are_not_absence(world: Country):
    """Defect: lessons held are taken from the calendar, so that every day nobody recorded counts as missed."""
    recorded = DAYS[::2]
    deliver_roll(world, roll(1, recorded, {recorded[4]: 2}))
    run(world)
    days = [day for day in recorded if day >= AS_OF - timedelta(28)]
    assert measure(world, 1, ABSENT) == (5 * len(days), 2, 2 / (5 * len(days)), 2)
    assert measure(world, 1, "unrecorded_share_4w") == (1 - len(days) / 20,)
    assert "absence_4w" not in raised(world, 1)


def test_no_record_is_not_presence(world: Country):
    """Defect: a pupil without an absence row is taken to have been there, and an absence rate of 0 % is told."""
    missed = [absence(1, f"{day}", lesson) for day in DAYS[5:15] for lesson in LESSONS]
    deliver_roll(world, missed, roll(2, DAYS[5:10]), name="absences", notes={})
    deliver_roll(world, roll(4, DAYS[5:15]), source="e-klase")
    run(world)
    assert measure(world, 1, "lessons_held_4w, absence_rate_4w, unexcused_lessons_semester") == (None, None, 50)
    assert measure(world, 2, ABSENT) == (None,) * 4, "an empty code says 'present' in a roll only"
    assert measure(world, 3, ABSENT) == (None,) * 4
    assert measure(world, 4, ABSENT) == (50, 0, 0.0, 0), "in a roll it does"


def test_leavers_stay_in_the_denominator(world: Country):
    """Defect: only pupils enrolled today are counted in past months, so that rates fall when pupils leave."""
    left = enrolment(1, exit_date="2024-10-21", exit_status="atskaitīts")
    world.deliver("left", {"enrolment": [left]}, on="2024-10-22")
    deliver_roll(world, *(roll(n, missed={DAYS[0]: 5, DAYS[1]: 5}) for n in range(1, KNOWN_PUPILS + 1)))
    run(world, date(2025, 1, 27))
    published, _ = world.warehouse.examine("published.municipality_month_risk")
    months = dict(published.select("period", "pupils").rows())
    later = dict.fromkeys(["2024-10", "2024-11", "2024-12", "2025-01"], KNOWN_PUPILS - 1)
    assert months == {"2024-09": KNOWN_PUPILS} | later
    september = world.query("select min(as_of) from risk.pupil_week_cohort")[0][0]
    assert measure(world, 1, "unexcused_lessons_semester", september) == (10,), "and so do the lessons missed"


def test_overlapping_enrolments_count_once(world: Country):
    """Defect: a join with enrolments by pupil and day gives a pupil two rows, and every lesson twice."""
    again = {"entry_date": "2024-09-02", "class_label": "8.a"}
    spells = [enrolment(1, class_label="8.a"), enrolment(1, **again), enrolment(1, OTHER_SCHOOL, **again)]
    taught = [
        {"school_reg_no": SCHOOL, "group_label": "8.a", "lesson_date": f"{day}", "lesson_no": lesson, "is_held": True}
        for day in DAYS
        for lesson in LESSONS
    ]
    world.deliver("twice", {"enrolment": spells, "lesson": taught}, on="2024-10-01")
    deliver_roll(world, [absence(1, f"{DAYS[-1]}")], notes={})
    run(world)
    assert measure(world, 1, ABSENT) == (100, 1, 0.01, 1)
    pupils = world.query(
        "select count(*), count(distinct pupil_key) from risk.pupil_week_cohort where as_of = $d", d=AS_OF
    )
    assert pupils == [(KNOWN_PUPILS, KNOWN_PUPILS)]
    assert enrolled(world) + enrolled(world, school=OTHER_SCHOOL) == KNOWN_PUPILS


@pytest.mark.parametrize("turned", [False, True], ids=["as told", "turned round"])
def test_of_duplicate_events_none_wins_by_chance(world: Country, turned: bool):
    """Defect: of two rows about one lesson the first that the engine meets is kept."""
    day = f"{DAYS[8]}"
    rows = [absence(1, day, 1, "n"), absence(1, day, 1, "ns"), absence(1, day, 2, "n"), absence(1, day, 2, "n")]
    told, corrected = [absence(2, day, 1, "n")], [absence(2, day, 1, "ns")]
    deliver_roll(world, rows[::-1] if turned else rows, name="a", notes={})
    deliver_roll(world, told, name="z" if turned else "b", on="2024-10-02", notes={})
    deliver_roll(world, corrected, name="b" if turned else "z", on="2024-10-03", notes={})
    run(world)
    assert world.waiting() == {"key_disagrees": 2}, "rows that disagree wait for their sender, both of them"
    assert world.counts("viis.a", "attendance") == (4, 1, 2, 1)
    about = "select lessons_missed, lessons_missed_ill from core.pupil_day_attendance where pupil_key = $key"
    assert world.query(about, key=world.key(1)) == [(1, 0)]
    assert world.query(about, key=world.key(2)) == [(1, 1)], "the later delivery corrects the earlier"


def _plan(number: int, school: str, status: str) -> dict[str, Any]:
    about = {"person_code": code_of(number), "school_reg_no": school, "programme": "own", "school_year": "2024/2025"}
    state = {"status": status, "status_on": "2024-09-10", "opened_on": "2024-09-10"}
    return {"plan_id": "1", "semester": 1} | about | state


def test_names_that_are_unique_only_in_their_place_join_nothing_elsewhere(world: Country):
    """Defect: class labels, codes and ids that a school or a system gave are joined as if the country shared them."""
    spells = [enrolment(1, class_label="8.a"), enrolment(2, OTHER_SCHOOL, entry_date="2024-09-02", class_label="8.a")]
    taught = [
        {"school_reg_no": school, "group_label": "8.a", "lesson_date": f"{day}", "lesson_no": n, "is_held": True}
        for school, most in ((SCHOOL, 6), (OTHER_SCHOOL, 3))
        for day in DAYS
        for n in range(1, most)
    ]
    meant = {"source": "*", "code": "x", "valid_from": "2000-01-01"}
    codes = [
        meant | {"school_reg_no": SCHOOL, "meaning": "absent_unexcused"},
        meant | {"school_reg_no": OTHER_SCHOOL, "meaning": "absent_ill"},
    ]
    world.deliver("local", {"enrolment": spells, "lesson": taught, "attendance_code": codes}, on="2024-09-03")
    day = f"{DAYS[10]}"
    missed = [absence(1, day, 1, "x"), absence(2, day, 1, "x", school_reg_no=OTHER_SCHOOL)]
    deliver_roll(world, missed, notes={})
    world.deliver("p1", {"support_plan": [_plan(1, SCHOOL, "draft")]}, on="2024-09-10", source="e-klase")
    world.deliver("p2", {"support_plan": [_plan(2, OTHER_SCHOOL, "paused")]}, on="2024-09-11", source="mykoob")
    gone = {"support_plan": [{"plan_id": "1"}]}
    withdrawal = {"support_plan": {"deleted": True}}
    world.deliver("p3", gone, on="2024-09-12", source="viis", notes=withdrawal)
    run(world)
    assert measure(world, 1, ABSENT) == (100, 1, 0.01, 1)
    assert measure(world, 2, ABSENT) == (40, 1, 0.025, 0)
    plans = world.query("select source, plan_id, pupil_key, status from core.support_plan order by source")
    assert plans == [("e-klase", "1", world.key(1), "draft"), ("mykoob", "1", world.key(2), "paused")]


def test_a_pupil_is_known_by_no_local_number(world: Country):
    """Defect: two pupils of two districts bear the same local number and become one pupil."""
    rows = [{"person_code": "17", "given_name": name} for name in ("Anna", "Zane")]
    world.deliver("local", {"pupil": rows[:1], "attendance": [absence() | {"person_code": "17"}]}, source="e-klase")
    world.deliver("other", {"pupil": rows[1:]}, source="mykoob")
    world.take_in()
    assert world.waiting() == {"person_code_form": 3}


def test_a_calendar_of_the_future_moves_no_window(world: Country):
    """Defect: 'this year' is the newest year of the calendar, so that next year's calendar empties every measure."""
    missed = {DAYS[8]: 5, DAYS[20]: 5, DAYS[21]: 2}
    deliver_roll(world, roll(1, missed=missed), [absence(1, f"{AS_OF}"), absence(1, "2024-12-20")])
    world.deliver("marks", {"mark": [mark(1, "3", n, mark_date=f"{DAYS[9]}") for n in range(3)]}, on="2024-10-06")
    run(world)
    columns = f"{ABSENT}, absence_rate_year, absence_rate_before, unrecorded_share_4w, subjects_below_4, data_to"
    now = measure(world, 1, columns)
    assert now is not None
    assert (now[1], now[3], now[8]) == (12, 12, DAYS[-1]), "a lesson on or after the day we stand on does not count"
    ahead = school_days([date(2025, 9, 1) + timedelta(n) for n in range(60)], "2025/2026")
    ahead += school_days([date(2034, 9, 1) + timedelta(n) for n in range(60)], "2034/2035")
    world.deliver("ahead", {"calendar_day": ahead}, on="2024-09-02")
    run(world)
    assert measure(world, 1, columns) == now
    assert world.query("select max(as_of) from risk.as_of_date") == [(AS_OF,)]


def test_an_enrolment_in_the_wrong_year_is_set_aside_or_waits_for_its_day(world: Country):
    """Defect: a mistyped year makes a pupil of many years, or hides a pupil who is there, and nobody is told."""
    wrong = [
        enrolment(1, entry_date="2024-09-02", exit_date="2023-12-20"),
        enrolment(2, entry_date="1924-09-01"),
        enrolment(3, entry_date="0024-09-01"),
    ]
    newcomer = {"pupil": [pupil(7)], "enrolment": [*wrong, enrolment(7, entry_date="2042-09-01")]}
    world.deliver("wrong", newcomer, on="2024-09-03")
    run(world, known_on=date(2024, 9, 9))
    rules = {"exit_after_entry": 1, "entry_date_plausible": 1, "entry_date_type": 1}
    assert world.waiting("enrolment") == rules
    assert enrolled(world) == KNOWN_PUPILS, "the newcomer of 2042 is not here yet"
    keys = {
        name: enrolment(7, entry_date="2042-09-01")[name] for name in ("person_code", "school_reg_no", "entry_date")
    }
    world.deliver("gone", {"enrolment": [keys]}, on="2024-09-10", notes={"enrolment": {"deleted": True}})
    world.deliver("right", {"enrolment": [enrolment(7)]}, on="2024-09-10")
    run(world)
    assert enrolled(world) == KNOWN_PUPILS + 1
    assert world.query("select count(*) from core.enrolment where pupil_key = $k", k=world.key(7)) == [(1,)]
    run(world, known_on=date(2024, 9, 9))
    assert enrolled(world) == KNOWN_PUPILS, "as it was known the day before"


@pytest.mark.parametrize("register", ["municipality", "institution", "pupil"])
def test_what_a_register_no_longer_names_does_not_leave_the_lists(world: Country, register: str):
    """Defect: lists are inner joined with the newest register, so that a school missing there has no pupils at risk."""
    deliver_roll(world, roll(1, DAYS, dict.fromkeys(DAYS, 3)))
    run(world)
    listed = "select pupil_key, reasons from listed.attention_list where as_of = $day"
    before = world.query(listed, day=AS_OF)
    assert before
    header = {"municipality": municipality(), "institution": institution(), "pupil": pupil(1)}[register]
    none_left = as_csv([header]).splitlines()[0] + "\n"
    world.deliver("empty", {register: none_left}, on="2024-11-01", notes={register: {"mode": "full"}})
    run(world)
    assert world.query(f"select count(*) from raw.{register}") == [(0,)]
    assert world.query(listed, day=AS_OF) == before
