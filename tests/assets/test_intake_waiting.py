"""Rows that refer to something nobody delivered yet wait, and count from the day on which it was there."""

from datetime import date
from typing import Any

import pytest

from tests.assets.kit import (
    NEW_SCHOOL,
    OTHER_SCHOOL,
    SCHOOL,
    Country,
    absence,
    code_of,
    enrolment,
    institution,
    mark,
    municipality,
    pupil,
)


def known_from(country: Country, dataset: str = "attendance") -> list[date]:
    return [row[0] for row in country.rows("known_from", dataset)]


def meaning(code: str, **said: Any) -> dict[str, Any]:
    told = {"source": "*", "school_reg_no": "*", "code": code, "valid_from": "2000-01-01", "meaning": "absent_ill"}
    return told | {"valid_to": None} | said


MISSING = {
    "pupil": ("attendance", absence(9), "person_code_known", {"pupil": [pupil(9)]}),
    "school": (
        "attendance",
        absence(school_reg_no=NEW_SCHOOL),
        "school_reg_no_known",
        {"institution": [institution(NEW_SCHOOL)]},
    ),
    "attendance code": ("attendance", absence(code="zz"), "code_known", {"attendance_code": [meaning("zz")]}),
    "exit status": (
        "enrolment",
        enrolment(1, OTHER_SCHOOL, exit_date="2024-10-01", exit_status="aizgājis"),
        "exit_status_known",
        {
            "exit_status_code": [
                {"source": "*", "exit_status": "aizgājis", "valid_from": "2000-01-01", "meaning": "transferred"}
            ]
        },
    ),
    "municipality": (
        "institution",
        institution(NEW_SCHOOL, "LV00200"),
        "atvk_code_known",
        {"municipality": [municipality("LV00200")]},
    ),
}


@pytest.mark.parametrize("what", MISSING)
def test_a_row_waits_for_what_it_refers_to(country: Country, what: str):
    dataset, row, rule, reference = MISSING[what]
    before = len(country.rows("1", dataset))
    country.deliver("a", {dataset: [row]}, on="2024-09-10")
    country.take_in(dataset)
    assert country.counts("viis.a", dataset) == (1, 0, 1, 0)
    assert country.waiting() == {rule: 1}
    told = country.report("viis.a")
    assert [(line["line"], line["rule"], line["column"]) for line in told] == [("2", rule, rule.removesuffix("_known"))]
    assert "tried again" in told[0]["what to do"]

    country.deliver("b", reference, on="2024-09-20")
    country.take_in(*reference, dataset)
    assert country.counts("viis.a", dataset) == (1, 1, 0, 0)
    assert country.ledger("viis.a", dataset)["status"] == "accepted"
    assert len(country.rows("1", dataset)) == before + 1
    assert len(country.rows("1", dataset, date(2024, 9, 19))) == before, (
        "it counts from the day its reference was known"
    )
    assert country.waiting() == {}
    assert not list(country.home.quarantine.iterdir())


def test_a_chain_of_references_is_followed(country: Country):
    country.deliver("a", {"attendance": [absence(school_reg_no=NEW_SCHOOL)]}, on="2024-09-10")
    country.deliver("b", {"institution": [institution(NEW_SCHOOL, "LV00200")]}, on="2024-09-12")
    country.take_in("institution", "attendance")
    assert country.waiting() == {"atvk_code_known": 1, "school_reg_no_known": 1}
    country.deliver("c", {"municipality": [municipality("LV00200")]}, on="2024-09-14")
    country.take_in("municipality", "institution", "attendance")
    assert country.waiting() == {}
    assert known_from(country) == [date(2024, 9, 14)]


def test_rows_of_one_file_count_from_different_days(country: Country):
    country.deliver("a", {"attendance": [absence(1), absence(7), absence(8), absence(9)]}, on="2024-09-10")
    country.deliver("b", {"pupil": [pupil(7)]}, on="2024-09-12")
    country.deliver("c", {"pupil": [pupil(8)]}, on="2024-09-08")
    country.take_in("pupil", "attendance")
    assert country.counts("viis.a", "attendance") == (4, 3, 1, 0)
    assert country.ledger("viis.a", "attendance")["status"] == "partly accepted"
    assert sorted(known_from(country)) == [date(2024, 9, 10), date(2024, 9, 10), date(2024, 9, 12)]


def test_an_earlier_delivery_that_arrives_late_corrects_the_day(country: Country):
    country.deliver("a", {"attendance": [absence(9), absence(9, lesson=2)]}, on="2024-09-10")
    country.deliver("b", {"pupil": [pupil(9)]}, on="2024-09-20")
    country.take_in("pupil", "attendance")
    assert known_from(country) == [date(2024, 9, 20)] * 2
    country.deliver("c", {"attendance": [absence(9, code="ns")]}, on="2024-09-18")
    country.deliver("d", {"pupil": [pupil(9, "Inta")]}, on="2024-09-15")
    country.take_in("pupil", "attendance")
    codes = {day: country.rows("code", "attendance", date(2024, 9, day)) for day in (14, 15, 18)}
    assert codes == {14: [], 15: [("n",), ("n",)], 18: [("n",), ("ns",)]}
    assert country.counts("viis.a", "attendance") == (2, 1, 0, 1)


def test_what_was_withdrawn_stays_known(country: Country):
    country.deliver("a", {"pupil": [{"person_code": code_of(1)}]}, on="2024-09-12", notes={"pupil": {"deleted": True}})
    country.deliver("b", {"attendance": [absence(1)]}, on="2024-09-14")
    country.take_in("pupil", "attendance")
    assert country.counts("viis.b", "attendance") == (1, 1, 0, 0), "or the order of taking in would matter"


def test_a_code_of_one_source_is_unknown_in_another(country: Country):
    country.deliver("codes", {"attendance_code": [meaning("s", source="mykoob")]}, on="2024-09-02")
    country.deliver("a", {"attendance": [absence(code="s")]}, source="mykoob")
    country.deliver("b", {"attendance": [absence(2, code="s")]}, source="e-klase")
    country.take_in("attendance_code", "attendance")
    assert country.counts("mykoob.a", "attendance") == (1, 1, 0, 0)
    assert country.counts("e-klase.b", "attendance") == (1, 0, 1, 0)


def test_a_code_of_one_school_is_unknown_in_another(country: Country):
    country.deliver("codes", {"attendance_code": [meaning("s", school_reg_no=SCHOOL)]}, on="2024-09-02")
    country.deliver("a", {"attendance": [absence(code="s"), absence(2, code="s", school_reg_no=OTHER_SCHOOL)]})
    country.take_in("attendance_code", "attendance")
    assert country.counts("viis.a", "attendance") == (2, 1, 1, 0)
    assert country.rows("school_reg_no", "attendance") == [(SCHOOL,)]


def test_a_code_is_known_only_on_the_days_it_is_valid(country: Country):
    valid = meaning("s", valid_from="2024-09-03", valid_to="2024-09-04")
    country.deliver("codes", {"attendance_code": [valid]}, on="2024-09-02")
    country.deliver("a", {"attendance": [absence(day=f"2024-09-0{n}", code="s") for n in (2, 3, 4, 5)]})
    country.take_in("attendance_code", "attendance")
    assert country.counts("viis.a", "attendance") == (4, 2, 2, 0)


def test_an_exit_status_is_known_per_source(country: Country):
    status = {"source": "viis", "exit_status": "X", "valid_from": "2000-01-01", "meaning": "other"}
    country.deliver("codes", {"exit_status_code": [status]}, on="2024-09-02")
    left = {"exit_date": "2024-10-01", "exit_status": "X"}
    country.deliver("a", {"enrolment": [enrolment(1, OTHER_SCHOOL, **left)]}, on="2024-10-02")
    country.deliver("b", {"enrolment": [enrolment(2, OTHER_SCHOOL, **left)]}, on="2024-10-02", source="cita")
    country.take_in("exit_status_code", "enrolment")
    assert country.counts("viis.a", "enrolment") == (1, 1, 0, 0)
    assert country.counts("cita.b", "enrolment") == (1, 0, 1, 0)


def test_no_code_is_presence_and_needs_no_meaning(country: Country):
    country.deliver("a", {"attendance": [absence(code="")]}, notes={"attendance": {"shape": "roll"}})
    country.take_in("attendance")
    assert country.rows("code, shape", "attendance") == [(None, "roll")]


def test_rows_broken_otherwise_go_on_waiting_when_others_are_let_in(country: Country):
    lines = ["person_code,school_reg_no,lesson_date,lesson_no,code"]
    lines += [f"{code_of(9)},{SCHOOL},2024-09-02,1,n", f"{code_of(1)},{SCHOOL},2024-09-02,77,n", "cut,short"]
    lines += [f"{code_of(8)},{SCHOOL},2024-09-02,1,n", f"{code_of(1)},{SCHOOL},2024-09-02,1,n"]
    country.deliver("a", {"attendance": "\n".join(lines) + "\n"})
    country.take_in("attendance")
    assert country.waiting() == {"person_code_known": 2, "lesson_no_range": 1, "row_malformed": 1}
    country.deliver("b", {"pupil": [pupil(9)]})
    country.take_in("pupil", "attendance")
    assert country.waiting() == {"person_code_known": 1, "lesson_no_range": 1, "row_malformed": 1}
    assert country.counts("viis.a", "attendance") == (5, 2, 3, 0)
    assert country.ledger("viis.a", "attendance")["status"] == "partly accepted"
    assert [(line["line"], line["rule"]) for line in country.report("viis.a")] == [
        ("3", "lesson_no_range"),
        ("4", "row_malformed"),
        ("5", "person_code_known"),
    ]


def test_nothing_is_tried_again_while_nothing_arrived(country: Country):
    country.deliver("a", {"attendance": [absence(9)]})
    country.take_in("attendance")
    (waiting,) = country.query("select waiting_file, tried_part from raw.intake where waiting_file is not null")
    country.take_in("attendance")
    assert country.query("select waiting_file, tried_part from raw.intake where waiting_file is not null") == [waiting]


def test_typed_values_survive_the_wait(country: Country):
    import polars as pl

    row = absence(9, excused_on=date(2024, 9, 5)) | {"lesson_date": date(2024, 9, 2)}
    frame = pl.DataFrame([row]).with_columns(school_reg_no=pl.lit(float(SCHOOL)), lesson_no=pl.lit(3.0))
    country.deliver("a", {"attendance.parquet": frame})
    country.take_in("attendance")
    assert country.waiting() == {"person_code_known": 1}
    country.deliver("b", {"pupil": [pupil(9)]})
    country.take_in("pupil", "attendance")
    assert country.rows("school_reg_no, lesson_date, lesson_no, excused_on", "attendance") == [
        (SCHOOL, date(2024, 9, 2), 3, date(2024, 9, 5))
    ]


class TestRepeatedKeys:
    """Rows of one file with one key."""

    def test_agreeing_rows_count_once(self, country: Country):
        country.deliver("a", {"attendance": [absence(), absence(), absence(2), absence()]})
        country.take_in("attendance")
        assert country.counts("viis.a", "attendance") == (4, 2, 0, 2)

    def test_disagreeing_rows_all_wait(self, country: Country):
        country.deliver("a", {"attendance": [absence(), absence(code="ns"), absence(2), absence()]})
        country.take_in("attendance")
        assert country.counts("viis.a", "attendance") == (4, 1, 3, 0)
        assert country.waiting() == {"key_disagrees": 3}
        assert [line["line"] for line in country.report("viis.a")] == ["2", "3", "5"]

    def test_a_code_with_and_without_dash_is_the_same_key(self, country: Country):
        country.deliver("a", {"attendance": [absence(), absence(person_code=code_of(1).replace("-", ""))]})
        country.take_in("attendance")
        assert country.counts("viis.a", "attendance") == (2, 1, 0, 1)

    def test_people_who_share_a_code_disagree_even_in_names(self, country: Country):
        country.deliver("a", {"pupil": [pupil(11, "Jana"), pupil(11, "Juris")]})
        country.take_in("pupil")
        assert country.waiting() == {"key_disagrees": 2}

    def test_a_column_that_is_not_kept_makes_no_disagreement(self, country: Country):
        rows = [enrolment(1, OTHER_SCHOOL, programme_code=code) for code in ("21011111", "21011112")]
        country.deliver("a", {"enrolment": rows})
        country.take_in("enrolment")
        assert country.counts("viis.a", "enrolment") == (2, 1, 0, 1)

    def test_keys_to_withdraw_cannot_disagree(self, country: Country):
        country.deliver("a", {"mark": [mark(1, "7"), mark(1, "8")]}, notes={"mark": {"deleted": True}})
        country.take_in("mark")
        assert country.counts("viis.a", "mark") == (2, 1, 0, 1)

    @pytest.mark.parametrize("is_known_first", [True, False])
    def test_disagreement_does_not_depend_on_what_is_known(self, country: Country, is_known_first: bool):
        country.deliver("a", {"attendance": [absence(), absence(code="zz"), absence(9), absence(9)]}, on="2024-09-10")
        references = {"pupil": [pupil(9)], "attendance_code": [meaning("zz")]}
        if is_known_first:
            country.deliver("b", references, on="2024-09-05")
        country.take_in("attendance_code", "pupil", "attendance")
        if not is_known_first:
            country.deliver("b", references, on="2024-09-05")
            country.take_in("attendance_code", "pupil", "attendance")
        assert country.waiting() == {"key_disagrees": 2}
        assert country.counts("viis.a", "attendance") == (4, 1, 2, 1)
        assert known_from(country) == [date(2024, 9, 10)]

    def test_an_empty_part_of_a_key_is_a_value(self, country: Country):
        day = {"school_year": "2024/2025", "date": "2024-09-02", "grade_from": 1, "school_reg_no": "", "grade_to": 12}
        row = day | {"semester": 1, "kind": "school_day"}
        country.deliver("a", {"calendar_day": [row, row, row | {"kind": "holiday", "grade_from": 2}]})
        country.take_in("calendar_day")
        assert country.counts("viis.a", "calendar_day") == (3, 2, 0, 1)
        country.deliver(
            "b", {"calendar_day": [row | {"kind": "mācību diena"}, row | {"kind": "holiday"}]}, on="2024-09-11"
        )
        country.deliver("c", {"calendar_day": [row | {"kind": "holiday"}]}, on="2024-09-12")
        country.take_in("calendar_day")
        assert country.waiting() == {"key_disagrees": 2}
        assert country.rows("kind, delivery_id", "calendar_day") == [("holiday", "viis.a"), ("holiday", "viis.c")]
