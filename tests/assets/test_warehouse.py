"""A table is replaced only when its contract holds."""

from datetime import date

import duckdb
import polars as pl
import pytest

from assets import warehouse as module
from assets.home import Home
from assets.stand import Days
from assets.warehouse import PromiseBroken, Warehouse

GOOD = {"login": ["anna"], "role": ["class_teacher"], "organisation": ["9900000001"]}


def rows(**columns: list[object]) -> pl.DataFrame:
    return pl.DataFrame({**GOOD, "valid_from": ["2025-09-01"], "valid_to": [None], "delegated_by": [None], **columns})


@pytest.fixture
def warehouse(home: Home) -> Warehouse:
    return Warehouse(home)


def test_a_frame_is_stored_under_its_contract(warehouse: Warehouse):
    built = warehouse.store("core.role_assignment", rows())
    assert (built.rows, all(v.passed for v in built.verdicts)) == (1, True)
    assert warehouse.query("select login from core.role_assignment")["login"].to_list() == ["anna"]


def test_a_broken_promise_leaves_the_table_as_it_was(warehouse: Warehouse):
    warehouse.store("core.role_assignment", rows())
    with pytest.raises(PromiseBroken, match=r"login_required \(1 rows") as broken:
        warehouse.store("core.role_assignment", rows(login=[None]))
    assert warehouse.query("select login from core.role_assignment")["login"].to_list() == ["anna"]
    assert [v.rule for v in broken.value.verdicts if not v.passed] == ["login_required"]


def test_the_message_never_quotes_a_value(warehouse: Warehouse):
    twice = pl.concat([rows(login=["anna-secret"])] * 2)
    with pytest.raises(PromiseBroken, match="key_unique") as broken:
        warehouse.store("core.role_assignment", twice)
    assert "anna-secret" not in str(broken.value)


def test_an_exception_closes_the_connection(warehouse: Warehouse):
    with pytest.raises(duckdb.Error), warehouse.connect() as connection:
        connection.execute("select * from nowhere")
    with warehouse.connect() as connection:
        assert connection.execute("select 1").fetchall() == [(1,)]


def test_a_query_cannot_read_a_python_variable(warehouse: Warehouse):
    secret = rows()
    assert secret.height
    with pytest.raises(duckdb.Error), warehouse.connect() as connection:
        connection.execute("select * from secret")


def list_of(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, day: str, pupil: str) -> None:
    """Let one pupil be the list of a day."""
    days = Days(date.fromisoformat(day), date(2026, 5, 25))
    warehouse.store("risk.stand", days.frame())
    listed = {"as_of": [day], "week_no": [1], "month": [day[:7]], "is_listed": [True], "is_month_close": [False]}
    warehouse.store("risk.as_of_date", pl.DataFrame(listed))
    query = (
        f"select date '{day}' as as_of, '{pupil}' as pupil_key,"
        " date '2026-05-25' as known_on, '0040000' as atvk_code, '9900000001' as school_reg_no, 1 as position,"
        " 9 as grade,"
        " '9.a' as class_label, 'x' as reasons, 'x' as reasons_lv, 'x' as reasons_en,"
        " null as reasons_health, null as reasons_health_lv, null as reasons_health_en, 'new' as change,"
        " 'no_plan' as plan_status, 1 as severity, 1 as families_raised, false as is_legal_raised,"
        " null as data_to, date '2027-05-25' as expires_on"
    )
    monkeypatch.setattr(module, "query_of", lambda key: query)
    warehouse.build("listed.attention_list")


def test_an_accumulating_table_replaces_its_slice_only(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch):
    for day, pupil in [
        ("2026-05-18", "anna00000001"),
        ("2026-05-25", "anna00000001"),
        ("2026-05-18", "berta0000001"),
    ]:
        list_of(warehouse, monkeypatch, day, pupil)
    kept = warehouse.query("select as_of::varchar as day, pupil_key from listed.attention_list order by as_of")
    assert kept.rows() == [("2026-05-18", "berta0000001"), ("2026-05-25", "anna00000001")]


def test_a_list_from_before_a_column_came_is_kept(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch):
    list_of(warehouse, monkeypatch, "2026-05-18", "anna00000001")
    with warehouse.connect() as connection:
        connection.execute("alter table listed.attention_list drop column reasons_health_lv")
    list_of(warehouse, monkeypatch, "2026-05-25", "berta0000001")
    wanted = "select as_of::varchar as day, pupil_key, reasons_health_lv from listed.attention_list order by as_of"
    assert warehouse.query(wanted).rows() == [
        ("2026-05-18", "anna00000001", None),
        ("2026-05-25", "berta0000001", None),
    ]
