from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.public_format.oulad import KEYS, import_tables, rows_read
from tests.oulad_world import DAY_0, KEEPER, day, rows_of, world


def test_codes_tell_module_start_and_region_and_are_of_the_lawful_form():
    found = import_tables(world([{"id_student": 7, "region": "Scotland"}])).datasets
    assert found["pupil"]["person_code"].to_list() == ["32010000007", "32010000099"]
    assert found["institution"].select("school_reg_no", "name", "atvk_code").rows() == [
        ("8801131001", "AAA 2013J Scotland", "UK00001"),
        ("8801131002", "AAA 2013J Wales", "UK00002"),
    ]
    assert found["municipality"].select("atvk_code", "name_lv", "kind").rows() == [
        ("UK00001", "Scotland", "region"),
        ("UK00002", "Wales", "region"),
    ]


def test_a_presentation_starts_in_february_or_october():
    students = [{"id_student": 7, "code_presentation": "2014B"}, {"id_student": 8}]
    assert rows_of(import_tables(world(students)), "enrolment", "entry_date") == [(date(2014, 2, 1),), (DAY_0,)]


def test_a_student_is_one_pupil_in_all_presentations_of_a_module_and_another_in_another_module():
    again = [{"id_student": 7}, {"id_student": 7, "code_presentation": "2014J"}, {"id_student": 7, "code_module": "B"}]
    imported = import_tables(world(again))
    assert rows_of(imported, "pupil", "person_code") == [("32010000007",), ("32020000007",)]
    schools = rows_of(imported, "enrolment", "person_code", "school_reg_no")
    assert schools == [
        ("32010000007", "8801131001"),
        ("32010000007", "8801141001"),
        ("32020000007", "8802131001"),
    ]


def test_of_a_pupil_only_the_sex_is_known():
    imported = import_tables(world([{"id_student": 7, "gender": "M"}, {"id_student": 8, "gender": "X"}]))
    columns = ("sex", "given_name", "family_name", "birth_date")
    assert rows_of(imported, "pupil", *columns) == [("M", None, None, None), (None, None, None, None)]


def test_a_week_is_a_lesson_on_its_last_day_present_with_a_click():
    imported = import_tables(world([{"id_student": 7}], clicks=[(7, 0), (7, 13), (7, 13), (7, 21)], log=range(29)))
    assert rows_of(imported, "attendance", "lesson_date", "lesson_no", "subject_code", "code") == [
        (day(6), 1, "AAA", None),
        (day(13), 1, "AAA", None),
        (day(20), 1, "AAA", "n"),
        (day(27), 1, "AAA", None),
    ]


@pytest.mark.parametrize(("score", "text"), [(78.0, "78%"), (0.0, "0%"), (100.0, "100%"), (12.5, "12.5%")])
def test_a_score_is_a_mark_in_percent_on_the_day_of_handing_in(score: float, text: str):
    imported = import_tables(world([{"id_student": 7}], [{"id_assessment": 1}], [(1, 7, -2, score)]))
    columns = ("mark_date", "subject_code", "work_kind", "sequence", "mark_text")
    assert rows_of(imported, "mark", *columns) == [(day(-2), "AAA", "TMA:1", 1, text)]


def test_a_missing_score_stays_missing_and_a_banked_one_is_of_another_year():
    works = [{"id_assessment": 1}, {"id_assessment": 2}]
    imported = import_tables(world([{"id_student": 7}], works, [(1, 7, 3, None), (2, KEEPER, 3, 9.0)], banked=[(2, 7)]))
    assert rows_of(imported, "mark", "mark_text") == []
    assert imported.left_out["studentAssessment"] == {
        "banked: carried over from an earlier presentation": 1,
        "no score: the mark stays missing": 1,
    }


def test_works_are_named_so_that_one_day_holds_them_all():
    works = [{"id_assessment": 30}, {"id_assessment": 20}, {"id_assessment": 25, "assessment_type": "CMA"}]
    results = [(30, 7, 3, 30.0), (20, 7, 3, 20.0), (25, 7, 3, 25.0)]
    imported = import_tables(world([{"id_student": 7}], works, results))
    found = rows_of(imported, "mark", "work_kind", "sequence", "mark_text")
    assert found == [("CMA:1", 1, "25%"), ("TMA:1", 1, "20%"), ("TMA:2", 1, "30%")]


@pytest.mark.parametrize(("length", "semesters"), [(28, [1, 1, 2, 2]), (27, [1, 1, 2]), (30, [1, 1, 2, 2])])
def test_a_presentation_is_a_school_year_of_day_0_and_one_day_a_week(length: int, semesters: list[int]):
    days = import_tables(world([], length=length)).datasets["calendar_day"]
    expected = [(day(0), 1), *((day(7 * week + 6), semester) for week, semester in enumerate(semesters))]
    assert days.select("date", "semester").rows() == expected
    assert days.select("school_year", "grade_from", "grade_to", "school_reg_no", "kind").unique().rows() == [
        ("2013J AAA", 1, 13, "8801131001", "school_day")
    ]


DAYS = st.integers(-5, 35)
STUDENTS = st.lists(
    st.fixed_dictionaries(
        {
            "id_student": st.integers(1, 4),
            "code_presentation": st.sampled_from(["2013J", "2014B"]),
            "region": st.sampled_from(["Wales", "Ireland"]),
            "final_result": st.sampled_from(["Pass", "Fail", "Withdrawn"]),
            "date_registration": st.none() | DAYS,
            "date_unregistration": st.none() | DAYS,
        }
    ),
    unique_by=lambda who: (who["id_student"], who["code_presentation"]),
)
RESULTS = st.lists(
    st.tuples(st.integers(1, 4), st.integers(1, 5), DAYS, st.none() | st.integers(0, 100).map(float)),
    unique_by=lambda result: result[:2],
)


@settings(deadline=None, max_examples=60)
@given(
    students=STUDENTS,
    results=RESULTS,
    clicks=st.lists(st.tuples(st.integers(1, 5), DAYS)),
    log=st.sampled_from([range(0), range(-5, 29), range(15)]),
    seed=st.integers(0, 9),
)
def test_every_source_row_is_used_or_left_out_and_the_order_of_rows_is_nothing(students, results, clicks, log, seed):
    works = [{"id_assessment": 1}, {"id_assessment": 2, "date": 20}, {"id_assessment": 3, "date": None}]
    tables = world(students, works, results, clicks, log)
    imported = import_tables(tables)
    assert {n: imported.used[n] + sum(imported.left_out[n].values()) for n in tables} == {
        n: rows_read(t) for n, t in tables.items()
    }
    found = imported.datasets
    assert found["enrolment"].height == imported.used["studentInfo"] == imported.used["studentRegistration"]
    assert found["mark"].filter(pl.col("mark_text") != "nv").height == imported.used["studentAssessment"]
    assert all(not found[name].select(key).is_duplicated().any() for name, key in KEYS.items())
    shuffled = import_tables({name: rows.sample(fraction=1, shuffle=True, seed=seed) for name, rows in tables.items()})
    assert all(found[name].equals(shuffled.datasets[name]) for name in KEYS)
