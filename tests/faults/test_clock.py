"""The wall clock names runs and nothing else; set back, or in the hour that autumn brings twice, it disturbs no run."""

import json
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from assets.home import Home
from pipelines.weekly import entered_before, last_report, write_report
from tests.assets.kit import Country, absence, deliver_registers

RIGA = ZoneInfo("Europe/Riga")
NOON = datetime(2026, 10, 20, 12, tzinfo=RIGA)
AUTUMN = datetime(2026, 10, 25, 3, 30, tzinfo=RIGA)
MOMENTS = {
    "set back by a year": [NOON, NOON.replace(year=2025), NOON.replace(year=2025) + timedelta(minutes=1)],
    "the hour that comes twice": [AUTUMN, AUTUMN.replace(minute=10, fold=1), AUTUMN.replace(minute=40, fold=1)],
    "the same moment": [NOON, NOON, NOON],
    "spring": [datetime(2026, 3, 29, 2, 59, tzinfo=RIGA), datetime(2026, 3, 29, 4, 0, tzinfo=RIGA)],
}


@pytest.mark.parametrize("moments", MOMENTS.values(), ids=MOMENTS)
def test_run_ids_never_repeat_and_the_newest_report_is_the_last(home: Home, moments: list[datetime]):
    reports = []
    for moment in moments:
        reports.append(write_report(home, moment, "mark", {"success": True}, []))
        assert last_report(home) == json.loads(json.dumps(reports[-1], default=str))
    ids = [report["run_id"] for report in reports]
    assert ids == sorted(set(ids))
    assert [report["started_at"] for report in reports] == [m.isoformat(timespec="seconds") for m in moments]


def test_a_damaged_report_hides_none_before_it(home: Home):
    report = write_report(home, NOON, "mark", {"success": True}, [])
    (home.runs / "20991231T000000000.json").write_text('{"run_id": ', encoding="utf-8")
    found = last_report(home)
    assert found
    assert found["run_id"] == report["run_id"]


def test_what_a_run_that_was_cut_short_took_in_is_told_by_the_next_report(home: Home):
    assert entered_before(home, [("a", "mark")]) == {("a", "mark")}
    assert entered_before(home, [("a", "mark"), ("b", "mark")]) == {("a", "mark")}, "cut short: nobody was told of b"
    write_report(home, NOON, "mark", {"success": True}, [])
    assert entered_before(home, [("a", "mark"), ("b", "mark")]) == {("a", "mark"), ("b", "mark")}


NIGHTS = {
    "autumn, first three o'clock": ("2024-10-27T03:30:00+03:00", "2024-10-27"),
    "autumn, second three o'clock": ("2024-10-27T03:30:00+02:00", "2024-10-27"),
    "autumn, just after midnight in Riga": ("2024-10-26T21:30:00+00:00", "2024-10-27"),
    "autumn, the last minute": ("2024-10-27T21:59:00+00:00", "2024-10-27"),
    "spring, just before midnight": ("2025-03-29T21:59:00+00:00", "2025-03-29"),
    "spring, the hour that is left out": ("2025-03-30T03:30:00+02:00", "2025-03-30"),
    "spring, the last minute": ("2025-03-30T20:59:00+00:00", "2025-03-30"),
    "spring, a minute later": ("2025-03-30T21:00:00+00:00", "2025-03-31"),
}


def test_a_delivery_of_the_night_when_clocks_change_is_known_on_the_right_day(home: Home):
    country = Country(home)
    deliver_registers(country)
    for number, (moment, _) in enumerate(NIGHTS.values()):
        country.deliver(
            f"n{number}", {"attendance": [absence(1 + number % 6, day=f"2024-09-{number + 2:02}")]}, on=moment
        )
    country.take_in()
    found = country.query("select delivery_id, known_from::varchar from raw.attendance order by delivery_id")
    assert found == [(f"viis.n{number}", day) for number, (_, day) in enumerate(NIGHTS.values())]


def test_of_two_corrections_in_the_hour_that_comes_twice_the_later_one_stands(home: Home):
    country = Country(home)
    deliver_registers(country)
    country.deliver("second", {"attendance": [absence(code="ns")]}, on="2024-10-27T03:10:00+02:00")
    country.deliver("first", {"attendance": [absence(code="n")]}, on="2024-10-27T03:50:00+03:00")
    country.take_in()
    assert country.rows("code, delivery_id", "attendance") == [("ns", "viis.second")]
