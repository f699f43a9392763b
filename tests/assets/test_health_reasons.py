"""Reasons of health leave to a role of the school itself, and to nobody else."""

import json
import random
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from assets.case_list import HEALTH, CaseList, log_access, read_list
from assets.home import Home
from assets.issued import RUN, issue
from assets.queries import SQL
from assets.scoring import MEASURES
from data_contracts.contract import keys, load
from models.list_change import differences
from tests.assets.history import Weeks, registers, roll
from tests.assets.kit import SCHOOL, Country

MONDAY = date(2024, 9, 9)
DAYS = (MONDAY, MONDAY)
SCHOOL_ROLE = {"login": "skola", "role": "school_coordinator", "organisation": SCHOOL, "valid_from": "2024-09-01"}
TOWN_ROLE = {"login": "novads", "role": "municipal_coordinator", "organisation": "LV00100", "valid_from": "2024-09-01"}
ILL = "slimības dēļ kavētas stundas"


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Country:
    """Give a country with a list on which one pupil stands for health alone and one for health as well."""
    from assets.stand import Days

    root = tmp_path_factory.mktemp("health")
    country = Country(Home(root / "home", root / "secrets"))
    country.home.prepare()
    with country.one_session() as session:
        weeks = Weeks(session, random.Random(0))
        weeks.deliver(registers() | {"role_assignment": [SCHOOL_ROLE, TOWN_ROLE]}, "2024-09-01T08:00:00+03:00")
        note = {"mode": "delta", "shape": "roll"}
        weeks.deliver({"attendance": roll(0, range(1, 7))}, "2024-09-07T08:00:00+03:00", attendance=note)
        weeks.stand_on(Days(MONDAY, MONDAY))
    with country.warehouse.connect() as connection:
        at_school = f"school_reg_no = '{SCHOOL}'"
        connection.execute(
            f"update listed.attention_list set reasons_health = 'ill_4w', reasons_health_lv = '{ILL}: 44',"
            f" reasons_health_en = 'lessons missed for illness: 44' where {at_school} and position <= 2"
        )
        connection.execute(
            "update listed.attention_list set reasons = null, reasons_lv = null, reasons_en = null, severity = 0,"
            f" families_raised = 0, is_legal_raised = false, position = 99 where {at_school} and position = 2"
        )
    return country


def look(country: Country, login: str, place: str) -> CaseList:
    return read_list(country.warehouse, issue(country.warehouse, *DAYS, RUN), place, 50, (login, MONDAY))


def test_the_school_reads_reasons_of_health_and_sees_who_has_no_other(listed: Country):
    shown = look(listed, "skola", SCHOOL)
    assert shown.is_named
    assert shown.shows_health
    assert shown.rows["reasons_health"].drop_nulls().to_list() == ["ill_4w", "ill_4w"]
    assert shown.rows["reasons"][-1] is None
    assert shown.total == shown.rows.height


@pytest.mark.parametrize(
    ("login", "place"),
    [("novads", SCHOOL), ("novads", "LV00100"), ("skola", "LV00100"), ("", SCHOOL), ("nobody", SCHOOL)],
    ids=["town at school", "town", "school at town", "nobody named", "a stranger"],
)
def test_nobody_else_learns_anything_of_health(listed: Country, login: str, place: str):
    school, shown = look(listed, "skola", SCHOOL), look(listed, login, place)
    assert not shown.shows_health
    assert not set(HEALTH) & set(shown.rows.columns)
    assert shown.rows["reasons"].null_count() == 0
    alone = school.rows.filter(pl.col("reasons").is_null())["pupil_key"].to_list()
    assert len(alone) == 1
    assert not set(alone) & set(shown.rows["pupil_key"])
    assert not {word for word in ("ill_4w", ILL, "illness") if word in shown.rows.write_json()}
    assert shown.total == shown.rows.height


def test_the_others_stand_where_they_would_stand_if_nobody_were_ill(listed: Country):
    rows = look(listed, "novads", SCHOOL).rows
    assert rows["position"].to_list() == sorted(rows["position"].to_list())
    assert 99 not in rows["position"].to_list()


def test_files_and_screens_of_a_municipality_hold_no_health(
    listed: Country, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    from pipelines.commands.attention_list import _deliver

    for login, is_told in (("skola", True), ("novads", False)):
        shown = look(listed, login, SCHOOL)
        for output in ("table", "csv", "json"):
            _deliver(shown, None, output, None)
            printed = " ".join(capsys.readouterr().out.split())
            assert ("illness: 44" in printed) == is_told, (login, output)
        _deliver(shown, None, "xlsx", tmp_path / f"{login}.xlsx")
        columns = pl.read_excel(tmp_path / f"{login}.xlsx").columns
        assert ("veselības iemesli" in columns) == is_told


def test_a_look_at_health_is_logged_as_one(listed: Country):
    moment = datetime(2024, 9, 9, 8, tzinfo=UTC)
    for login in ("skola", "novads"):
        log_access(listed.home, login, look(listed, login, SCHOOL), moment)
    entries = [json.loads(line) for line in (listed.home.root / "access.jsonl").read_text().splitlines()]
    assert [entry["health"] for entry in entries[-2:]] == [True, False]


def test_a_list_from_before_there_were_reasons_of_health_is_as_it_was(listed: Country):
    found = issue(listed.warehouse, *DAYS, RUN)
    old = replace(found)
    old.__dict__["_read"] = found.rows.drop(*HEALTH).filter(pl.col("reasons").is_not_null()), found.digest
    shown = read_list(listed.warehouse, old, SCHOOL, 50, ("skola", MONDAY))
    assert not set(HEALTH) & set(shown.rows.columns)


def test_what_changed_since_a_run_tells_nothing_of_health():
    told = {"school_reg_no": SCHOOL, "class_label": "8.a"}
    others = {"reasons": "over_age", "reasons_lv": "vecāks", "reasons_en": "older"}
    nothing = dict.fromkeys(others, None)
    kinds = dict.fromkeys(("pupil_key", *told, *others), pl.String)
    then = pl.DataFrame([{"pupil_key": "anna", **told, **nothing}], schema=kinds)
    now = pl.DataFrame(
        [{"pupil_key": "janis", **told, **nothing}, {"pupil_key": "anna", **told, **others}], schema=kinds
    )
    assert differences(then, now)["pupil_key"].to_list() == ["anna"]
    assert differences(then, now)["change"].to_list() == ["entered"]


def test_no_score_and_no_published_table_has_a_measure_of_health():
    health = set(load("risk.pupil_week_health_measure").column_names) - {"pupil_key", "as_of"}
    wide = set(load("risk.pupil_week_measure").column_names)
    assert not health & wide
    assert set(MEASURES) <= wide
    # Why lessons were missed is told of whole municipalities, as shares that no pupil can move by more than a step.
    shares = "published.municipality_month_absence"
    assert [name for name in load(shares).column_names if "pupils" in name] == ["pupils", "pupils_with_lessons"]
    for key in set(keys("published")) - {shares}:
        assert not [name for name in load(key).column_names if "ill" in name.split("_") or "health" in name]


def test_what_is_counted_of_health_leads_to_no_list_and_no_publication():
    readers = [path for layer in ("listed", "published") for path in (SQL / layer).glob("*.sql")]
    reading = [path for path in readers if "indicator_evaluation" in path.read_text(encoding="utf-8")]
    assert readers
    assert reading == []
    assert not {"atvk_code", "school_reg_no"} & set(load("risk.indicator_evaluation").column_names)
