"""The door's SQL: how values are read, which rule is named, from which day a row counts."""

from datetime import date
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts.contract import delivered, load
from data_contracts.intake import (
    Door,
    accepted,
    delivered_text,
    door_rules,
    judged_rows,
    key_expressions,
    known_columns,
    known_from,
    read_text,
    repeated_keys,
    typed_rows,
)

DATABASE = duckdb.connect()
DAY, DOOR = date(2024, 9, 10), Door("viis", date(2024, 9, 10))


def read(dataset: str, column: str, text: str | None) -> Any:
    expression = read_text(load(f"raw.{dataset}").column(column), "told")
    rows = DATABASE.execute(f"select {expression} from (select $text::varchar as told)", {"text": text}).fetchall()
    return rows[0][0]


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_every_day_is_read_in_both_forms(day: date):
    told = [f"{day:%d.%m.%Y}.", f"{day.day}.{day.month}.{day.year:04}", day.isoformat(), f"{day} 23:59:59"]
    assert [read("attendance", "lesson_date", text) for text in told] == [day] * 4


@given(st.text(max_size=12))
def test_no_text_stops_the_reading_of_a_day(text: str):
    assert read("attendance", "lesson_date", text.replace("\0", "")) is None or text.strip()[:1].isdigit()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("jā", True),
        ("J", True),
        ("1", True),
        ("TRUE", True),
        ("nē", False),
        ("0", False),
        ("f", False),
        ("varbūt", None),
    ],
)
def test_yes_and_no_are_read_in_both_languages(text: str, value: bool | None):
    assert read("lesson", "is_held", text) is value


@pytest.mark.parametrize(
    ("text", "value"),
    [("1. semestris", "semester1"), ("GADS", "year"), ("year", "year"), ("Year", "Year"), (None, None)],
)
def test_latvian_labels_are_read_as_their_values(text: str | None, value: str | None):
    assert read("period_mark", "period", text) == value


@pytest.mark.parametrize("key", delivered())
def test_the_doors_query_of_every_dataset_is_sound(key: str):
    contract = load(key)
    with duckdb.connect() as connection:
        connection.execute(
            "create table known_identity (code_text varchar, pupil_key varchar, pupil_since date, code_fault varchar)"
        )
        for reference in {c.references for c in accepted(contract).columns if c.references}:
            columns = ", ".join(f"null::varchar as {name}" for name in known_columns(reference))
            shown = columns.replace("null::varchar as valid_", "null::date as valid_")
            connection.execute(
                f"create or replace table known_{reference.table[4:]} as select {shown}, null::date as since"
            )
        cells = ", ".join(f"null::varchar as {name}" for name in contract.column_names)
        connection.execute(f"create table told as select 1 as row_no, {cells}")
        types = dict.fromkeys(contract.column_names, "VARCHAR")
        for door in (DOOR, Door("viis", DAY, is_withdrawal=True)):
            rows = judged_rows(typed_rows(contract, "told", types), door_rules(contract, types, door))
            ((rule,),) = connection.execute(f"select broken_rule from ({rows}) as judged").fetchall()
            first = next(c.name for c in contract.columns if c.required)
            assert rule == f"{first}_required"
        names = ", ".join(f"null::{c.type} as {c.name}" for c in accepted(contract).columns)
        days = f"select {known_from(accepted(contract), DOOR)} from (select {names}) as named"
        assert connection.execute(days).fetchall() == [(DAY,)], "what refers to nothing counts at once"


def test_only_keys_are_judged_of_what_is_withdrawn():
    contract, types = load("raw.mark"), {"person_code": "VARCHAR", "mark_text": "VARCHAR"}
    columns = {rule.column for rule in door_rules(contract, types, Door("viis", DAY, is_withdrawal=True))}
    assert columns == set(contract.natural_key)
    assert not any(
        r.name.endswith("_known") for r in door_rules(contract, types, Door("viis", DAY, is_withdrawal=True))
    )


def test_what_cannot_be_read_is_named_before_what_is_out_of_range():
    contract = load("raw.attendance")
    names = [rule.name for rule in door_rules(contract, dict.fromkeys(contract.column_names, "VARCHAR"), DOOR)]
    kinds = [name.rpartition("_")[2] for name in names]
    assert kinds.index("required") > max(i for i, kind in enumerate(kinds) if kind == "type")
    assert kinds.index("known") > max(i for i, kind in enumerate(kinds) if kind in ("required", "form", "range"))


def test_a_source_name_cannot_leave_its_quotes():
    rules = door_rules(load("raw.attendance"), {}, Door("o'brien", DAY))
    assert any("'o''brien'" in rule.holds for rule in rules)


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        ("4112900001::double", "DOUBLE", "4112900001"),
        ("1.5::double", "DOUBLE", "1.5"),
        ("'nan'::double", "DOUBLE", "nan"),
        ("1e300::double", "DOUBLE", "1e+300"),
        ("4112900001::float", "FLOAT", "4112900000.0"),
        ("null::double", "DOUBLE", None),
        ("42::bigint", "BIGINT", "42"),
    ],
)
def test_numbers_become_the_text_that_they_exactly_are(value: str, kind: str, text: str | None):
    expression = delivered_text(load("raw.attendance").column("school_reg_no"), kind)
    with duckdb.connect() as connection:
        sql = f"select {expression} from (select {value} as school_reg_no) as delivered"
        assert connection.execute(sql).fetchall() == [(text,)]


keys = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 14)), max_size=12)


@given(keys)
def test_repeated_lessons_are_found_by_bits_as_by_grouping(rows: list[tuple[int, int]]):
    told = ", ".join(f"({pupil}, 1, 1, {lesson}::tinyint)" for pupil, lesson in [(9, 0), *rows])
    relation = f"(values {told}) as told (pupil_key, school_reg_no, lesson_date, lesson_no)"
    found = DATABASE.execute(repeated_keys(accepted(load("raw.attendance")), relation)).fetchall()[0][0]
    assert (found > 0) == (len(set(rows)) < len(rows))


def test_a_key_that_does_not_end_in_a_small_number_is_grouped():
    contract = accepted(load("raw.period_mark"))
    row = "select " + ", ".join(f"1 as {name}" for name in contract.natural_key)
    found = [
        DATABASE.execute(repeated_keys(contract, f"({rows})")).fetchall() for rows in (row, f"{row} union all {row}")
    ]
    assert found == [[(0,)], [(1,)]]


def test_an_empty_part_of_a_key_compares_as_a_value():
    assert key_expressions(load("raw.calendar_day")) == [
        "school_year",
        "date",
        "grade_from",
        "coalesce(school_reg_no::varchar, '')",
    ]
