from collections.abc import Iterable
from typing import Any

import polars as pl
import pytest

from models.public_format.imported import ImportRefused
from models.public_format.oulad import import_tables
from tests.oulad_world import KEEPER, day, rows_of, without_keeper, world


@pytest.mark.parametrize(("registered", "entry"), [(-40, 0), (0, 0), (5, 5), (None, 0)])
def test_a_pupil_enters_on_day_0_or_when_registered_later(registered: int | None, entry: int):
    imported = import_tables(world([{"id_student": 7, "date_registration": registered}]))
    assert rows_of(imported, "enrolment", "entry_date") == [(day(entry),)]
    assert imported.notes["no date of registration: entry on day 0"] == (registered is None)


@pytest.mark.parametrize(
    ("result", "unregistered", "exit_day", "status"),
    [
        ("Pass", None, 29, "absolvējis"),
        ("Distinction", None, 29, "absolvējis"),
        ("Fail", None, 29, "nav sekmīgs"),
        ("Withdrawn", 1, 1, "pārtraucis mācības"),
        ("Withdrawn", 40, 40, "pārtraucis mācības"),
        ("Withdrawn", None, None, "pārtraucis mācības"),
        ("Fail", 12, 29, "nav sekmīgs"),
    ],
)
def test_an_enrolment_ends_by_its_result(result: str, unregistered: int | None, exit_day: int | None, status: str):
    imported = import_tables(world([{"id_student": 7, "final_result": result, "date_unregistration": unregistered}]))
    ended = day(exit_day) if exit_day else None
    assert rows_of(imported, "enrolment", "exit_date", "exit_status", "class_label") == [(ended, status, "M")]


def test_doubtful_ends_are_counted():
    ends = [("Withdrawn", None), ("Withdrawn", 40), ("Fail", 12)]
    students = [
        {"id_student": n, "final_result": r, "date_unregistration": d} for n, (r, d) in enumerate(ends, start=1)
    ]
    notes = import_tables(world(students)).notes
    assert notes["withdrawn without a date: the end is not known"] == 1
    assert notes["withdrawn after the end of the course: kept at that date"] == 1
    assert notes["unregistered but not withdrawn: kept to the end of the course"] == 1


@pytest.mark.parametrize("result", ["Withdrawn", "Fail"])
@pytest.mark.parametrize("unregistered", [-3, 0])
def test_who_unregistered_by_day_0_is_in_no_dataset(result: str, unregistered: int):
    gone = {"id_student": 7, "final_result": result, "date_unregistration": unregistered, "region": "Ireland"}
    tables = world([gone], [{"id_assessment": 1}], [(1, 7, 3, 50.0)], clicks=[(7, 2)], log=range(29))
    imported = import_tables(tables)
    assert all(without_keeper(imported, name).is_empty() for name in ("pupil", "enrolment", "attendance", "mark"))
    assert imported.datasets["institution"].height == imported.datasets["municipality"].height == 1
    assert imported.left_out["studentInfo"] == {"unregistered on day 0 or before": 1}
    assert imported.left_out["studentAssessment"] == {"student in no cohort": 1}
    assert imported.left_out["clicks"]["student in no cohort"] == 1


@pytest.mark.parametrize(
    ("registered", "unregistered", "weeks"),
    [(0, 28, [0, 1, 2, 3]), (1, 27, [1, 2]), (7, 21, [1, 2]), (8, 20, []), (-5, 14, [0, 1])],
)
def test_only_weeks_wholly_inside_the_enrolment_count(registered: int, unregistered: int, weeks: list[int]):
    who = {"id_student": 7, "date_registration": registered, "date_unregistration": unregistered}
    imported = import_tables(world([who | {"final_result": "Withdrawn"}], clicks=[(7, 1)], log=range(29)))
    assert rows_of(imported, "attendance", "lesson_date") == [(day(7 * week + 6),) for week in weeks]


@pytest.mark.parametrize(
    ("log", "weeks"),
    [
        (range(-5, 29), [0, 1, 2, 3]),
        (range(-5, 28), [0, 1, 2]),  # the last day of a log that ends early may be cut short
        (range(-5, 22), [0, 1, 2]),
        (range(-5, 21), [0, 1]),
        (range(1, 29), [1, 2, 3]),
        (range(7, 29), [2, 3]),
        ([*range(10), *range(11, 29)], [0, 2, 3]),
        ([], []),
    ],
)
def test_where_the_log_does_not_cover_a_week_nobody_is_absent(log: Iterable[int], weeks: list[int]):
    imported = import_tables(world([{"id_student": 7}], log=log))
    assert rows_of(imported, "attendance", "lesson_date", "code") == [(day(7 * week + 6), "n") for week in weeks]
    assert imported.notes["presentation weeks with clicks of every day"] == len(weeks)
    assert imported.notes["presentation weeks without: no attendance is known"] == 4 - len(weeks)


def test_days_after_the_last_whole_week_are_no_lesson():
    imported = import_tables(world([{"id_student": 7}], clicks=[(7, 29)], log=range(32), length=30))
    assert imported.datasets["attendance"]["lesson_date"].max() == day(27)
    assert imported.left_out["clicks"] == {"in a week that is not whole in the course and in the log": 1 + 4}


def test_after_the_last_trace_of_a_withdrawal_without_date_nothing_is_known():
    gone = {"id_student": 7, "final_result": "Withdrawn"}
    works = [{"id_assessment": 1, "date": 10}, {"id_assessment": 2, "date": 22}]
    everyone = [(1, KEEPER, 9, 50.0), (2, KEEPER, 20, 50.0)]
    imported = import_tables(world([gone], works, [*everyone, (1, 7, 13, 40.0)], clicks=[(7, 2)], log=range(29)))
    assert rows_of(imported, "attendance", "lesson_date", "code") == [(day(6), None), (day(13), "n")]
    assert rows_of(imported, "mark", "mark_date", "mark_text") == [(day(11), "nv"), (day(13), "40%")]


@pytest.mark.parametrize(
    ("submitted", "rows"),
    [
        (10, [(10, "50%")]),
        (11, [(11, "50%")]),  # in by the end of the day on which it is known
        (12, [(11, "nv"), (12, "50%")]),
        (60, [(11, "nv"), (60, "50%")]),
        (None, [(11, "nv")]),
    ],
)
def test_a_missing_work_is_known_on_the_day_after_it_was_due(submitted: int | None, rows: list[tuple[int, str]]):
    late = [] if submitted is None else [(1, 7, submitted, 50.0)]
    imported = import_tables(world([{"id_student": 7}], [{"id_assessment": 1}], [(1, KEEPER, 5, 80.0), *late]))
    found = without_keeper(imported, "mark")
    assert found.select("mark_date", "mark_text").rows() == [(day(number), text) for number, text in rows]
    assert found.select("work_kind", "sequence").n_unique() == 1  # so that the later mark closes the nv


@pytest.mark.parametrize(
    ("who", "is_missing"),
    [
        ({"final_result": "Withdrawn", "date_unregistration": 11}, False),
        ({"final_result": "Withdrawn", "date_unregistration": 12}, True),
        ({"date_registration": 10}, True),
        ({"date_registration": 11}, False),
    ],
)
def test_work_is_missing_only_of_who_belongs_from_the_due_day_to_the_day_after(who: dict[str, Any], is_missing: bool):
    imported = import_tables(world([{"id_student": 7} | who], [{"id_assessment": 1}], [(1, KEEPER, 5, 80.0)]))
    assert rows_of(imported, "mark", "mark_text") == [("nv",)] * is_missing


def test_work_without_a_due_day_or_without_any_result_is_missing_of_nobody():
    works = [{"id_assessment": 1, "date": None, "assessment_type": "Exam"}, {"id_assessment": 2}]
    imported = import_tables(world([{"id_student": 7}], works, [(1, KEEPER, 25, 80.0)]))
    assert rows_of(imported, "mark", "mark_text") == []
    assert imported.left_out["assessments"] == {"no mark came of it: no result that can be used": 1}


def test_results_entered_all_at_once_make_work_missing_only_after_they_are_entered():
    others = [{"id_student": number} for number in (1, 2, 3)]
    batch = [(1, KEEPER, 4, 80.0), (1, 1, 16, 80.0), (1, 2, 16, 80.0), (1, 3, 17, 80.0)]
    imported = import_tables(world([{"id_student": 7}, *others], [{"id_assessment": 1}], batch))
    missing = imported.datasets["mark"].filter(pl.col("mark_text") == "nv")
    assert missing.select("person_code", "mark_date").rows() == [("32010000007", day(17))]


def test_a_score_handed_in_late_without_score_leaves_the_work_missing():
    imported = import_tables(
        world([{"id_student": 7}], [{"id_assessment": 1}], [(1, KEEPER, 5, 80.0), (1, 7, 15, None)])
    )
    assert rows_of(imported, "mark", "mark_text") == [("nv",)]
    assert imported.notes["works not handed in (nv), no mark came"] == 1


@pytest.mark.parametrize(
    ("who", "rule"),
    [
        ({"code_presentation": "2013X"}, "a year and B or J"),
        ({"final_result": "Deferred"}, "one of the four"),
        ({"id_student": 10_000_000}, "seven digits"),
    ],
)
def test_what_has_no_meaning_here_is_refused_with_its_count(who: dict[str, Any], rule: str):
    with pytest.raises(ImportRefused, match=rf"\.csv: .*{rule}.*\(1 found\); take the files"):
        import_tables(world([{"id_student": 7} | who]))


def test_a_student_of_whom_a_table_knows_nothing_is_left_out_and_counted():
    tables = world([{"id_student": number} for number in (1, 2, 3)] + [{"id_student": 4, "code_module": "B"}])
    tables["studentInfo"] = tables["studentInfo"].filter(pl.col("id_student") != 1)
    tables["studentRegistration"] = tables["studentRegistration"].filter(pl.col("id_student") != 2)
    tables["courses"] = tables["courses"].filter(pl.col("code_module") != "B")
    imported = import_tables(tables)
    assert rows_of(imported, "pupil", "person_code") == [("32010000003",)]
    assert imported.left_out["studentInfo"] == {"no row in courses.csv": 1, "no row in studentRegistration.csv": 1}
    assert imported.left_out["studentRegistration"] == {"no row in courses.csv": 1, "no row in studentInfo.csv": 1}


def test_who_unregistered_before_registering_is_in_no_cohort():
    who = {"id_student": 7, "final_result": "Withdrawn", "date_registration": 9, "date_unregistration": 8}
    imported = import_tables(world([who, who | {"id_student": 8, "date_unregistration": 9}]))
    assert rows_of(imported, "pupil", "person_code") == [("32010000008",)]
    assert imported.left_out["studentInfo"] == {"unregistered before registering": 1}


def test_a_result_of_an_unknown_work_or_student_makes_no_mark():
    imported = import_tables(
        world([], [{"id_assessment": 1}], [(1, KEEPER, 5, 80.0), (1, 7, 5, 1.0), (2, KEEPER, 5, 1.0)])
    )
    assert imported.left_out["studentAssessment"] == {"no row in assessments.csv": 1, "student in no cohort": 1}
    assert imported.used["studentAssessment"] == imported.datasets["mark"].height == 1


def test_marks_outside_the_enrolment_are_kept_and_counted():
    who = {"id_student": 7, "final_result": "Withdrawn", "date_unregistration": 20}
    results = [(1, 7, -1, 10.0), (2, 7, 20, 20.0), (3, 7, 19, 30.0)]
    imported = import_tables(world([who], [{"id_assessment": number} for number in (1, 2, 3)], results))
    assert rows_of(imported, "mark", "mark_text") == [("10%",), ("30%",), ("20%",)]
    assert imported.notes["marks from before the entry: kept at their date"] == 1
    assert imported.notes["marks from after the end of the enrolment: kept at their date"] == 1


def test_clicks_that_tell_of_no_lesson_are_counted_by_reason():
    who = {"id_student": 7, "final_result": "Withdrawn", "date_unregistration": 20}
    imported = import_tables(world([who], clicks=[(7, -2), (7, 3), (7, 15), (8, 3)], log=range(28)))
    assert imported.left_out["clicks"] == {
        "before day 0": 1,
        "in a week not wholly inside the enrolment": 1,
        "in a week that is not whole in the course and in the log": 7,
        "student in no cohort": 1,
    }
