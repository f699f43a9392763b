"""Rules and profiles made from a contract, shown on a table that breaks each of them once."""

from typing import Any

import duckdb
import pytest

from data_contracts.contract import Column, Contract, Promise, Reference
from data_contracts.expectations import judge
from data_contracts.profile import profile_query
from data_contracts.rules import bounds_hold, check_names, column_rules, literal, row_rules


def column(name: str, kind: str = "varchar", **promised: Any) -> Column:
    return Column(name, kind, "string", name, name, **promised)


THING = Contract(
    "core", "thing", "1.0.0", "", "", "", "", "", "",
    columns=(
        column("code", required=True, key_position=1, pattern="[a-z]'?"),
        column("school", key_position=2, references=Reference("core.school", "code")),
        column("size", "integer", minimum=0, maximum=9),
        column("kind", values=("a", "it's")),
        column("least", "integer", minimum=1),
    ),
    promises=(
        Promise("small", "it must be small", predicate="size < 5"),
        Promise("none_left", "nothing may be left", query="select count(*) from core.left_over"),
    ),
)  # fmt: skip

ROWS = [
    ("a", "s1", 1, "a", 1),
    ("b'", None, None, None, None),
    (None, "s1", 3, "it's", 3),
    ("A", "s1", 3, "a", 3),
    ("c", "s9", 3, "a", 3),
    ("d", None, 10, "a", 3),
    ("e", None, 4, "c", 0),
    ("e", None, 7, "a", 2),
    ("e", None, 2, "a", 2),
]


@pytest.fixture
def database() -> Any:
    with duckdb.connect() as connection:
        connection.execute("create schema core; create table core.school as select 's1' as code union all select null")
        connection.execute("create table core.thing (code varchar, school varchar, size int, kind varchar, least int)")
        connection.executemany("insert into core.thing values (?, ?, ?, ?, ?)", ROWS)
        connection.execute("create table core.left_over as select 1 as n")
        yield connection


def profile(connection: Any, **named: Any) -> dict[str, int]:
    result = connection.execute(profile_query(THING, **named))
    names = [d[0] for d in result.description]
    return dict(zip(names, result.fetchall()[0], strict=True))


BROKEN = {
    "row_count": 9, "code_required": 1, "code_form": 1, "size_range": 1, "kind_value": 1, "least_range": 1, "small": 2,
    "key_unique": 2, "school_known": 1, "none_left": 1,
}  # fmt: skip


def test_each_breach_is_counted_once_and_what_is_empty_breaks_nothing(database: Any):
    assert profile(database) == BROKEN


def test_keys_that_were_counted_before_are_not_counted_again(database: Any):
    assert profile(database, repeated_keys=5)["key_unique"] == 5


def test_a_profile_may_be_of_some_rows_only(database: Any):
    some = profile(database, relation="(select * from core.thing where code = 'e')")
    assert {name: count for name, count in some.items() if count} == {
        "row_count": 3, "kind_value": 1, "least_range": 1, "small": 1, "key_unique": 2, "none_left": 1,
    }  # fmt: skip


def test_great_expectations_judges_the_profile(database: Any):
    verdicts = {v.rule: v for v in judge(THING, profile(database))}
    assert list(verdicts) == [name for name, _ in check_names(THING)]
    assert {name: v.broken for name, v in verdicts.items()} == {k: v for k, v in BROKEN.items() if k != "row_count"}
    assert not any(v.passed for v in verdicts.values())
    clean = judge(THING, dict.fromkeys(BROKEN, 0))
    assert all(type(v.passed) is bool and v.passed for v in clean)


def test_rules_are_named_after_column_and_promise():
    assert [rule.name for rule in row_rules(THING)] == [
        "code_required", "code_form", "size_range", "kind_value", "least_range", "small",
    ]  # fmt: skip
    assert [name for name, _ in check_names(THING)][-3:] == ["key_unique", "school_known", "none_left"]
    assert all(rule.description and "'" not in rule.name for rule in row_rules(THING))


@pytest.mark.parametrize(
    ("minimum", "maximum", "holds", "says"),
    [
        (0, 9, "n >= 0 and n <= 9", "n must lie from 0 to 9"),
        (1, None, "n >= 1", "n must lie from 1"),
        (None, 9, "n <= 9", "n must lie to 9"),
    ],
)
def test_bounds_may_be_open(minimum: float | None, maximum: float | None, holds: str, says: str):
    bounded = column("n", "integer", minimum=minimum, maximum=maximum)
    assert bounds_hold(bounded) == holds
    assert [rule.description for rule in column_rules(bounded)] == [says]


@pytest.mark.parametrize("value", ["it's", "'", "a''b", "ā;--", ""])
def test_text_stays_text_in_a_query(value: str):
    with duckdb.connect() as connection:
        assert connection.execute(f"select {literal(value)}").fetchall() == [(value,)]


def test_numbers_are_written_as_they_are():
    assert [literal(value) for value in (3, 2.5, True)] == ["3", "2.5", "True"]
