import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from data_contracts.contract import load
from models.delivery import parse_delivery
from models.public_format.imported import ImportRefused
from pipelines.cli import app
from pipelines.errors import UsageError
from pipelines.importing import folder
from pipelines.importing.edfi import import_edfi
from pipelines.importing.edfi_xml import read_interchange
from tests.edfi_world import (
    EVENTS,
    GRADEBOOK,
    INTERCHANGE,
    SCHOOL,
    SECTION,
    Event,
    event_element,
    interchange,
    write_csv,
    write_gradebook,
    write_xml,
)
from tests.promises import broken_promises, bytes_of, columns_of, delivered, rows

ANNA, BRUNO, PLACE = "33000604822", "33000604823", "5255901001"


@pytest.fixture
def src(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "edfi")


def attendance(dest: Path) -> list[tuple]:
    return rows(dest, "attendance", "person_code", "lesson_date", "lesson_no", "subject_code", "code")


def test_an_event_of_a_whole_day_is_one_row_and_what_else_happened_stands_beside_it(src: Path, tmp_path: Path):
    report = import_edfi(src, tmp_path / "x")
    assert attendance(tmp_path / "x") == [
        (ANNA, date(2021, 8, 31), 0, None, "Excused Absence"),
        (ANNA, date(2021, 12, 15), 0, None, "Excused Absence"),
        (ANNA, date(2021, 12, 15), 1, None, "Partial"),
        (BRUNO, date(2022, 3, 7), 1, None, "Tardy"),
        (BRUNO, date(2022, 3, 8), 0, None, "Unexcused Absence"),
    ]
    assert report.rows_written == {
        "municipality": 1, "institution": 1, "calendar_day": 4, "attendance_code": 4, "pupil": 2, "enrolment": 2,
        "attendance": 5,
    }  # fmt: skip
    assert broken_promises(tmp_path / "x") == {"attendance code unknown": 1}  # what Partial means, nobody has said
    for name in delivered(tmp_path / "x"):
        assert columns_of(tmp_path / "x", name) == list(load(f"raw.{name}").column_names)


def test_registers_say_what_the_events_tell_and_no_more(src: Path, tmp_path: Path):
    import_edfi(src, tmp_path / "x")
    assert rows(tmp_path / "x", "pupil") == [(ANNA, None, None, None, None), (BRUNO, None, None, None, None)]
    assert rows(tmp_path / "x", "enrolment", "entry_date", "grade", "exit_date") == [
        ("2021-08-31", None, None), ("2022-03-07", None, None),
    ]  # fmt: skip
    assert rows(tmp_path / "x", "calendar_day", "school_year", "date", "semester") == [
        ("2021/2022", "2021-08-31", "1"), ("2021/2022", "2021-12-15", "1"), ("2021/2022", "2022-03-07", "2"),
        ("2021/2022", "2022-03-08", "2"),
    ]  # fmt: skip


def test_the_note_says_exceptions_and_replaces_these_schools_between_these_days(src: Path, tmp_path: Path):
    report = import_edfi(src, tmp_path / "x")
    note = parse_delivery("x", yaml.safe_load((tmp_path / "x/delivery.yaml").read_text(encoding="utf-8")))
    assert report.delivered_on == note.delivered_on.isoformat() == "2022-03-09T06:00:00+00:00"
    told = {n.dataset: (n.mode, n.shape, n.schools, n.date_from, n.date_to) for n in note.notes}
    year = ((PLACE,), date(2021, 8, 31), date(2022, 3, 8))
    assert told["attendance"] == ("full", "exceptions", *year)
    assert told["enrolment"] == told["calendar_day"] == ("full", None, *year)
    assert told["pupil"] == told["institution"] == ("delta", None, (), None, None)


def test_the_interchange_and_the_table_make_the_same_delivery(src: Path, tmp_path: Path):
    xml = write_xml(tmp_path / "xml")
    import_edfi(src, tmp_path / "a/x")
    import_edfi(xml, tmp_path / "b/x")
    import_edfi(xml / INTERCHANGE, tmp_path / "c/x")
    shutil.copy(src / SCHOOL, xml)
    both = import_edfi(xml, tmp_path / "d/x")
    assert bytes_of(tmp_path / "a/x") == bytes_of(tmp_path / "b/x") == bytes_of(tmp_path / "c/x")
    assert bytes_of(tmp_path / "a/x") == bytes_of(tmp_path / "d/x")
    assert both.rows_used == {INTERCHANGE: 5, SCHOOL: 0}
    assert both.rows_left_out == {INTERCHANGE: {}, SCHOOL: {"told before: counted once": 5}}


def test_the_order_of_events_does_not_matter(src: Path, tmp_path: Path):
    import_edfi(src, tmp_path / "a/x")
    import_edfi(write_csv(tmp_path / "turned", EVENTS[::-1]), tmp_path / "b/x")
    assert bytes_of(tmp_path / "a/x") == bytes_of(tmp_path / "b/x")


@pytest.mark.parametrize("form", [lambda folder, events: write_csv(folder, events, SECTION), write_xml])
def test_an_event_of_a_section_is_a_lesson_unless_the_day_tells_it(
    src: Path, tmp_path: Path, form: Callable[[Path, list[Event]], Path]
):
    late = [
        ("604823", "2022-03-07", "Tardy", "M1"),
        ("604823", "2022-03-08", "Tardy", "A2"),
        ("604823", "2022-03-08", "Tardy", "M1"),
    ]
    report = import_edfi(form(src, late), tmp_path / "x")
    assert attendance(tmp_path / "x")[-3:] == [
        (BRUNO, date(2022, 3, 8), 0, None, "Unexcused Absence"),
        (BRUNO, date(2022, 3, 8), 1, "A2", "Tardy"),
        (BRUNO, date(2022, 3, 8), 2, "M1", "Tardy"),
    ]
    (file,) = set(report.rows_read) - {SCHOOL}
    assert report.rows_left_out[file] == {"told by the event of the day": 1}
    assert report.rows_used[file] == 2


def test_a_category_of_another_authority_keeps_its_whole_name(tmp_path: Path):
    own = "uri://tea.texas.gov/AttendanceEventCategoryDescriptor#Tardy"
    import_edfi(write_csv(tmp_path / "edfi", [("1", "2021-09-01", own, "")]), tmp_path / "x")
    assert attendance(tmp_path / "x")[0][-1] == own


def test_a_sixteenth_event_of_a_day_has_no_place(tmp_path: Path):
    events = [("1", "2021-09-01", "Tardy", f"section {n:02}") for n in range(16)]
    report = import_edfi(write_csv(tmp_path / "edfi", events), tmp_path / "x")
    assert report.rows_left_out[SCHOOL] == {"more than 15 events of a pupil on one day": 2}
    assert [row[2] for row in attendance(tmp_path / "x")] == list(range(1, 15))


def test_a_gradebook_entry_is_a_mark_in_percent_if_it_has_a_day_and_a_number(src: Path, tmp_path: Path):
    write_gradebook(
        src, *["604822,89,2021-12-01,,74.00"] * 2, "604822,90,,,48.00", "604822,91,2021-12-02,B,",
        "604822,92,2021-12-02,,-1", "999,93,2021-12-02,,50", "604823,89,2021-12-01,,103",
    )  # fmt: skip
    report = import_edfi(src, tmp_path / "x")
    assert rows(tmp_path / "x", "mark", "person_code", "mark_date", "subject_code", "work_kind", "mark_text") == [
        (ANNA, date(2021, 12, 1), "gradebook", "gradebook:89", "74.00%"),
        (BRUNO, date(2021, 12, 1), "gradebook", "gradebook:89", "103%"),
    ]
    assert report.rows_read[GRADEBOOK] == 7
    assert report.rows_used[GRADEBOOK] == 2
    assert report.rows_left_out[GRADEBOOK] == {
        "told before: counted once": 1,
        "no date fulfilled: a mark needs its day": 1,
        "no numeric grade: a letter has no form here": 1,
        "numeric grade is not 0 to 999 percent": 1,
        "no attendance event tells the pupil's one school": 1,
    }
    assert broken_promises(tmp_path / "x") == {"attendance code unknown": 1}


BOMB = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>\n'
FOREIGN = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>\n'
LATE = event_element("1", "2021-09-01", "Tardy", "")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (interchange(LATE, BOMB), r"it holds 1 or more document type or entity declarations, .*; export"),
        (interchange(LATE.replace("Tardy", "&a;"), FOREIGN), r"it holds 1 or more document type"),
        (interchange(LATE, '<!DOCTYPE x SYSTEM "http://example.org/x.dtd">'), r"it holds 1 or more document type"),
        (interchange(LATE.replace("Tardy", "&a;")), r"line 3 is not well-formed XML; export"),
        (interchange(LATE)[:-40], r"line \d is not well-formed XML; export"),
        (interchange(LATE.replace("Tardy", "x" * 2000)), r"1 or more values are longer than 1000 signs; export"),
        (interchange(LATE.replace(">1<", "> <")), r"1 rows have no student_id; correct"),
        (interchange(LATE.replace("SchoolId>", "Other>")), r"1 rows have no school_id; correct"),
        (interchange(LATE.replace("2021-09-01", "01.09.2021")), r"1 rows have an event_date that is no date"),
        (interchange("<Other/>"), r"0 attendance events; export"),
        ("", r"line 1 is not well-formed XML"),
    ],
)  # fmt: skip
def test_an_interchange_that_is_unsafe_or_incomplete_is_refused(tmp_path: Path, text: str, message: str):
    (tmp_path / INTERCHANGE).write_text(text, encoding="utf-8")
    with pytest.raises(ImportRefused, match=rf"^{INTERCHANGE}: {message}") as refusal:
        import_edfi(tmp_path, tmp_path / "x")
    assert not any(value in str(refusal.value) for value in ("passwd", "01.09.2021", "xxx"))
    assert not (tmp_path / "x").exists()


PUT = [b"<", b">", b"&", b"\0", b"\xff", b"<!DOCTYPE x>", b"]]>", b""]


@given(st.integers(0, 700), st.integers(0, 3), st.sampled_from(PUT))
@settings(
    derandomize=True, deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_happens_to_an_interchange_it_is_read_or_refused(tmp_path: Path, at: int, cut: int, put: bytes):
    whole = interchange(LATE).encode()
    path = tmp_path / INTERCHANGE
    path.write_bytes(whole[:at] + put + whole[at + cut :])
    with suppress(ImportRefused):
        read = read_interchange(path)
        assert read is None or read[0].height + read[1] == 1


def test_other_records_of_an_interchange_are_counted(tmp_path: Path):
    text = interchange(LATE + "<StudentProgramAttendanceEvent><EventDate>x</EventDate></StudentProgramAttendanceEvent>")
    (tmp_path / INTERCHANGE).write_text(text, encoding="utf-16")
    (tmp_path / INTERCHANGE).write_text(text.replace("UTF-8", "UTF-16"), encoding="utf-16")
    report = import_edfi(tmp_path, tmp_path / "x")
    assert (report.rows_read, report.rows_used) == ({INTERCHANGE: 2}, {INTERCHANGE: 1})
    assert report.rows_left_out[INTERCHANGE] == {
        "record of another kind than an attendance event of a school or section": 1
    }


def test_interchanges_of_another_kind_are_counted_and_not_read(tmp_path: Path):
    write_xml(tmp_path)
    other = interchange(LATE).replace("InterchangeStudentAttendance", "InterchangeStudent")
    (tmp_path / "Student.xml").write_text(other, encoding="utf-8")
    report = import_edfi(tmp_path, tmp_path / "x")
    assert report.rows_read == {INTERCHANGE: 5}
    assert report.notes["XML documents of another kind beside them, not read"] == 1
    with pytest.raises(ImportRefused, match=r"^Student\.xml: 0 files tell of attendance; put"):
        import_edfi(tmp_path / "Student.xml", tmp_path / "y")


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda text: text.replace("event_date", "day"), r"1 columns are missing, event_date; export"),
        (lambda text: text + "1,2\n", r"1 records do not have the 8 fields of the header; export"),
        (lambda text: text.replace("604823,", ","), r"2 rows have no student_id; correct"),
        (lambda text: text.replace("Tardy", " "), r"1 rows have no category; correct"),
        (lambda text: text.replace("2022-03-07", "2022-02-30"), r"1 rows have an event_date that is no date"),
        (lambda text: text.splitlines()[0], r"0 attendance events; export"),
        (lambda text: text.replace("Partial", "D\0l"), r"it holds zero bytes"),
    ],
)
def test_a_table_that_is_not_whole_is_refused(src: Path, tmp_path: Path, edit: Callable[[str], str], message: str):
    (src / SCHOOL).write_text(edit((src / SCHOOL).read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(ImportRefused, match=rf"^{SCHOOL}: {message}"):
        import_edfi(src, tmp_path / "x")
    assert not (tmp_path / "x").exists()


def test_text_in_another_encoding_is_refused(src: Path, tmp_path: Path):
    (src / SCHOOL).write_bytes((src / SCHOOL).read_bytes() + "1,2,Ā,2021-09-01,Tardy,,,\n".encode("cp1257"))
    with pytest.raises(ImportRefused, match=rf"^{SCHOOL}: its text is not utf-8; export"):
        import_edfi(src, tmp_path / "x")


def test_a_source_without_attendance_is_refused(tmp_path: Path):
    (tmp_path / "empty").mkdir()
    for src in ("empty", "nowhere"):
        with pytest.raises(ImportRefused, match=rf"^{src}: 0 files tell of attendance; put {SCHOOL} or"):
            import_edfi(tmp_path / src, tmp_path / "x")


def test_a_delivery_is_never_overwritten_and_an_import_that_stops_is_none(
    src: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def full(temporary: Path, final: Path) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(folder, "swap_in", full)
        with pytest.raises(ImportRefused, match=r"^x: the folder cannot be written \(No space left on device\)"):
            import_edfi(src, tmp_path / "x")
    assert not (tmp_path / "x/delivery.yaml").exists()
    import_edfi(src, tmp_path / "x")
    with pytest.raises(ImportRefused, match=r"^x: the folder already holds a delivery; name a new folder$"):
        import_edfi(src, tmp_path / "x")


def test_the_command_reports_in_json_and_ends_with_2_when_it_refuses(src: Path, tmp_path: Path):
    done = CliRunner().invoke(app, ["import", "edfi", str(src), str(tmp_path / "x"), "--json"])
    assert done.exit_code == 0
    assert json.loads(done.stdout)["rows_read"] == {SCHOOL: 5}
    told = CliRunner().invoke(app, ["import", "edfi", str(src), str(tmp_path / "y")])
    assert f"delivered_on: 2022-03-09T06:00:00+00:00\nrows_read:\n  {SCHOOL}: 5\n" in told.stdout
    again = CliRunner().invoke(app, ["import", "edfi", str(src), str(tmp_path / "x")])
    assert isinstance(again.exception, UsageError)
