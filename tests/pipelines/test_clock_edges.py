"""Clocks at their edges: the hour that comes twice, the turn of the year, clocks that are wrong or set back."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from assets.case_list import CaseList, Place, log_access
from assets.home import Home
from assets.issued import Issue
from models.delivery import parse_delivery
from pipelines.errors import UsageError
from pipelines.standing import report_of
from pipelines.weekly import Clocks, last_report, next_run_id, refuse_impossible, write_report

RIGA = ZoneInfo("Europe/Riga")
AUTUMN = datetime(2025, 10, 26, 3, 30, tzinfo=RIGA)


def delivered(home: Home, name: str, on: str) -> None:
    folder = home.landing / "viis" / name
    folder.mkdir(parents=True)
    (folder / "pupil.csv").write_text("person_code\n", encoding="utf-8")
    (folder / "delivery.yaml").write_text(f"source: viis\ndelivered_on: '{on}'\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("2025-10-26T03:30:00+03:00", "2025-10-26"),
        ("2025-10-26T03:30:00+02:00", "2025-10-26"),
        ("2025-10-26T03:30:00", "2025-10-26"),
        ("2025-10-25T21:30:00Z", "2025-10-26"),
        ("2025-10-25T20:59:59Z", "2025-10-25"),
        ("2026-03-29T00:30:00Z", "2026-03-29"),
        ("2026-03-29T03:30:00", "2026-03-29"),
        ("2025-12-31T21:59:59Z", "2025-12-31"),
        ("2025-12-31T22:30:00Z", "2026-01-01"),
        ("2026-01-01T00:15:00", "2026-01-01"),
        ("2025-12-31T23:30:00-05:00", "2026-01-01"),
    ],
)
def test_a_delivery_counts_from_its_latvian_day(said: str, day: str):
    assert parse_delivery("d", {"source": "viis", "delivered_on": said}).known_from == date.fromisoformat(day)


def test_a_moment_in_the_hour_that_comes_twice_equals_itself_in_another_zone():
    told = parse_delivery("d", {"source": "viis", "delivered_on": "2025-10-26T03:30:00"}).delivered_on
    kept = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(told.timestamp() * 1_000_000))
    assert told == kept


def test_deliveries_of_the_hour_that_comes_twice_keep_their_order():
    said = ("2025-10-26T03:10:00+03:00", "2025-10-26T03:50:00+03:00", "2025-10-26T03:05:00+02:00")
    versions = [parse_delivery("d", {"source": "viis", "delivered_on": moment}).version for moment in said]
    assert versions == sorted(versions)


def test_runs_are_named_in_the_order_in_which_they_ran_whatever_the_clock_says(home: Home):
    moments = [
        datetime(2026, 3, 2, 6, 0, 0, 5000, tzinfo=RIGA),
        datetime(2026, 3, 2, 6, 0, 0, 5400, tzinfo=RIGA),
        datetime(2026, 3, 2, 6, 0, 0, 5400, tzinfo=RIGA),
        datetime(2026, 3, 1, 23, 0, tzinfo=RIGA),
        datetime(2026, 3, 2, 6, 0, 1, tzinfo=RIGA),
    ]
    made = [write_report(home, moment, str(n), {"success": True}, [])["run_id"] for n, moment in enumerate(moments)]
    assert made == sorted(set(made))
    assert last_report(home)["fingerprint"] == "4"
    starts = [json.loads((home.runs / f"{name}.json").read_text())["started_at"] for name in made]
    assert starts == [moment.isoformat(timespec="seconds") for moment in moments], "what the clock said is kept"


def test_a_run_of_the_second_half_past_three_comes_after_the_first(home: Home):
    first, second = (next_run_id(home, AUTUMN.replace(fold=fold)) for fold in (0, 1))
    assert first == second, "the local clock says the same"
    write_report(home, AUTUMN.replace(minute=50), "first", {"success": True}, [])
    later = write_report(home, AUTUMN.replace(minute=10, fold=1), "second", {"success": True}, [])
    assert last_report(home)["run_id"] == later["run_id"]


def test_a_year_ends_between_two_runs(home: Home):
    (home.runs / "20251231T235959999.json").write_text("{}", encoding="utf-8")
    assert next_run_id(home, datetime(2025, 12, 31, 23, 59, 59, tzinfo=RIGA)) == "20260101T000000000"


def test_a_day_names_the_last_run_that_had_started_by_its_end(home: Home):
    for day in (2, 2, 9):
        write_report(home, datetime(2026, 3, day, 6, tzinfo=RIGA), str(day), {"success": True, "as_of": "x"}, [])
    names = sorted(path.stem for path in home.runs.glob("*.json"))
    assert [report_of(home, day)["run_id"] for day in ("2026-03-02", "2026-03-08", "2026-03-09")] == [
        names[1], names[1], names[2],
    ]  # fmt: skip
    assert report_of(home, names[0])["run_id"] == names[0]
    for wrong, says in (("2026-03-01", "no run had started by 2026-03-01"), ("last", "holds no run of that name")):
        with pytest.raises(UsageError, match=says):
            report_of(home, wrong)


def test_a_run_before_the_first_delivery_is_refused_with_its_day(home: Home):
    delivered(home, "one", "2026-03-01T22:30:00Z")
    refuse_impossible(home, Clocks(None, date(2026, 3, 2)), date(2026, 3, 3))
    with pytest.raises(UsageError, match=r"nothing had been delivered by 2026-03-01.* counts from 2026-03-02"):
        refuse_impossible(home, Clocks(None, date(2026, 3, 1)), date(2026, 3, 3))


def test_a_delivery_from_the_future_does_not_lead_a_run_astray(home: Home):
    today = date(2026, 3, 3)
    delivered(home, "one", "2026-03-02T08:00:00+02:00")
    delivered(home, "a-few-hours-ahead", "2026-03-04T01:00:00+02:00")
    refuse_impossible(home, Clocks(None, None), today)
    delivered(home, "wrong", "2062-03-02T08:00:00+02:00")
    with pytest.raises(UsageError, match=r"viis\.wrong is dated 2062-03-02, but today is 2026-03-03"):
        refuse_impossible(home, Clocks(None, None), today)
    refuse_impossible(home, Clocks(None, date(2026, 3, 2)), today)


def looked(home: Home, moment: datetime) -> None:
    import polars as pl

    issue = Issue(date(2026, 3, 2), date(2026, 3, 2), 1, "run", "0" * 16, Path("unused"))
    shown = CaseList(issue, Place("1", "Skola", "school_reg_no"), 10, 0, False, pl.DataFrame())
    log_access(home, "reader", shown, moment)


def test_looks_are_numbered_in_their_order_when_the_clock_is_set_back(home: Home):
    log = home.root / "access.jsonl"
    log.write_text('{"at": "2026-01-01T08:00:00+02:00", "person": "before looks had numbers"}\n', encoding="utf-8")
    for moment in (AUTUMN, AUTUMN.replace(fold=1), AUTUMN - timedelta(days=3)):
        looked(home, moment)
    entries = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert [entry.get("no") for entry in entries] == [None, 2, 3, 4]
    assert [entry["at"][-6:] for entry in entries[1:3]] == ["+03:00", "+02:00"], "the zone tells the hours apart"
