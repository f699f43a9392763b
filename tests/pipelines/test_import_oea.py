import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from data_contracts.contract import load
from models.delivery import parse_delivery
from models.public_format.imported import ImportRefused
from models.public_format.oea_source import ATTENDANCE, MARKS, STUDENTS
from pipelines.cli import app
from pipelines.importing.oea import import_oea
from tests.oea_world import ABSENT, lesson, write_day, write_feed
from tests.promises import broken_promises, bytes_of, columns_of, delivered, rows

SCHOOL, ANNA = "6294331044", "36699036294"
LESSONS, PUPILS, GRADES = f"{ATTENDANCE}.csv", f"{STUDENTS}.csv", f"{MARKS}.csv"


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    return write_feed(tmp_path / "feed")


def test_every_day_becomes_a_delivery_of_what_it_adds(feed: Path, tmp_path: Path):
    report = import_oea(feed, tmp_path / "oea")
    assert sorted(path.name for path in (tmp_path / "oea").iterdir()) == ["day10", "day2"]
    first, second = tmp_path / "oea/day2", tmp_path / "oea/day10"
    columns = ("lesson_date", "lesson_no", "subject_code", "code")
    assert rows(first, "attendance", *columns) == [
        (date(2019, 9, 1), 0, "sec1", "P"), (date(2020, 5, 28), 0, "sec1", "P"), (date(2020, 5, 28), 1, "sec2", "P"),
    ]  # fmt: skip
    assert sorted(rows(second, "attendance", *columns)) == [
        (date(2020, 5, 28), 0, "sec1", "A"), (date(2020, 5, 28), 2, "sec3", "P"), (date(2020, 5, 29), 0, "sec1", "P"),
    ]  # fmt: skip
    assert report.rows_read[f"day2/{LESSONS}"] == 4
    assert report.rows_left_out[f"day2/{LESSONS}"] == {"exact repetition of a row of the same file: counted once": 1}
    for file, read in report.rows_read.items():
        assert report.rows_used[file] + sum(report.rows_left_out[file].values()) == read
    for dest in (first, second):
        assert broken_promises(dest) == {}
        for name in delivered(dest):
            assert columns_of(dest, name) == list(load(f"raw.{name}").column_names)


def test_registers_say_what_lists_and_lessons_tell(feed: Path, tmp_path: Path):
    import_oea(feed, tmp_path / "oea")
    first, second = tmp_path / "oea/day2", tmp_path / "oea/day10"
    people = ("given_name", "family_name", "birth_date", "sex")
    assert rows(first, "pupil", "person_code", *people)[0] != rows(second, "pupil", "person_code", *people)[0]
    assert set(rows(first, "pupil", *people)) == {
        ("Anna", "Liepa", "2004-02-04", "F"), ("Jon", "Liepa", "2004-02-04", "F"),
    }  # fmt: skip
    assert set(rows(second, "pupil", *people)) == {
        ("Annija", "Liepa", "2004-02-04", "F"), ("Anna", "Liepa", "2004-02-04", "M"),
        ("Jon", "Liepa", "2004-02-04", "F"),
    }  # fmt: skip
    known = ("entry_date", "grade", "exit_date")
    assert sorted(rows(first, "enrolment", *known)) == [("2019-09-01", "11", None), ("2020-05-28", "11", None)]
    assert set(rows(second, "enrolment", *known)) == {
        ("2019-09-01", "11", None), ("2020-05-28", "11", None), ("2020-05-29", None, None),
    }  # fmt: skip
    assert rows(first, "institution", "school_reg_no", "name") == [(SCHOOL, "OpenEduAnalytics sch0")]
    assert rows(second, "period_mark", "school_year", "period", "subject_code", "mark_text") == [
        ("2019/2020", "semester2", "sec1", "66%"), ("2019/2020", "semester2", "sec1", "66%"),
    ]  # fmt: skip


def test_the_notes_say_how_each_dataset_is_meant_and_follow_each_other(feed: Path, tmp_path: Path):
    report = import_oea(feed, tmp_path / "oea")
    notes = [
        parse_delivery(day, yaml.safe_load((tmp_path / "oea" / day / "delivery.yaml").read_text(encoding="utf-8")))
        for day in ("day2", "day10")
    ]
    assert [note.delivered_on.isoformat() for note in notes] == [
        "2020-05-29T06:00:00+00:00",
        "2020-05-30T06:00:00+00:00",
    ]
    assert report.delivered_on == "2020-05-30T06:00:00+00:00"
    told = {n.dataset: (n.mode, n.shape, n.schools) for n in notes[1].notes}
    assert told["attendance"] == ("delta", "roll", ())
    assert told["pupil"] == ("delta", None, ())
    assert told["enrolment"] == told["period_mark"] == ("full", None, (SCHOOL,))


def test_one_day_alone_is_read_with_the_days_beside_it(feed: Path, tmp_path: Path):
    import_oea(feed, tmp_path / "oea")
    for day in ("day10", "day2"):
        report = import_oea(feed / day, tmp_path / "single" / day)
        assert report.rows_read[LESSONS] == {"day2": 4, "day10": 3}[day]
        beside = "earlier days beside this one, read with it for lesson numbers and enrolments"
        assert report.notes[beside] == {"day2": 0, "day10": 1}[day]
    assert bytes_of(tmp_path / "single") == bytes_of(tmp_path / "oea")


def test_a_day_does_not_change_when_later_days_arrive(feed: Path, tmp_path: Path):
    (feed / "day10").rename(tmp_path / "later")
    import_oea(feed, tmp_path / "before")
    (tmp_path / "later").rename(feed / "day10")
    import_oea(feed, tmp_path / "after")
    assert bytes_of(tmp_path / "before/day2") == bytes_of(tmp_path / "after/day2")


def test_a_later_day_may_bring_nothing(tmp_path: Path):
    write_day(tmp_path / "feed/day1", [lesson(1)], marks=[])
    write_day(tmp_path / "feed/day2", [], students=[])
    report = import_oea(tmp_path / "feed", tmp_path / "oea")
    assert report.delivered_on == "2020-05-30T06:00:00+00:00"
    assert [report.rows_written[f"{day}/period_mark"] for day in ("day1", "day2")] == [0, 1]
    assert rows(tmp_path / "oea/day2", "attendance") == []
    assert rows(tmp_path / "oea/day2", "enrolment") == rows(tmp_path / "oea/day1", "enrolment")
    assert broken_promises(tmp_path / "oea/day1") == broken_promises(tmp_path / "oea/day2") == {}


def test_a_first_day_without_students_or_marks_is_a_day(tmp_path: Path):
    report = import_oea(write_day(tmp_path / "day1", [lesson(1, "28/05/2020")], [], []), tmp_path / "x")
    assert report.rows_written["pupil"] == report.rows_written["enrolment"] == 1


def test_codes_that_nobody_explained_or_that_contradict_their_row_stay_visible(tmp_path: Path):
    odd = [
        {},
        ABSENT,
        {"AttendanceCode": "T"},
        {"PresenceFlag": "0"},
        {"attendance_status": "Absent"},
        {"PresenceFlag": ""},
    ]
    src = write_day(tmp_path / "day1", [lesson(n, section=f"sec{n}", **more) for n, more in enumerate(odd)])
    report = import_oea(src, tmp_path / "x")
    assert [code for (code,) in rows(tmp_path / "x", "attendance", "code")] == [
        "P", "A", "T", "P 0 Present", "P 1 Absent", "P",
    ]  # fmt: skip
    assert rows(tmp_path / "x", "attendance_code", "code", "meaning") == [("A", "absent_open"), ("P", "present")]
    assert report.notes["lessons with a code that has no meaning: they wait in quarantine"] == 3


def test_rows_of_one_id_that_differ_are_both_left_out(tmp_path: Path):
    src = write_day(tmp_path / "day1", [lesson(1), lesson(2), lesson(2, **ABSENT), lesson(2, **ABSENT)])
    report = import_oea(src, tmp_path / "x")
    assert report.rows_left_out[LESSONS] == {
        "exact repetition of a row of the same file: counted once": 1,
        "one id stands for rows that differ": 2,
    }
    assert len(rows(tmp_path / "x", "attendance")) == 1


def test_a_lesson_told_twice_with_different_codes_stays_one_lesson_so_that_the_door_sees_it(tmp_path: Path):
    import_oea(write_day(tmp_path / "day1", [lesson(1), lesson(2, **ABSENT)]), tmp_path / "x")
    assert rows(tmp_path / "x", "attendance", "lesson_no", "code") == [(1, "P"), (1, "A")]
    assert broken_promises(tmp_path / "x") == {"attendance key": 1}


def test_a_whole_day_is_one_lesson_and_a_sixteenth_lesson_has_no_place(tmp_path: Path):
    lessons = [lesson(n, section=f"sec{n}") for n in range(16)] + [lesson(99, "29/05/2020", all_day="Yes", Period="")]
    report = import_oea(write_day(tmp_path / "day1", lessons), tmp_path / "x")
    assert report.rows_left_out[LESSONS] == {"more than 15 lessons of a pupil on one day": 1}
    assert report.notes["lessons of a whole day: each is one lesson"] == 1
    assert [row for row in rows(tmp_path / "x", "attendance", "lesson_date", "subject_code") if row[0].day == 29] == [
        (date(2020, 5, 29), None)
    ]


def test_a_mark_is_the_mark_of_its_term_if_its_section_tells_school_and_year(tmp_path: Path):
    marks = [
        {"id": "m1", "numeric_grade_earned": "107"}, {"id": "m1", "numeric_grade_earned": "107"},
        {"id": "m2", "numeric_grade_earned": ""}, {"id": "m3", "numeric_grade_earned": "A-"},
        {"id": "m4", "term_id": "term3"}, {"id": "m5", "section_id": "sec9"}, {"id": "m6", "term_id": "term1"},
        {"id": "m7", "student_id": "st9"}, {"id": "m8", "section_id": "sec2"},
    ]  # fmt: skip
    lessons = [lesson(1), lesson(2, "1/9/2019", "sec2"), lesson(3, "1/9/2020", "sec2")]
    src = write_day(tmp_path / "day1", lessons, [{}, {"SIS ID": "st9"}], marks)
    report = import_oea(src, tmp_path / "x")
    assert sorted(rows(tmp_path / "x", "period_mark", "school_reg_no", "period", "mark_text")) == [
        (SCHOOL, "semester1", "66%"), (SCHOOL, "semester2", "107%"), (SCHOOL, "semester2", "66%"),
    ]  # fmt: skip
    assert report.rows_left_out[GRADES] == {
        "exact repetition of a row of the same file: counted once": 1,
        "no numeric grade: a letter has no form here": 1,
        "numeric grade is not 0 to 999 percent": 1,
        "its term is neither the first nor the second": 1,
        "no lesson tells the one school and school year of its section": 2,
    }


def test_a_pupil_of_lessons_who_is_on_no_list_has_no_name(tmp_path: Path):
    src = write_day(tmp_path / "day1", [lesson(1), lesson(2, student_id="st9")])
    report = import_oea(src, tmp_path / "x")
    assert (None, None, None, None) in rows(tmp_path / "x", "pupil", "given_name", "family_name", "birth_date", "sex")
    assert report.notes["students of lessons who are on no list: no name, no birth date"] == 1
    assert broken_promises(tmp_path / "x") == {}


def test_names_that_were_masked_are_none_and_columns_marked_for_hiding_are_not_read(tmp_path: Path):
    src = write_day(tmp_path / "day1", [lesson(1)], [{"First Name": "*", "Last Name": "***"}])
    head = "Entity Name,Attribute Name,Attribute Data Type,Pseudonymization\n"
    marks = "students,,,\n,SIS ID,string,hash\n,First Name,string,mask\n,Birthdate,string,mask\n,Gender,string,no-op\n"
    (tmp_path / "metadata.csv").write_text(head + marks + "other,,,\n,Gender,string,hash\n", encoding="utf-8")
    import_oea(src, tmp_path / "x")
    people = ("given_name", "family_name", "birth_date", "sex")
    assert rows(tmp_path / "x", "pupil", *people) == [(None, None, None, "F")]


def test_dates_that_fit_both_orders_are_asked_for_and_read_as_told(tmp_path: Path):
    src = write_day(tmp_path / "day1", [lesson(1, "1/9/2019"), lesson(2, "3/3/2020")])
    with pytest.raises(
        ImportRefused, match=rf"^{LESSONS}, attendance_date: 1 dates can be read day first .* --date-order"
    ):
        import_oea(src, tmp_path / "x")
    import_oea(src, tmp_path / "dmy", "dmy")
    import_oea(src, tmp_path / "mdy", "mdy")
    assert rows(tmp_path / "dmy", "attendance", "lesson_date")[0] == (date(2019, 9, 1),)
    assert rows(tmp_path / "mdy", "attendance", "lesson_date")[0] == (date(2019, 1, 9),)
    assert rows(tmp_path / "mdy", "pupil", "birth_date") == [("2004-04-02",)]
    with pytest.raises(ImportRefused, match=r"^--date-order: it must be dmy or mdy"):
        import_oea(src, tmp_path / "x", "ymd")


@pytest.mark.parametrize(
    ("file", "edit", "message"),
    [
        (LESSONS, lambda text: text.replace("Period", "period"), r"day1/{}: 1 columns are missing, Period; export"),
        (LESSONS, lambda text: text + "9,st1\n", r"day1/{}: 1 records do not have the 11 fields of the header"),
        (LESSONS, lambda text: text.replace("1,st1", "1,"), r"{}: 1 values of student_id are empty, which may not be"),
        (
            LESSONS,
            lambda text: text.replace("28/05/2020", "soon"),
            r"{}, attendance_date: 1 values are no date written",
        ),
        (LESSONS, lambda text: text.splitlines()[0], r"day1/{}: 0 lessons on the first day"),
        (PUPILS, lambda text: text.replace("sch0", ""), r"{}: 1 values of School SIS ID are empty"),
        (PUPILS, lambda text: text.replace("4/2/2004", "4/2/04"), r"{}, Birthdate: 1 values are no date"),
        (GRADES, lambda text: text.replace("m1", ""), r"{}: 1 values of id are empty"),
        (GRADES, lambda text: text.replace("D", '"D'), r"day1/{}: the record at line 2 breaks the rules of quotes"),
    ],
)
def test_a_day_that_is_not_whole_is_refused(tmp_path: Path, file: str, edit: Callable[[str], str], message: str):
    path = write_day(tmp_path / "day1", [lesson(1)]) / file
    path.write_text(edit(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(ImportRefused, match="^" + message.format(file)) as refusal:
        import_oea(tmp_path / "day1", tmp_path / "x")
    assert "soon" not in str(refusal.value)
    assert not (tmp_path / "x").exists()


def test_a_day_without_one_of_its_files_is_refused_and_so_is_a_folder_without_days(feed: Path, tmp_path: Path):
    (feed / "day10" / PUPILS).unlink()
    with pytest.raises(ImportRefused, match=rf"^day10/{PUPILS}: not in the source folder; put it there"):
        import_oea(feed, tmp_path / "x")
    (feed / "day2" / LESSONS).unlink()
    for src in (feed / "day2", tmp_path / "nowhere"):
        with pytest.raises(ImportRefused, match=rf"^{src.name}: 0 days of a feed; name the folder of one day"):
            import_oea(src, tmp_path / "x")
    assert not (tmp_path / "x").exists()


def test_no_day_is_written_where_a_delivery_is(feed: Path, tmp_path: Path):
    import_oea(feed / "day10", tmp_path / "oea/day10")
    with pytest.raises(ImportRefused, match=r"^day10: the folder already holds a delivery; name a new folder$"):
        import_oea(feed, tmp_path / "oea")
    assert not (tmp_path / "oea/day2").exists()
    with pytest.raises(ImportRefused, match=r"^day10: the folder already holds a delivery"):
        import_oea(feed, tmp_path / "oea/day10")


def test_the_command_takes_the_order_of_dates_and_reports_in_json(tmp_path: Path):
    src = write_day(tmp_path / "day1", [lesson(1, "1/9/2019")])
    words = ["import", "oea", str(src), str(tmp_path / "x"), "--date-order", "mdy", "--json"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0
    assert json.loads(done.stdout)["rows_used"] == {LESSONS: 1, PUPILS: 1, GRADES: 1}
