"""What a run makes of an Ed-Fi import, and the public Ed-Fi sample from file to core."""

from collections import Counter
from pathlib import Path

import pytest

from assets.home import Home
from pipelines.importing.edfi import import_edfi
from pipelines.importing.report import ImportReport
from tests.edfi_world import EVENTS, GRADEBOOK, INTERCHANGE, SCHOOL, SECTION, write_csv
from tests.promises import broken_promises, bytes_of, days_in_core, rows, taken_in
from tests.public_data import public_data


@pytest.fixture
def src(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "edfi")


def test_a_run_takes_all_but_the_category_without_a_meaning_until_somebody_says_it(
    src: Path, tmp_path: Path, home: Home
):
    import_edfi(src, tmp_path / "x")
    with taken_in(home, tmp_path / "x") as country:
        assert country.counts("edfi.x", "attendance") == (5, 4, 1, 0)
        assert country.waiting() == {"code_known": 1}
        said = {
            "source": "edfi",
            "school_reg_no": "*",
            "code": "Partial",
            "valid_from": "2000-01-01",
            "meaning": "late",
        }
        country.deliver("codes", {"attendance_code": [said]}, on="2022-03-10", source="edfi")
        country.take_in()
        assert country.counts("edfi.x", "attendance") == (5, 5, 0, 0)
        assert country.waiting() == {}


def test_a_day_that_was_excused_and_not_excused_waits_instead_of_counting_twice(tmp_path: Path, home: Home):
    events = [("1", "2021-09-01", "Excused Absence", ""), ("1", "2021-09-01", "Unexcused Absence", "")]
    import_edfi(write_csv(tmp_path / "edfi", events), tmp_path / "x")
    with taken_in(home, tmp_path / "x") as country:
        assert country.counts("edfi.x", "attendance") == (2, 0, 2, 0)


def test_a_later_export_of_the_same_school_replaces_the_earlier(src: Path, tmp_path: Path, home: Home):
    import_edfi(src, tmp_path / "first")
    later = [("604822", "2021-08-30", "Tardy", ""), *EVENTS[2:], ("604824", "2022-03-09", "Tardy", "")]
    import_edfi(write_csv(tmp_path / "later", later), tmp_path / "second")
    with taken_in(home, tmp_path / "first", tmp_path / "second") as country:
        assert country.rows("lesson_date::varchar, code", "attendance") == [
            ("2021-08-30", "Tardy"), ("2021-12-15", "Excused Absence"), ("2022-03-07", "Tardy"),
            ("2022-03-08", "Unexcused Absence"), ("2022-03-09", "Tardy"),
        ]  # fmt: skip
        assert country.rows("entry_date::varchar", "enrolment") == [("2021-08-30",), ("2022-03-07",), ("2022-03-09",)]


@pytest.fixture(scope="module")
def grand_bend(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ImportReport]:
    src = public_data("edfi_grandbend")
    dest = tmp_path_factory.mktemp("delivery") / "grandbend"
    return dest, import_edfi(src, dest)


def test_the_public_events_are_accounted_for_to_the_row(grand_bend: tuple[Path, ImportReport]):
    dest, report = grand_bend
    assert report.rows_read == {INTERCHANGE: 1917, SCHOOL: 1917, SECTION: 66, GRADEBOOK: 250}
    assert report.rows_used == {INTERCHANGE: 1917, SCHOOL: 0, SECTION: 0, GRADEBOOK: 0}
    assert report.rows_left_out == {
        INTERCHANGE: {},
        SCHOOL: {"told before: counted once": 1917},
        SECTION: {"told by the event of the day": 66},
        GRADEBOOK: {"no date fulfilled: a mark needs its day": 250},
    }
    assert Counter(code for (code,) in rows(dest, "attendance", "code")) == {
        "Excused Absence": 1077, "Unexcused Absence": 773, "Tardy": 66, "Partial": 1,
    }  # fmt: skip
    assert report.rows_written == {
        "municipality": 1, "institution": 3, "calendar_day": 440, "attendance_code": 4, "pupil": 227, "enrolment": 227,
        "attendance": 1917,
    }  # fmt: skip
    assert broken_promises(dest) == {"attendance code unknown": 1}


@pytest.mark.parametrize("file", [INTERCHANGE, SCHOOL])
def test_either_form_of_the_public_events_makes_the_same_delivery(
    grand_bend: tuple[Path, ImportReport], tmp_path: Path, file: str
):
    report = import_edfi(public_data("edfi_grandbend") / file, tmp_path / "grandbend")
    assert report.rows_used == {file: 1917}
    assert bytes_of(tmp_path / "grandbend") == bytes_of(grand_bend[0])


def test_a_run_finds_the_public_events_again(grand_bend: tuple[Path, ImportReport], home: Home):
    with taken_in(home, grand_bend[0]) as country:
        assert country.counts("edfi.grandbend", "attendance") == (1917, 1916, 1, 0)
        assert country.waiting() == {"code_known": 1}
        assert Counter(country.rows("code, lesson_no", "attendance")) == {
            ("Excused Absence", 0): 1077,
            ("Unexcused Absence", 0): 773,
            ("Tardy", 1): 66,
        }
        assert len(set(country.rows("pupil_key", "attendance"))) == 227
        assert days_in_core(country) == (227, 1916, None, 1850, 773, 1077, 0, 66)
