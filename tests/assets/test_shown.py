"""A table that is shown and not stored: what it promises is judged, and what an older version stored makes way."""

import pytest

from assets.contents import AsOf
from assets.slices import built_slices
from assets.warehouse import PromiseBroken
from data_contracts.contract import keys, load
from tests.assets.kit import Country, absence, enrolment
from tests.assets.test_slices import KEPT, MONDAY, built, day, stand

VERDICT = "risk.pupil_week_indicator"
VIEWS = ["risk.pupil_week_group", VERDICT]
AS_OF = MONDAY.replace(day=16)


@pytest.fixture
def measured(country: Country) -> Country:
    country.deliver("d1", {"attendance": [absence(1, day(0, n)) for n in range(5)], "enrolment": [enrolment(1)]})
    country.take_in()
    stand(country, AS_OF)
    return country


def kind(country: Country, key: str) -> str:
    layer, name = key.split(".")
    asked = "select table_type from information_schema.tables where table_schema = $layer and table_name = $name"
    return country.query(asked, layer=layer, name=name)[0][0]


def test_a_contract_that_says_view_is_shown_and_all_others_are_stored(measured: Country):
    shown = [key for layer in ("core", "risk", "listed", "published") for key in keys(layer) if load(key).is_view]
    assert shown == VIEWS
    assert {key: kind(measured, key) for key in KEPT} == {key: "VIEW" if key in VIEWS else "BASE TABLE" for key in KEPT}


def test_what_is_shown_has_a_verdict_by_every_rule_of_every_day(measured: Country):
    rules = measured.query("select count(*) from risk.indicator_rule where valid_to is null")[0][0]
    pupils = measured.query("select as_of, count(*) from risk.pupil_week_measure group by as_of order by as_of")
    asked = f"select as_of, count(*) from {VERDICT} group by as_of order by as_of"
    assert pupils[-1][0] == AS_OF
    assert measured.query(asked) == [(day, rules * number) for day, number in pupils]


def test_a_table_that_an_older_version_stored_makes_way_for_the_view(measured: Country):
    shown = measured.query(f"select * from {VERDICT} order by all")
    with measured.warehouse.connect() as connection:
        connection.execute(f"drop view {VERDICT}")
        connection.execute(f"create table {VERDICT} as select 'old' as pupil_key")
    stand(measured, AS_OF)
    assert kind(measured, VERDICT) == "VIEW"
    assert measured.query(f"select * from {VERDICT} order by all") == shown


def test_a_broken_promise_of_what_is_shown_is_told_and_its_days_are_judged_again(measured: Country):
    with measured.warehouse.connect() as connection:
        connection.execute("update risk.indicator_rule set version = 0 where indicator = 'unexcused_10'")
    for _ in range(2):
        with pytest.raises(PromiseBroken, match="version"):
            measured.warehouse.build(VERDICT)
    with measured.warehouse.connect() as connection:
        connection.execute("update risk.indicator_rule set version = 3 where indicator = 'unexcused_10'")
    shown = measured.query(f"select count(*), max(version) from {VERDICT}")
    assert shown[0][1] == 3
    assert measured.warehouse.build(VERDICT).rows == shown[0][0]


def test_days_that_did_not_change_are_not_judged_again(measured: Country):
    with measured.warehouse.connect() as connection:
        before = built_slices(connection, VERDICT)
    assert before
    assert measured.warehouse.build(VERDICT).rows == 0
    with measured.warehouse.connect() as connection:
        assert built_slices(connection, VERDICT) == before


def test_who_names_a_day_sees_of_the_view_that_day_and_nothing_less(measured: Country):
    reader, days = (
        "risk.pupil_week_summary",
        [as_of for (as_of,) in measured.query(f"select distinct as_of from {VERDICT}")],
    )
    assert len(days) > 1
    for as_of in days:
        condition = f"as_of in (date '{as_of}')"
        with measured.warehouse.connect() as connection:
            query = AsOf(reader, "as_of").narrowed(connection, measured.home, f"select * from {VERDICT}", condition)
            seen = connection.execute(f"from ({query}) order by all").fetchall()
        assert f"from {VERDICT}" not in query
        assert seen == measured.query(f"select * from {VERDICT} where {condition} order by all")


def test_what_nobody_promises_any_more_is_forgotten(measured: Country):
    # Verdicts side by side were kept by an older version: a pupil's would stand there for ever, under an old key, too.
    with measured.warehouse.connect() as connection:
        connection.execute("create table risk.pupil_week_verdict as select 'anna00000001' as pupil_key")
        connection.execute("create view core.of_old as select 1 as one")
        connection.execute(
            "insert into raw.built_slice values ('risk.pupil_week_verdict', $day, 'made of')", {"day": AS_OF}
        )
    before = built(measured)
    stand(measured, AS_OF)
    left = {key for (key,) in measured.query("select table_schema || '.' || table_name from information_schema.tables")}
    assert not {"risk.pupil_week_verdict", "core.of_old"} & left
    assert measured.query("select * from raw.built_slice where table_key = 'risk.pupil_week_verdict'") == []
    assert set(KEPT) <= left
    assert before.items() - built(measured).items() == {("risk.pupil_week_verdict 2024-09-16", "made of")}
