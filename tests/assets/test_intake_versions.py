"""Deliveries that correct, replace, withdraw and repeat each other, in whatever order they are taken in."""

from datetime import date
from itertools import permutations
from pathlib import Path

import pytest

from tests.assets.kit import OTHER_SCHOOL, SCHOOL, Country, absence, as_csv, code_of, mark


def seen(country: Country, known_on: str = "9999-12-31") -> list[tuple[str, int, str | None]]:
    """Return day, lesson and code of every row of attendance as known on a day."""
    rows = country.rows("lesson_date, lesson_no, code", "attendance", date.fromisoformat(known_on))
    return [(f"{day:%m-%d}", lesson, code) for day, lesson, code in rows]


def test_a_clean_delivery_stands_as_it_came(country: Country):
    roll = {"attendance": {"shape": "roll"}}
    country.deliver("a", {"attendance": [absence(), absence(lesson=2, code=None)]}, source="e-klase", notes=roll)
    country.take_in("attendance")
    assert country.counts("e-klase.a", "attendance") == (2, 2, 0, 0)
    row = country.ledger("e-klase.a", "attendance")
    assert (row["status"], row["note"], row["detected"], row["file_name"]) == (
        "accepted", None, "csv utf-8 comma", "attendance.csv",
    )  # fmt: skip
    assert seen(country) == [("09-02", 1, "n"), ("09-02", 2, None)]
    assert not list(country.home.quarantine.iterdir())


def test_a_correction_stands_in_the_place_of_the_row_with_its_key(country: Country):
    country.deliver("a", {"attendance": [absence(), absence(lesson=2)]}, on="2024-09-10")
    country.deliver("b", {"attendance": [absence(code="ns", excused_on="2024-09-12")]}, on="2024-09-20")
    country.take_in("attendance")
    assert country.counts("viis.a", "attendance") == (2, 1, 0, 1)
    assert country.counts("viis.b", "attendance") == (1, 1, 0, 0)
    assert seen(country) == [("09-02", 1, "ns"), ("09-02", 2, "n")]
    assert seen(country, "2024-09-19") == [("09-02", 1, "n"), ("09-02", 2, "n")], "as known the day before"
    assert seen(country, "2024-09-20") == [("09-02", 1, "ns"), ("09-02", 2, "n")], "as known on the day"
    assert seen(country, "2024-09-09") == []


def test_views_stand_on_the_day_the_intake_is_closed_on(country: Country):
    country.deliver("a", {"attendance": [absence()]}, on="2024-09-10")
    country.deliver("b", {"attendance": [absence(code="ns")]}, on="2024-09-20")
    country.take_in("attendance", known_on=date(2024, 9, 15))
    assert country.query("select code, delivery_id from raw.attendance") == [("n", "viis.a")]


def test_the_moment_of_delivery_decides_even_within_a_day(country: Country):
    country.deliver("z", {"attendance": [absence(code="n")]}, on="2024-09-10T08:00:00+03:00")
    country.deliver("a", {"attendance": [absence(code="ns")]}, on="2024-09-10T09:00:00+03:00")
    country.take_in("attendance")
    assert seen(country) == [("09-02", 1, "ns")]


def test_the_same_file_under_another_name_changes_nothing(country: Country):
    text = as_csv([absence(), absence(lesson=2)])
    country.deliver("a", {"attendance": text}, on="2024-09-10")
    country.deliver("b", {"attendance": [absence(code="ns")]}, on="2024-09-12")
    country.deliver("c", {"attendance": text}, on="2024-09-14")
    country.take_in("attendance")
    assert country.counts("viis.c", "attendance") == (2, 0, 0, 2)
    row = country.ledger("viis.c", "attendance")
    assert (row["status"], row["note"].partition(";")[0]) == ("duplicate", "says the same as delivery viis.a")
    assert seen(country) == [("09-02", 1, "ns"), ("09-02", 2, "n")], "the correction in between stands"


@pytest.mark.parametrize(
    "other",
    [
        {"source": "e-klase"},
        {"notes": {"attendance": {"deleted": True}}},
        {"notes": {"attendance": {"shape": "roll"}}},
        {"notes": {"attendance": {"mode": "full", "from": "2024-09-01", "to": "2024-09-30"}}},
    ],
    ids=["another source", "a withdrawal", "another shape", "a full delivery"],
)
def test_the_same_bytes_meant_otherwise_are_another_statement(country: Country, other: dict):
    text = as_csv([absence()])
    country.deliver("a", {"attendance": text}, on="2024-09-10")
    country.deliver("b", {"attendance": text}, on="2024-09-14", **other)
    country.take_in("attendance")
    assert country.ledger(f"{other.get('source', 'viis')}.b", "attendance")["status"] == "accepted"
    assert country.counts("viis.a", "attendance") == (1, 0, 0, 1)


def test_a_full_delivery_replaces_its_schools_and_dates_and_nothing_else(country: Country):
    elsewhere = {"school_reg_no": OTHER_SCHOOL}
    country.deliver(
        "a",
        {
            "attendance": [
                absence(),
                absence(2),
                absence(day="2024-10-01"),
                absence(3, **elsewhere),
                absence(4, lesson=3),
            ]
        },
        on="2024-10-05",
    )
    scope = {"mode": "full", "schools": [SCHOOL], "from": "2024-09-01", "to": "2024-09-30"}
    country.deliver("b", {"attendance": [absence(2, code="ns")]}, on="2024-10-06", notes={"attendance": scope})
    country.take_in("attendance")
    assert seen(country) == [("09-02", 1, "n"), ("09-02", 1, "ns"), ("10-01", 1, "n")]
    assert country.counts("viis.a", "attendance") == (5, 2, 0, 3)
    assert country.ledger("viis.b", "attendance")["rows_withdrawn"] == 3
    assert len(seen(country, "2024-10-05")) == 5


def test_a_full_delivery_replaces_only_what_its_own_source_told(country: Country):
    country.deliver("a", {"attendance": [absence()]}, on="2024-09-10", source="mykoob")
    country.deliver("b", {"attendance": [absence(lesson=5)]}, on="2024-09-11", notes={"attendance": {"mode": "full"}})
    country.take_in("attendance")
    assert [row[1] for row in seen(country)] == [1, 5]


def test_a_full_delivery_without_rows_says_that_there_are_none(country: Country):
    country.deliver("a", {"attendance": [absence(), absence(lesson=2)]}, on="2024-09-10")
    header = as_csv([absence()]).splitlines()[0] + "\n"
    country.deliver("b", {"attendance": header}, on="2024-09-11", notes={"attendance": {"mode": "full"}})
    country.take_in("attendance")
    assert seen(country) == []
    assert country.counts("viis.b", "attendance") == (0, 0, 0, 0)
    assert country.ledger("viis.b", "attendance")["rows_withdrawn"] == 2
    assert len(seen(country, "2024-09-10")) == 2


def test_a_full_delivery_of_which_no_row_can_be_read_replaces_nothing(country: Country):
    country.deliver("a", {"attendance": [absence()]}, on="2024-09-10")
    broken = [absence(lesson=99), absence(lesson=77)]
    country.deliver("b", {"attendance": broken}, on="2024-09-11", notes={"attendance": {"mode": "full"}})
    country.take_in("attendance")
    assert seen(country) == [("09-02", 1, "n")]
    assert country.ledger("viis.b", "attendance")["status"] == "quarantined"


def test_keys_to_withdraw_take_rows_back(country: Country):
    country.deliver("a", {"mark": [mark(1), mark(2), mark(3)]}, on="2024-09-10")
    keys = [{k: v for k, v in mark(n).items() if k != "mark_text"} for n in (1, 2, 9)]
    country.deliver("b", {"mark": keys}, on="2024-09-12", notes={"mark": {"deleted": True}})
    country.take_in("mark")
    assert country.rows("mark_text", "mark") == [("7",)]
    assert len(country.rows("mark_text", "mark", date(2024, 9, 11))) == 3
    assert country.counts("viis.a", "mark") == (3, 1, 0, 2)
    assert country.counts("viis.b", "mark") == (3, 3, 0, 0), "a key that was never delivered is no mistake"
    assert country.ledger("viis.b", "mark")["rows_withdrawn"] == 2
    country.deliver("c", {"mark": [mark(1, "9")]}, on="2024-09-14")
    country.take_in("mark")
    assert country.rows("mark_text", "mark") == [("7",), ("9",)], "what was withdrawn may come again"


def history(country: Country) -> list[str]:
    """Deliver a history that touches every way of replacing, and hold all of it back."""
    full = {"mode": "full", "schools": [SCHOOL], "from": "2024-09-01", "to": "2024-09-30"}
    text = as_csv([absence(), absence(2), absence(9), absence(1, lesson=4)])
    country.deliver("base", {"attendance": text}, on="2024-09-10", source="e-klase")
    country.deliver(
        "correction", {"attendance": [absence(code="ns"), absence(9, code="ns")]}, on="2024-09-12", source="e-klase"
    )
    late = {"pupil": [{"person_code": code_of(9)}], "attendance": [absence(9, lesson=2)]}
    country.deliver("newcomer", late, on="2024-09-14", source="e-klase")
    country.deliver("again", {"attendance": text}, on="2024-09-15", source="e-klase")
    country.deliver(
        "all", {"attendance": [absence(2, code="nc")]}, on="2024-09-20", source="e-klase", notes={"attendance": full}
    )
    gone = {k: v for k, v in absence(9, lesson=2).items() if k not in ("code", "subject_code")}
    country.deliver(
        "gone", {"attendance": [gone]}, on="2024-09-16", source="e-klase", notes={"attendance": {"deleted": True}}
    )
    names = ["base", "correction", "newcomer", "again", "all", "gone"]
    for name in names:
        country.hold(name)
    return names


def outcome(country: Country) -> tuple[list, list]:
    """Return the ledger and every view of attendance, day by day."""
    ledger = country.query(
        "select delivery_id, dataset, rows_delivered, rows_accepted, rows_quarantined, rows_superseded, rows_withdrawn,"
        " status, note from raw.delivery where dataset in ('attendance', 'pupil') order by all"
    )
    columns = "pupil_key, lesson_date, lesson_no, code, source, delivery_id, known_from"
    days = [date(2024, 9, day) for day in (10, 12, 14, 15, 16, 20)]
    return ledger, [country.rows(columns, "attendance", day) for day in days]


ORDERS = [*permutations(range(6))]


@pytest.fixture(scope="module")
def expected(registered: Country, tmp_path_factory: pytest.TempPathFactory) -> tuple[list, list]:
    country = registered.copy(tmp_path_factory.mktemp("order") / "home")
    history(country)
    country.bring(*list(country.kept_back))
    country.take_in("pupil", "attendance")
    return outcome(country)


@pytest.mark.parametrize("order", ORDERS[::239], ids=lambda order: "".join(map(str, order)))
def test_the_order_of_taking_in_does_not_matter(country: Country, expected: tuple, order: tuple[int, ...]):
    names = history(country)
    for place in order:
        country.bring(names[place])
        country.take_only("pupil", "attendance")
    country.take_in("attendance")
    assert outcome(country) == expected


def test_the_history_holds_every_fate(expected: tuple):
    ledger, views = expected
    assert {row[7] for row in ledger} >= {"accepted", "duplicate"}
    assert [len(view) for view in views] == [3, 3, 5, 5, 4, 1]


def test_a_changed_file_is_noticed_and_what_came_first_stands(country: Country):
    folder = country.deliver("a", {"attendance": [absence()]})
    country.take_in("attendance")
    (folder / "attendance.csv").write_text(as_csv([absence(code="ns"), absence(2)]), encoding="utf-8")
    country.take_in("attendance")
    country.take_in("attendance")
    assert seen(country) == [("09-02", 1, "n")]
    assert country.counts("viis.a", "attendance") == (1, 1, 0, 0)
    (changed,) = country.query("select delivery_id from raw.delivery where delivery_id like 'viis.a.changed-%'")
    row = country.ledger(changed[0], "attendance")
    assert (row["status"], row["rows_delivered"], row["rows_quarantined"]) == ("refused", 2, 2)
    assert "what came first stands" in row["note"]
    assert country.report(changed[0])[0]["rule"] == "file_refused"


def test_a_changed_note_is_noticed_too(country: Country):
    folder = country.deliver("a", {"attendance": [absence()]})
    country.take_in("attendance")
    note = (folder / "delivery.yaml").read_text(encoding="utf-8")
    (folder / "delivery.yaml").write_text(note.replace("datasets: {}", "datasets: {attendance: {deleted: true}}"))
    country.take_in("attendance")
    assert country.query("select count(*) from raw.delivery where delivery_id like 'viis.a.changed-%'") == [(1,)]
    assert seen(country) == [("09-02", 1, "n")]


def test_a_file_that_is_only_touched_is_no_change(country: Country):
    folder = country.deliver("a", {"attendance": [absence()]})
    country.take_in("attendance")
    (folder / "attendance.csv").touch()
    country.take_in("attendance")
    assert country.query("select count(*) from raw.delivery where dataset = 'attendance'") == [(1,)]


def test_a_refused_file_may_be_corrected_in_its_folder(country: Country):
    folder = country.deliver("a", {"attendance": "person_code\n320000-00001\n"})
    country.take_in("attendance")
    assert country.ledger("viis.a", "attendance")["status"] == "refused"
    (folder / "attendance.csv").write_text(as_csv([absence()]), encoding="utf-8")
    country.take_in("attendance")
    assert country.counts("viis.a", "attendance") == (1, 1, 0, 0)
    assert country.waiting() == {}
    assert not list(country.home.quarantine.iterdir())


def test_a_landing_that_was_cleared_takes_nothing_away(country: Country, tmp_path: Path):
    country.deliver("a", {"attendance": [absence(), absence(9)]}, on="2024-09-10")
    country.take_in("attendance")
    country.home.landing.rename(tmp_path / "archive")
    country.home.landing.mkdir()
    country.deliver("p", {"pupil": [{"person_code": code_of(9)}]}, on="2024-09-12")
    country.take_in("pupil", "attendance")
    assert country.counts("viis.a", "attendance") == (2, 2, 0, 0), "rows that wait do not need their file"


def test_a_roll_that_does_not_say_so_is_told(country: Country):
    """Rows without a code tell of presence in a full roll only; nothing is guessed, and somebody must know."""
    rows = [absence(), absence(2, code=""), absence(3, code="")]
    country.deliver("a", {"attendance": rows}, on="2024-09-10")
    country.deliver("b", {"attendance.parquet": rows[1:]}, on="2024-09-11", notes={"attendance": {"shape": "roll"}})
    country.deliver("c", {"attendance": rows[:1]}, on="2024-09-12")
    country.take_in("attendance")
    told = country.ledger("viis.a", "attendance")["note"]
    assert told.startswith("2 row(s) have no code and delivery.yaml says no shape: ")
    assert [country.ledger(f"viis.{name}", "attendance")["note"] for name in "bc"] == [None, None]
