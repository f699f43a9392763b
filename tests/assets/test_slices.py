"""A table kept by weeks is, after whatever was delivered, what its query makes of all weeks at once."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from assets import raw
from assets.opening import kept_open
from assets.replay import needed
from assets.stand import Days
from assets.wholes import ALWAYS
from data_contracts.contract import keys, load
from tests.assets.history import calendar
from tests.assets.kit import EVER, OTHER_SCHOOL, SCHOOL, Country, absence, code_change, code_of, enrolment, mark
from tests.effort import effort

WEEKLY = [key for key in keys("core") if load(key).setting("weekColumn")]
KEPT = [key for layer in ("core", "risk") for key in keys(layer) if load(key).setting("builtBy", "query") == "query"]
MONDAY, WEEKS, PUPILS = date(2024, 9, 2), 4, (1, 2, 3)

Delivery = tuple[dict[str, Any], dict[str, Any]]


def built(country: Country) -> dict[str, str]:
    """Tell each week's content as it was when it was built."""
    rows = country.query(
        "select table_key, starts_on, content from raw.built_slice where starts_on > $always", always=ALWAYS
    )
    return {f"{key} {week}": content for key, week, content in rows}


def day(week: int, weekday: int = 0) -> str:
    return str(MONDAY + timedelta(days=7 * week + weekday))


@kept_open()
def is_whole(country: Country) -> list[str]:
    """Name the tables that are not what their query makes anew."""
    wrong = []
    for key in KEPT:
        fresh = country.warehouse.examine(key)[0]
        stored = country.warehouse.query(f"select * from {key}")
        order = list(load(key).natural_key)
        if not fresh.sort(order).equals(stored.sort(order)):
            wrong.append(key)
    return wrong


@kept_open()
def stand(country: Country, as_of: date, known_on: date = EVER) -> None:
    """Build every table as of a day, less the slices and wholes that did not change."""
    raw.close_intake(country.warehouse, known_on)
    country.warehouse.store("risk.stand", Days(as_of, known_on).frame())
    for key in needed(KEPT):
        if key != "risk.stand":
            country.warehouse.build(key)


def anything(said: random.Random) -> Delivery:
    """Make one delivery: absences, a class register, marks, moves, codes, withdrawals."""
    week, number, school = said.randrange(WEEKS), said.choice(PUPILS), said.choice((SCHOOL, OTHER_SCHOOL))
    text = said.choice(("7", "nv", "4"))
    lesson = {"school_reg_no": school, "group_label": said.choice(("8a", "8b")), "lesson_date": day(week)}
    away = [absence(number, day(week, n), 1 + n % 3, said.choice(["n", "ns", "k"])) for n in range(3)]
    made: list[Delivery] = [
        ({"attendance": away}, {"attendance": {"shape": said.choice(("roll", "exceptions"))}}),
        ({"attendance": away[:1]}, {"attendance": {"deleted": True}}),
        ({"lesson": [lesson | {"lesson_no": n, "subject_code": "MAT", "is_held": n < 3} for n in range(1, 5)]}, {}),
        ({"mark": [mark(number, text, mark_date=day(week, n), work_kind="pd:1") for n in (0, 2)]}, {}),
        ({"mark": [mark(number, text, mark_date=day(week))]}, {"mark": {"deleted": True}}),
        (
            {"enrolment": [enrolment(number, school, class_label=said.choice(("8a", "8b")), exit_date=day(week, 2))]},
            {},
        ),
        ({"person_code_change": [code_change(3, 9, day(week))]}, {}),
        (
            {"attendance": [absence(1, day(week), 2)]},
            {"attendance": {"mode": "full", "schools": [SCHOOL], "from": day(week), "to": day(week, 6)}},
        ),
    ]
    return said.choice(made)


def weeks_of(country: Country, seed: int, deliveries: int) -> Iterator[str]:
    """Bring deliveries one by one, standing on days before and after; tell where a table is not whole."""
    said = random.Random(seed)
    country.deliver("calendar", {"calendar_day": calendar()}, on="2024-09-01T09:00:00+03:00")
    for number in range(deliveries):
        files, notes = anything(said)
        country.deliver(f"d{number:02}", files, on=f"2024-10-{1 + number:02}T08:00:00+03:00", notes=notes)
        country.take_in()
        for known_on in (date(2024, 10, 1 + said.randrange(deliveries)), EVER):
            # Lists are made week by week; now and then somebody stands on another weekday.
            as_of = MONDAY + timedelta(days=7 * said.randrange(1, WEEKS + 2) + said.choice((0, 0, 0, 3)))
            stand(country, as_of, known_on)
            yield from (f"{key} after d{number:02} on {as_of}, known on {known_on}" for key in is_whole(country))


def test_any_history_leaves_tables_as_if_all_weeks_were_built_at_once(country: Country):
    assert list(weeks_of(country, 1, 3)) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(effort(4, 12)))
def test_many_histories_leave_tables_as_if_all_weeks_were_built_at_once(country: Country, seed: int):
    assert list(weeks_of(country, seed, 6)) == []


def test_a_new_week_builds_that_week_only(country: Country):
    for week in range(3):
        country.deliver(f"d{week}", {"attendance": [absence(1, day(week))], "mark": [mark(mark_date=day(week))]})
    country.take_in()
    country.build()
    before = built(country)
    country.deliver("d3", {"attendance": [absence(1, day(3))], "mark": [mark(mark_date=day(3))]})
    country.take_in()
    country.build()
    after = built(country)
    assert {week for week in after if before.get(week) != after[week]} == {f"{key} {day(3)}" for key in WEEKLY}


def wholes(country: Country) -> dict[str, int]:
    """Number each whole table of core; a table that is built anew gets another number."""
    rows = country.query(
        "select schema_name || '.' || table_name, table_oid from duckdb_tables() where schema_name = 'core'"
    )
    return {key: number for key, number in rows if key not in WEEKLY}


def test_a_whole_table_is_built_anew_only_when_what_it_is_made_of_changed(country: Country):
    country.deliver("first", {"mark": [mark(mark_date=day(0))]})
    country.take_in()
    country.build()
    before = wholes(country)
    country.deliver("second", {"mark": [mark(mark_date=day(1))]})
    country.take_in()
    country.build()
    after = wholes(country)
    anew = {key for key in after if after[key] != before[key]}
    assert {"core.mark_form", "core.school_week_delivery"} <= anew
    assert not anew & {"core.enrolment", "core.pupil", "core.institution", "core.pupil_period_mark", "core.school_day"}
    country.deliver("moved", {"enrolment": [enrolment(1, exit_date=day(1))]}, on="2024-10-01")
    country.take_in()
    country.build()
    assert wholes(country)["core.enrolment"] != after["core.enrolment"]
    assert country.query("select count(*) from core.enrolment where exit_date is not null") == [(1,)]


def test_a_whole_table_that_was_lost_is_built_though_nothing_changed(country: Country):
    country.build()
    kept = country.query("from core.enrolment order by all")
    with country.warehouse.connect() as connection:
        connection.execute("drop table core.enrolment")
    country.build()
    assert country.query("from core.enrolment order by all") == kept != []


def test_an_excuse_builds_the_week_it_excuses_anew(country: Country):
    for week in range(2):
        country.deliver(f"d{week}", {"attendance": [absence(1, day(week))]})
    country.take_in()
    country.build()
    before = built(country)
    country.deliver("excuse", {"attendance": [absence(1, day(0), code="ns")]})
    country.take_in()
    country.build()
    after = built(country)
    of_absence = [key for key in WEEKLY if "attendance" in load(key).setting("weekDatasets")]
    anew = {week for week in after if before.get(week) != after[week]}
    assert anew == {f"{key} {day(0)}" for key in of_absence}
    assert country.query("select lessons_missed_ill from core.pupil_day_attendance order by lesson_date") == [
        (1,),
        (0,),
    ]


def test_a_work_closed_in_a_later_week_is_closed_though_only_that_week_is_new(country: Country):
    country.deliver("owed", {"mark": [mark(1, "nv", mark_date=day(0), work_kind="pd:1")]})
    country.take_in()
    country.build()
    country.deliver("done", {"mark": [mark(1, "7", mark_date=day(3), work_kind="pd:1")]})
    country.take_in()
    country.build()
    assert country.query("select closes_nv from core.pupil_subject_mark order by mark_date") == [(False,), (True,)]


def test_a_broken_promise_leaves_the_weeks_as_they_were(country: Country, monkeypatch: pytest.MonkeyPatch):
    country.deliver("first", {"attendance": [absence(1, day(0))]})
    country.take_in()
    country.build()
    before = built(country), country.query("select * from core.pupil_day_attendance order by all")
    country.deliver("second", {"attendance": [absence(1, day(1))]})
    country.take_in()
    monkeypatch.setattr("assets.warehouse.judge", _broken)
    with pytest.raises(Exception, match="broke its contract"):
        country.warehouse.build("core.pupil_day_attendance")
    assert (built(country), country.query("select * from core.pupil_day_attendance order by all")) == before


def _broken(*_: Any) -> list[Any]:
    from data_contracts.expectations import Verdict

    return [Verdict("rule", "a rule", False, 1)]


def test_a_pupil_is_named_by_no_content_of_a_week(country: Country):
    country.deliver("first", {"attendance": [absence(1, day(0))]})
    country.take_in()
    country.build()
    assert all(code_of(1) not in content and len(content) == 64 for content in built(country).values())


def test_a_part_that_came_after_the_intake_was_closed_is_read(country: Country):
    country.deliver("first", {"mark": [mark(mark_date=day(0)), mark(2, mark_date=day(1), mark_text="3")]})
    country.take_in()
    country.build()
    country.deliver("later", {"mark": [mark(mark_date=day(0), mark_text="3")]}, on="2024-10-20")
    raw.take_in(country.warehouse, "raw.mark")
    with country.warehouse.connect() as connection:
        connection.execute("delete from raw.built_slice where table_key = 'core.pupil_subject_mark'")
    country.warehouse.build("core.pupil_subject_mark")
    assert country.warehouse.query("from core.pupil_subject_mark")["mark_value"].to_list() == [3, 3]
