"""What a delivery says of itself."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.delivery import DatasetNote, Delivery, DeliveryRefused, parse_delivery, read_meaning, read_note

GOOD = {"source": "e-klase", "delivered_on": "2024-10-03T07:30:00+03:00"}
SCHOOLS = ["4112900001", "4112900002"]


def test_a_delivery_is_named_after_source_and_folder():
    delivery = parse_delivery("2024-10-03-eklase", GOOD)
    assert (delivery.delivery_id, delivery.source) == ("e-klase.2024-10-03-eklase", "e-klase")
    assert delivery.delivered_on == datetime(2024, 10, 3, 4, 30, tzinfo=UTC)
    assert delivery.notes == ()


def test_what_is_not_said_of_a_dataset_is_a_delta():
    assert parse_delivery("a", GOOD).note("mark") == DatasetNote("mark", mode="delta", deleted=False)
    assert parse_delivery("a", GOOD | {"datasets": {"mark": None}}).note("mark") == DatasetNote("mark")


def test_settings_are_read():
    settings = {"mode": "full", "shape": "roll", "schools": SCHOOLS, "from": date(2024, 9, 1), "to": "2024-09-30"}
    note = parse_delivery("a", GOOD | {"datasets": {"attendance": settings}}).note("attendance")
    assert (note.mode, note.shape, note.schools) == ("full", "roll", tuple(SCHOOLS))
    assert (note.date_from, note.date_to, note.deleted) == (date(2024, 9, 1), date(2024, 9, 30), False)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2024-09-30T21:00:00Z", date(2024, 10, 1)),
        ("2024-10-03 07:30:00", date(2024, 10, 3)),
        (datetime(2024, 10, 3, 23, 59, tzinfo=timezone(timedelta(hours=-8))), date(2024, 10, 4)),
        (date(2024, 10, 3), date(2024, 10, 3)),
        ("2024-03-31T01:30:00", date(2024, 3, 31)),
    ],
)
def test_rows_are_known_from_the_latvian_day(moment: Any, day: date):
    assert parse_delivery("a", GOOD | {"delivered_on": moment}).known_from == day


def test_versions_follow_the_moment_then_the_name():
    early, late = "2024-10-03T07:30:00+03:00", "2024-10-03T07:30:00+02:00"
    told = [("b", early), ("a", early), ("a", late)]
    versions = [parse_delivery(name, GOOD | {"delivered_on": moment}).version for name, moment in told]
    assert sorted(versions) == [versions[1], versions[0], versions[2]]


@pytest.mark.parametrize("name", ["..", "a/b", "a\\b", "a b", "", ".a", "ā", "a\n", "x" * 101])
def test_names_that_could_leave_their_folder_are_refused(name: str):
    with pytest.raises(DeliveryRefused, match="letters, digits, dot, dash and underscore only"):
        parse_delivery(name, GOOD)
    with pytest.raises(DeliveryRefused, match="letters, digits, dot, dash and underscore only"):
        parse_delivery("a", GOOD | {"source": name})


def test_an_expanding_note_is_not_written_out():
    bomb: list[Any] = ["x"]
    for _ in range(60):
        bomb = [bomb, bomb]
    for field in ("source", "delivered_on"):
        with pytest.raises(DeliveryRefused):
            parse_delivery("a", GOOD | {field: bomb})
    for setting in ("from", "mode", "schools", "shape"):
        with pytest.raises(DeliveryRefused):
            read_note("mark", {setting: bomb if setting != "schools" else [bomb]})


@pytest.mark.parametrize("document", [None, [], "text", 3, GOOD | {"datasets": {3: {}}}, GOOD | {"datasets": "x"}])
def test_other_documents_are_refused(document: Any):
    with pytest.raises(DeliveryRefused, match=r"^delivery.yaml: .*; correct the file"):
        parse_delivery("a", document)


days = st.one_of(st.none(), st.dates(date(2000, 1, 1), date(2100, 1, 1)))
notes = st.builds(
    DatasetNote,
    dataset=st.just("attendance"),
    mode=st.just("delta"),
    shape=st.sampled_from([None, "roll", "exceptions"]),
    schools=st.lists(st.from_regex(r"[0-9]{10}", fullmatch=True), unique=True).map(lambda s: tuple(sorted(s))),
    date_from=days,
    deleted=st.booleans(),
)


@given(notes)
def test_a_meaning_reads_back_as_it_was_meant(note: DatasetNote):
    assert read_meaning("attendance", note.meaning()) == note


def test_the_order_of_schools_means_nothing():
    told = [read_note("mark", {"schools": schools}).meaning() for schools in (SCHOOLS, SCHOOLS[::-1])]
    assert told[0] == told[1]


def test_a_delivery_without_notes_of_its_own_can_be_made():
    moment = datetime(2024, 10, 3, tzinfo=UTC)
    assert Delivery("a.b", "a", moment, ()).version == "20241003T000000000000 a.b"
