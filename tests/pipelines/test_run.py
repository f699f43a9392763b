"""The main job from deliveries to a list and a release, on a real small country."""

import json
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
import duckdb
import polars as pl
import pytest
from typer.testing import CliRunner

from assets.home import Home
from assets.publication import Publication
from assets.release import attacked
from assets.warehouse import Warehouse
from pipelines.cli import app
from pipelines.commands.run import exit_code, run
from pipelines.errors import UsageError
from pipelines.jobs import monday_morning, new_delivery, run_config, weekly
from pipelines.settings import settings
from pipelines.weekly import Clocks, fingerprint, is_nothing_new
from tests.conftest import PUPILS, SEED, STANDS_ON

CLOCKS = Clocks(STANDS_ON, None)
WEEK_BEFORE = date(2026, 5, 18)


def invoke(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, list(words))
    return result.exit_code, result.stdout, result.stderr


def query(home: Home, sql: str) -> pl.DataFrame:
    return Warehouse(home).query(sql)


def test_every_delivered_row_is_accounted_for(country: Home):
    ledger = query(country, "select * from raw.delivery")
    accounted = ledger["rows_accepted"] + ledger["rows_quarantined"] + ledger["rows_superseded"]
    assert (ledger["rows_delivered"] == accounted).all()
    assert ledger["rows_superseded"].sum() > 0, "late excuses replace earlier rows"
    assert ledger["rows_quarantined"].sum() == 0


def test_the_cohort_is_who_is_enrolled_on_the_day(country: Home):
    counted = query(
        country,
        "select count(distinct pupil_key) as pupils from core.enrolment where entry_date <= date '2026-05-25'"
        " and (exit_date is null or exit_date > date '2026-05-25')",
    )
    cohort = query(country, "select count(*) as n from risk.pupil_week_cohort where as_of = date '2026-05-25'")
    assert cohort["n"][0] == counted["pupils"][0] > 0


def test_nothing_on_or_after_the_day_is_used(country: Home):
    used = query(country, "select max(data_to) as last from risk.pupil_week_measure where as_of = date '2026-05-25'")
    later = query(country, "select max(lesson_date) as last from core.pupil_day_attendance")
    assert used["last"][0] < date(2026, 5, 25) <= later["last"][0]


def test_a_second_run_with_nothing_new_does_no_work(country: Home):
    before = sorted(country.runs.glob("*.json"))
    again = run(country, CLOCKS)
    assert again["nothing_new"]
    assert exit_code(again) == 0
    assert sorted(country.runs.glob("*.json")) == before


_KILLED_WHILE_OPEN = """
import os, sys
from pathlib import Path
from assets.home import Home
from assets.opening import kept_open
from assets.warehouse import Warehouse
with kept_open():
    with Warehouse(Home(Path(sys.argv[1]), Path(sys.argv[2]))).connect() as connection:
        connection.execute("update risk.stand set as_of = as_of - 7")
    os._exit(9)
"""


def test_after_a_run_that_was_killed_there_is_something_new(country: Home, tmp_path: Path):
    copy = Home(tmp_path / "home", country.secrets)
    shutil.copytree(country.root, copy.root, symlinks=True)
    mark = fingerprint(copy, CLOCKS)
    assert is_nothing_new(copy, mark)
    # Another run, on another day, died after its first tables: the file does not show it, the log beside it does.
    killed = subprocess.run([sys.executable, "-c", _KILLED_WHILE_OPEN, copy.root, copy.secrets], check=False)
    assert killed.returncode == 9
    assert not is_nothing_new(copy, mark)


def test_the_report_tells_versions_rows_seconds_and_memory(country: Home):
    report = json.loads(sorted(country.runs.glob("*.json"))[0].read_text(encoding="utf-8"))
    assert report["rows"]["rows_delivered"] > 10_000
    assert {"duckdb", "polars"} <= set(report["versions"])
    stages = {stage["name"]: stage for stage in report["stages"]}
    assert stages["core.pupil_day_attendance"]["peak_mb"] > 0
    assert stages["listed.attention_list"]["rows"] == report["pupils_listed"]


@pytest.fixture(scope="session")
def twin(country: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Give a second home with the same deliveries, run on the Monday before and then on the same day."""
    home = settings().home_folder(tmp_path_factory.mktemp("twin"))
    (home.root / "landing").symlink_to(country.landing)
    for day in (WEEK_BEFORE, CLOCKS.as_of):
        report = run(home, Clocks(day, None))
        assert report["success"], report["failures"]
    return home


def test_the_same_deliveries_make_the_same_release(country: Home, twin: Home):
    first, second = (Publication(home.releases).current() for home in (country, twin))
    assert first
    assert second
    assert (first.release_id, first.report["files"]) == (second.release_id, second.report["files"])


def test_the_same_deliveries_make_the_same_list(country: Home, twin: Home):
    wanted = "select * from listed.attention_list where as_of = date '2026-05-25' order by school_reg_no, position"
    assert query(country, wanted).equals(query(twin, wanted))


def test_a_run_on_another_day_keeps_the_list_that_was_issued(twin: Home):
    days = query(twin, "select distinct as_of from listed.attention_list order by as_of")["as_of"].to_list()
    assert days == [WEEK_BEFORE, CLOCKS.as_of]


def test_the_release_withstands_its_attack(country: Home):
    info = Publication(country.releases).current()
    assert info
    info.check()
    intervals = attacked(info)
    assert intervals.height > 0
    assert not intervals["is_too_narrow"].any()
    code, out, _ = invoke("attack", "current", "--as-insider", "2", "--json")
    found = json.loads(out)
    assert (code, found["too_narrow"], found["narrowest"]) == (0, 0, 5)
    assert (found["insiders"]["pupils"], found["insiders"]["narrowest"]) == (2, 3)
    assert 0 < found["insiders"]["narrowed"] <= found["protected_cells"]
    _, text, _ = invoke("attack", "current", "--thorough")
    assert text.count("possible values") == len(found["narrowest_counts"]) == 3


def test_every_municipality_has_a_page_in_both_languages(country: Home):
    site = country.releases / "current" / "site"
    codes = query(country, "select distinct atvk_code from risk.pupil_week_cohort")["atvk_code"]
    assert all((site / language / f"{code}.html").exists() for language in ("lv", "en") for code in codes)


def busiest_school(home: Home) -> str:
    rows = query(home, "select school_reg_no from listed.attention_list group by 1 order by count(*) desc, 1 limit 1")
    return rows["school_reg_no"][0]


def test_a_list_is_ordered_cut_and_has_reasons_in_two_languages(country: Home):
    code, out, _ = invoke("list", busiest_school(country), "--capacity", "5", "--json")
    shown = json.loads(out)
    assert code == 0
    assert [p["position"] for p in shown["pupils"]] == [1, 2, 3, 4, 5]
    assert shown["pupils_raised"] > 5
    assert all(p["reasons_lv"] and p["reasons_en"] and p["data_to"] < "2026-05-25" for p in shown["pupils"])
    assert {p["change"] for p in shown["pupils"]} <= {"new", "more", "same", "less"}


def test_names_are_shown_to_a_person_whose_role_covers_the_school_and_to_nobody_else(country: Home):
    school = busiest_school(country)
    _, plain, _ = invoke("list", school, "--json")
    _, stranger, _ = invoke("list", school, "--json", "--as", "nobody")
    _, named, _ = invoke("list", school, "--json", "--as", "demo-coordinator")
    assert not json.loads(plain)["named"]
    assert not json.loads(stranger)["named"]
    assert "name" not in json.loads(plain)["pupils"][0]
    assert json.loads(named)["pupils"][0]["name"].count(" ") >= 1


def test_every_look_is_logged(country: Home):
    log = country.root / "access.jsonl"
    before = log.read_text(encoding="utf-8").count("\n") if log.exists() else 0
    invoke("list", busiest_school(country), "--json", "--as", "nobody")
    entries = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert len(entries) == before + 1
    assert (entries[-1]["person"], entries[-1]["named"]) == ("nobody", False)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("list", "Nekuriene"), "no school or municipality"),
        (("list", "9999999999"), "no school or municipality"),
        (("release", "--period", "May"), "--period must be a month"),
        (("template", "nothing"), "choose one of"),
        (("attack", "1999-01-01-0"), "holds no release"),
    ],
)
def test_wrong_usage_says_the_next_step_and_ends_with_2(country: Home, words: tuple[str, ...], says: str):
    from pipelines.errors import told_plainly

    with pytest.raises(SystemExit) as ended, told_plainly():
        app(list(words), standalone_mode=False)
    assert ended.value.code == 2


def test_a_list_of_a_day_that_no_run_stood_on_is_made_on_demand_and_kept(country: Home):
    words = ("list", busiest_school(country), "--as-of", "2026-01-12", "--known-on", "2026-01-12", "--json")
    code, made, remark = invoke(*words)
    assert (code, json.loads(made)["as_of"]) == (0, "2026-01-12")
    assert "made now" in remark
    assert all(pupil["data_to"] < "2026-01-12" for pupil in json.loads(made)["pupils"])
    code, again, remark = invoke(*words)
    assert (code, again) == (0, made)
    assert "made now" not in remark
    assert not list(country.scratch.glob("replay-*"))


def test_a_run_names_its_list_and_nothing_has_changed_since(country: Home):
    report = json.loads(sorted(country.runs.glob("*.json"))[-1].read_text(encoding="utf-8"))
    assert (country.root / report["list"]["path"]).exists()
    code, by_run, remark = invoke("list", busiest_school(country), "--run", report["run_id"], "--json")
    assert (code, remark, by_run) == (0, "", invoke("list", busiest_school(country), "--json")[1])
    code, out, _ = invoke("status", "--since", report["run_id"], "--json")
    found = json.loads(out)
    assert (code, found["changes"], found["deliveries"]) == (0, [], [])
    assert found["pupils_then"] == found["pupils_now"] == report["pupils_listed"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("list", "x", "--run", "nothing"), "holds no run of that name"),
        (("list", "x", "--run", "2000-01-01"), "no run had started by 2000-01-01"),
        (("list", "x", "--as-of", "2026-05-25", "--issue", "9"), "are numbered 1 to 1"),
        (("list", "x", "--as-of", "2026-02-02", "--issue", "1"), "leave --issue out"),
        (("list", "x", "--as-of", "1999-01-04"), "nobody is known to have been enrolled"),
        (("list", "x", "--known-on", "2001-01-01"), "nothing had been delivered by 2001-01-01"),
        (("status", "--known-on", "2001-01-01"), "nothing had been delivered by 2001-01-01"),
        (("run", "--known-on", "2001-01-01"), "nothing had been delivered by 2001-01-01"),
        (("status", "--since", "2000-01-01"), "no run had started by 2000-01-01"),
        (("attack",), "name one release"),
        (("attack", "--as-of", "2026-01-05"), "pumpurs release --as-of 2026-01-05"),
    ],
)
def test_days_of_which_nothing_is_known_are_refused_with_the_next_step(
    country: Home, words: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
):
    from pipelines.errors import told_plainly

    with pytest.raises(SystemExit) as ended, told_plainly():
        app(list(words), standalone_mode=False)
    assert ended.value.code == 2
    assert says in capsys.readouterr().err


def test_status_shows_deliveries_completeness_and_the_last_run(country: Home):
    code, out, _ = invoke("status", "--json")
    found = json.loads(out)
    assert code == 0
    assert found["last_run"]["success"]
    assert found["schools"][0]["recorded_percent_4w"] > 80
    assert found["quarantine"] == []


def test_evaluate_says_of_every_indicator_whom_it_found_beside_the_literature(country: Home):
    code, out, _ = invoke("evaluate", "--json")
    rows = {row["indicator"]: row for row in json.loads(out)["indicators"]}
    assert (code, len(rows)) == (0, query(country, "select count(*) as n from risk.indicator_rule")["n"][0])
    lesson = rows["unexcused_10"]
    assert lesson["raised_left"] + lesson["not_raised_left"] > 0
    assert lesson["raised_stayed"] > 0
    assert (lesson["study"], lesson["published_precision"]) == ("Ekstrom", 0.276)
    assert rows["edge_days"]["study"] is None
    code, out, _ = invoke("evaluate")
    assert code == 0
    assert out == (country.root / "model_report.md").read_text(encoding="utf-8") + "\n"
    assert all(f"\n| {indicator} " in out for indicator in rows)


def test_evaluate_tells_no_effect_of_support_that_has_none(country: Home):
    code, out, _ = invoke("evaluate", "--json")
    support = json.loads(out)["support"]
    assert code == 0
    assert support[0]["programme"] == "all"
    assert support[0]["supported"] == query(country, "select count(*) as n from risk.support_start")["n"][0]
    for result in support:
        assert (result["effect"] is None) == (result["reason"] is not None)
        assert result["effect"] is None or result["low"] <= 0 <= result["high"]
    code, out, _ = invoke("evaluate")
    assert "## Whether support helped" in out
    # Nobody waits for what is asked a few times a year.
    assert (
        "risk.support_effect"
        not in query(country, "select schema_name || '.' || table_name as t from duckdb_tables()")["t"]
    )


def test_a_warehouse_of_an_older_version_is_judged_after_the_next_run(tmp_path: Path):
    duckdb.connect(str(tmp_path / "warehouse.duckdb")).close()
    with pytest.raises(UsageError, match="run `pumpurs run`"):
        CliRunner().invoke(app, ["evaluate", "--home", str(tmp_path)], catch_exceptions=False)


def test_names_never_leave_the_vault(country: Home):
    register = next(country.landing.glob("*/*/pupil.csv"))
    family_names = {line.split(",")[2].encode() for line in register.read_text(encoding="utf-8").splitlines()[1:]}
    longest = sorted(family_names, key=len)[-20:]
    # Of the warehouse, what it holds: the unused ends of its blocks may keep remains of memory (docs/privacy.md).
    held = duckdb.connect(str(country.warehouse), read_only=True)
    with held:
        for (table,) in held.sql("select table_schema || '.' || table_name from information_schema.tables").fetchall():
            text = repr(held.sql(f"select * from {table}").fetchall()).encode()
            assert not any(name in text for name in longest), table
    places = [
        *country.lake.rglob("*.parquet"),
        *country.issued.rglob("*.parquet"),
        *country.releases.rglob("*.*"),
        *country.vault.glob("*"),
    ]
    for path in (p for p in places if p.is_file()):
        content = path.read_bytes()
        assert not any(name in content for name in longest), path


def test_schedule_and_sensor_start_the_same_job(environment: Path, country: Home):
    tick = dg.build_schedule_context(scheduled_execution_time=datetime(2026, 5, 25, 6, tzinfo=UTC))
    request = monday_morning(tick)
    assert request.run_config == run_config(as_of="2026-05-25", known_on="2026-05-25")
    looked = dg.build_sensor_context(cursor=None)
    asked = list(new_delivery(looked))
    assert isinstance(asked[0], dg.RunRequest)
    assert isinstance(next(iter(new_delivery(dg.build_sensor_context(cursor=looked.cursor)))), dg.SkipReason)
    assert monday_morning.job_name == new_delivery.job_name == weekly.name


@pytest.mark.slow
def test_a_full_roll_says_the_same_as_absences_and_registers(country: Home, tmp_path: Path):
    from pipelines.synthesis import write_country

    home = settings().home_folder(tmp_path / "roll")
    write_country(home.landing / "synth", PUPILS, 1, SEED, "roll", "parquet")
    report = run(home, CLOCKS)
    assert report["success"], report["failures"]
    measures = "select * from risk.pupil_week_measure order by as_of, pupil_key"
    assert query(home, measures).equals(query(country, measures))
