"""Delivery folders: what is complete, what is refused, what is mentioned."""

import hashlib
from datetime import date
from pathlib import Path

import pytest

from assets.landing import arrivals, folders, newest_delivery, safe_name
from tests.assets.kit import Country, absence, as_csv, code_of, mark

GOOD = "source: viis\ndelivered_on: 2024-09-10T08:00:00+03:00\n"


def refusals(country: Country) -> list[str]:
    return [a.refusal for a in arrivals(country.home.landing) if a.refusal]


NOTES = {
    "not yaml": ("{{", "not readable YAML"),
    "not text": (b"\xff\xfe\x00", "not readable YAML"),
    "a day that does not exist": ("source: viis\ndelivered_on: 2024-13-45\n", "not readable YAML"),
    "nested without end": ("[" * 100_000, "nested too deeply"),
    "empty": ("", "must hold `source`"),
    "a list": ("- a", "must hold `source`"),
    "no source": ("delivered_on: 2024-09-10", "`source` and the folder name"),
    "no moment": ("source: viis", "`delivered_on` is missing"),
    "no date": ("source: viis\ndelivered_on: soon", "`delivered_on` is not a date-time"),
    "a year out of reach": ("source: viis\ndelivered_on: 2205-09-10", "years 2000 to 2100"),
    "a path as source": ("source: ../../etc\ndelivered_on: 2024-09-10", "letters, digits, dot"),
    "a hidden source": ("source: .viis\ndelivered_on: 2024-09-10", "letters, digits, dot"),
    "a nested source": ("source: [a, b]\ndelivered_on: 2024-09-10", "letters, digits, dot"),
    "datasets as a list": (GOOD + "datasets: [attendance]", "`datasets` must map"),
    "a word as settings": (GOOD + "datasets: {attendance: delta}", "settings of a dataset may be"),
    "a misspelt setting": (GOOD + "datasets: {attendance: {mode: full, form: 2024-09-01}}", "settings of a dataset"),
    "an unknown dataset": (GOOD + "datasets: {atendance: {mode: full}}", "names one that does not exist"),
    "an unknown mode": (GOOD + "datasets: {attendance: {mode: all}}", "`mode` must be full or delta"),
    "an unknown shape": (GOOD + "datasets: {attendance: {shape: x}}", "`shape` must be roll or exceptions"),
    "schools in a word": (GOOD + "datasets: {attendance: {schools: '4112900001'}}", "`schools` must be a list"),
    "a school without quotes": (GOOD + "datasets: {attendance: {schools: [0412700001]}}", "`schools` must be a list"),
    "schools of no use": (GOOD + "datasets: {pupil: {mode: full, schools: ['4112900001']}}", "pupil has no schools"),
    "deleted in a word": (GOOD + "datasets: {attendance: {deleted: 'false'}}", "`deleted` must be true or false"),
    "deleted and full": (GOOD + "datasets: {attendance: {deleted: true, mode: full}}", "cannot be `full`"),
    "an odd day": (GOOD + "datasets: {attendance: {from: x}}", "`from` is not a date"),
    "days reversed": (GOOD + "datasets: {attendance: {from: 2024-09-02, to: 2024-09-01}}", "not be later than"),
    "too long": (GOOD + "#" * (1 << 20), "longer than a megabyte"),
}  # fmt: skip


@pytest.mark.parametrize("what", NOTES)
def test_a_note_that_cannot_be_followed_refuses_the_folder(empty: Country, what: str):
    note, reason = NOTES[what]
    empty.deliver("a", {"attendance": [absence()]}, note=note)
    (told,) = refusals(empty)
    assert told.startswith("delivery.yaml: ")
    assert reason in told


def test_a_refused_folder_stops_no_other(country: Country):
    country.deliver("a", {"attendance": [absence()]}, note="{{")
    country.deliver("b", {"attendance": [absence()]})
    country.take_in("attendance")
    assert country.counts("viis.b", "attendance") == (1, 1, 0, 0)
    assert country.query("select count(*) from raw.delivery where delivery_id like '%.a'") == [(0,)]


@pytest.mark.parametrize("name", ["a b", "ā", "-a", "a" * 101])
def test_a_folder_with_an_unsafe_name_is_refused(empty: Country, name: str):
    empty.deliver(name, {"attendance": [absence()]})
    assert "letters, digits, dot" in refusals(empty)[0]


def test_a_folder_without_its_note_is_not_yet_there(empty: Country):
    folder = empty.deliver("a", {"attendance": [absence()]})
    (folder / "delivery.yaml").rename(folder / "delivery.yaml.part")
    assert [f.name for f in folders(empty.home.landing)] == ["2000-01-01-reference"]


def test_hidden_folders_are_not_yet_there(empty: Country):
    empty.deliver(".a.part", {"attendance": [absence()]})
    assert [f.name for f in folders(empty.home.landing)] == ["2000-01-01-reference"]


def test_a_note_that_cannot_be_opened_is_told(empty: Country):
    folder = empty.deliver("a", {"attendance": [absence()]})
    (folder / "delivery.yaml").unlink()
    (folder / "delivery.yaml").mkdir()
    assert "cannot be read (IsADirectoryError)" in refusals(empty)[0]


def test_a_moment_without_zone_is_latvian_time(empty: Country):
    empty.deliver("a", {"attendance": [absence()]}, note="source: viis\ndelivered_on: 2024-09-10 00:30:00\n")
    empty.deliver("b", {"attendance": [absence()]}, note="source: viis\ndelivered_on: '2024-09-09T21:15:00Z'\n")
    empty.deliver("c", {"attendance": [absence()]}, note="source: viis\ndelivered_on: 2024-09-11\n")
    found = [a.delivery for a in arrivals(empty.home.landing) if a.delivery][1:]
    assert [d.delivery_id for d in found] == ["viis.b", "viis.a", "viis.c"]
    assert [d.known_from for d in found] == [date(2024, 9, 10), date(2024, 9, 10), date(2024, 9, 11)]
    assert newest_delivery(empty.home.landing) == date(2024, 9, 11)


def test_two_files_of_one_dataset_refuse_the_folder(empty: Country):
    empty.deliver("a", {"attendance.csv": [absence()], "attendance.parquet": [absence()]})
    assert "two files for dataset attendance" in refusals(empty)[0]


def test_two_folders_of_one_name_are_told_apart(country: Country):
    country.deliver("a", {"attendance": [absence()]})
    twin = country.home.landing / "out" / "a"
    twin.mkdir(parents=True)
    (twin / "attendance.csv").write_text(as_csv([absence(2)]), encoding="utf-8")
    (twin / "delivery.yaml").write_text(GOOD, encoding="utf-8")
    assert "another folder has this source and folder name" in refusals(country)[0]
    country.take_in("attendance")
    assert country.counts("viis.a", "attendance") == (1, 1, 0, 0)


def test_a_note_alone_is_refused(empty: Country):
    empty.deliver("a", {})
    assert "stands alone" in refusals(empty)[0]


def test_a_file_that_the_note_names_but_the_folder_lacks_is_told_and_may_come(country: Country):
    folder = country.deliver("a", {"mark": [mark()]}, notes={"attendance": {"shape": "roll"}})
    country.take_in("attendance", "mark")
    row = country.ledger("viis.a", "attendance")
    assert (row["status"], row["rows_delivered"]) == ("refused", 0)
    assert "the file is not there" in row["note"]
    assert country.counts("viis.a", "mark") == (1, 1, 0, 0)
    (folder / "attendance.csv").write_text(as_csv([absence()]), encoding="utf-8")
    country.take_in("attendance", "mark")
    assert country.counts("viis.a", "attendance") == (1, 1, 0, 0)


def test_files_that_bear_no_datasets_name_are_told(country: Country):
    unknown = {
        "attendence.csv": as_csv([absence(), absence(2)]),
        "attendance.xls": b"x",
        "=cmd|x.csv": as_csv([mark()]),
    }
    country.deliver("a", {"mark": [mark()], ".hidden.csv": b"x", **unknown})
    country.take_in("mark")
    country.take_in("mark")
    # A name that had to be changed is told apart from others that would be changed to the same.
    changed = f"_cmd_x.csv.{hashlib.sha256(b'=cmd|x.csv').hexdigest()[:6]}"
    rows = {name: country.ledger("viis.a", name) for name in ("attendence.csv", "attendance.xls", changed)}
    assert {row["status"] for row in rows.values()} == {"refused"}
    assert [row["rows_quarantined"] for row in rows.values()] == [2, 0, 1]
    assert "no dataset is called so" in rows["attendence.csv"]["note"]
    assert country.query("select count(*) from raw.delivery where delivery_id = 'viis.a'") == [(4,)]
    assert {line["file"] for line in country.report("viis.a")} == {"attendence.csv", "attendance.xls", "_cmd_x.csv"}


def test_a_folder_within_the_delivery_is_told(country: Country):
    folder = country.deliver("a", {"mark": [mark()]})
    (folder / "more").mkdir()
    country.take_in("mark")
    assert country.ledger("viis.a", "more")["status"] == "refused"


@pytest.mark.parametrize(
    ("name", "shown"), [("a.csv", "a.csv"), ("=1+1.csv", "_1_1.csv"), ("-x", "_x"), ("ā b", "__b")]
)
def test_a_name_that_is_shown_holds_no_formula(name: str, shown: str):
    assert safe_name(Path(name)) == shown


def test_a_dataset_that_is_not_mentioned_is_a_delta(country: Country):
    country.deliver("a", {"attendance": [absence()]})
    country.take_in("attendance")
    assert country.ledger("viis.a", "attendance")["mode"] == "delta"


def test_the_built_in_code_lists_are_a_delivery_like_any_other(empty: Country):
    empty.take_in("attendance_code", "exit_status_code")
    assert empty.counts("pumpurs.2000-01-01-reference", "attendance_code")[2:] == (0, 0)
    assert ("ns",) in empty.rows("code", "attendance_code")
    assert empty.rows("code", "attendance_code", date(1999, 12, 31)) == []


def test_an_empty_home_takes_in_nothing(empty: Country):
    empty.take_in()
    assert empty.rows("1", "pupil") == []
    assert empty.query("select count(*) from raw.delivery where rows_quarantined > 0") == [(0,)]


def test_a_first_file_without_rows_is_no_trouble(empty: Country):
    empty.deliver("a", {"pupil": "person_code\n", "attendance": as_csv([absence()]).splitlines()[0]})
    empty.take_in("pupil", "attendance")
    assert empty.counts("viis.a", "attendance") == (0, 0, 0, 0)
    assert code_of(1) == "320000-00001"
