"""Contracts become assets that the UI can explain and whose checks stop a broken batch."""

from collections.abc import Iterable
from typing import Any

import dagster as dg
import polars as pl
import pytest

from assets.contracted import arguments, kept, upstream
from assets.home import Home
from assets.queries import narrowed, tables_read
from assets.warehouse import Warehouse
from data_contracts.contract import load
from data_contracts.rules import check_names
from pipelines.definitions import defs

NODES = {tuple(spec.key.path): spec for spec in defs.resolve_all_asset_specs()}


def test_every_asset_says_what_it_is_whose_it_is_and_what_it_is_made_of():
    for key, spec in NODES.items():
        contract = load(".".join(key))
        assert spec.description, key
        assert contract.grain in spec.description
        assert spec.owners == [f"team:{contract.owner}"]
        assert spec.kinds
        assert spec.group_name == contract.layer


@pytest.mark.parametrize("key", ["core.pupil_day_attendance", "risk.pupil_week_measure", "listed.attention_list"])
def test_the_column_schema_is_the_contract(key: str):
    schema = NODES[tuple(key.split("."))].metadata["dagster/column_schema"]
    assert [c.name for c in schema.columns] == list(load(key).column_names)
    assert all(c.description for c in schema.columns)


def test_no_name_or_personal_code_is_a_column_past_the_door():
    columns = {c.name for spec in NODES.values() for c in spec.metadata["dagster/column_schema"].columns}
    assert not columns & {"person_code", "given_name", "family_name", "programme_code"}


def test_a_query_waits_for_what_it_reads_refers_to_and_for_the_ledger():
    assert upstream("core.enrolment") == [
        "core.institution",
        "core.pupil",
        "core.pupil_identity",
        "raw.delivery",
        "raw.enrolment",
        "raw.exit_status_code",
    ]
    assert tables_read("-- from core.pupil\nselect 1 from core.enrolment") == ("core.enrolment",)


@pytest.mark.parametrize(("login", "runs"), [("anna", True), (None, False)])
def test_a_broken_promise_stops_everything_downstream(home: Home, login: str | None, runs: bool):
    row = {"login": login, "role": "class_teacher", "organisation": "9900000001", "valid_from": "2025-09-01"}
    frame = pl.DataFrame([{**row, "valid_to": None, "delegated_by": None}], schema_overrides={"login": pl.String})
    ran = []

    @dg.asset(**arguments("core.role_assignment", [], {"duckdb"}))
    def checked() -> Iterable[Any]:
        yield from kept(lambda: Warehouse(home).store("core.role_assignment", frame))

    @dg.asset(deps=[checked])
    def after() -> None:
        ran.append(True)

    result = dg.materialize([checked, after], raise_on_error=False)
    verdicts = {e.check_name: e.passed for e in result.get_asset_check_evaluations()}
    assert (bool(ran), result.success) == (runs, runs)
    assert verdicts["login_required"] is runs
    assert set(verdicts) == {name for name, _ in check_names(load("core.role_assignment"))}


def test_every_check_blocks():
    from assets.contracted import check_specs

    assert all(spec.blocking for key in NODES for spec in check_specs(load(".".join(key))))


def test_a_narrowed_query_sees_only_the_rows_that_meet_the_condition():
    query = "select * from risk.a as one join risk.b on risk_a.x = b.x left join risk.a_more as more on true -- risk.a"
    told = narrowed(query, {key: f"select * from {key} where day = 1" for key in ("risk.a", "risk.b")})
    assert told == (
        "select * from (select * from risk.a where day = 1) as one join (select * from risk.b where day = 1) as b"
        " on risk_a.x = b.x left join risk.a_more as more on true -- risk.a"
    )
    assert narrowed(query, {}) == query
