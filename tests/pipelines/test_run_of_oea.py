"""What runs make of an OpenEduAnalytics import, and the public Contoso feed from file to core."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from assets.home import Home
from models.public_format.oea_source import ATTENDANCE, MARKS, STUDENTS
from pipelines.importing.oea import import_oea
from pipelines.importing.report import ImportReport
from tests.oea_world import write_feed
from tests.promises import broken_promises, days_in_core, rows, taken_in
from tests.public_data import public_data

LESSONS, PUPILS, GRADES = f"{ATTENDANCE}.csv", f"{STUDENTS}.csv", f"{MARKS}.csv"


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    return write_feed(tmp_path / "feed")


def test_runs_after_each_day_give_the_state_after_the_increment(feed: Path, tmp_path: Path, home: Home):
    import_oea(feed, tmp_path / "oea")
    with taken_in(home, tmp_path / "oea/day2", tmp_path / "oea/day10") as country:
        assert country.waiting() == {}
        assert country.counts("oea.day2", "attendance") == (3, 2, 0, 1)
        assert country.counts("oea.day10", "attendance") == (3, 3, 0, 0)
        state = Counter(country.rows("lesson_date::varchar, lesson_no, code", "attendance"))
        assert state == Counter(
            [
                ("2019-09-01", 0, "P"),
                ("2020-05-28", 0, "A"),
                ("2020-05-28", 1, "P"),
                ("2020-05-28", 2, "P"),
                ("2020-05-29", 0, "P"),
            ]
        )
        assert len(country.rows("pupil_key", "enrolment")) == 3
        assert len(country.rows("pupil_key", "period_mark")) == 2
        earlier = country.rows("code", "attendance", known_on=date(2020, 5, 29))
        assert earlier == [("P",)] * 3


@pytest.fixture(scope="module")
def contoso(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ImportReport]:
    src = public_data("oea_contoso")
    dest = tmp_path_factory.mktemp("delivery") / "oea"
    return dest, import_oea(src, dest)


def test_the_public_feed_is_accounted_for_to_the_row(contoso: tuple[Path, ImportReport]):
    dest, report = contoso
    assert report.rows_read == {
        f"day1/{LESSONS}": 1462, f"day1/{PUPILS}": 2, f"day1/{GRADES}": 12,
        f"day2/{LESSONS}": 1467, f"day2/{PUPILS}": 2, f"day2/{GRADES}": 24,
    }  # fmt: skip
    left_out = {file: reasons for file, reasons in report.rows_left_out.items() if reasons}
    assert left_out == {f"day1/{LESSONS}": {"exact repetition of a row of the same file: counted once": 1}}
    days = {day for (day,) in rows(dest / "day1", "attendance", "lesson_date")}
    assert (min(days), max(days)) == (date(2019, 9, 1), date(2020, 5, 30))
    assert broken_promises(dest / "day1") == broken_promises(dest / "day2") == {}
    assert {note: number for note, number in report.notes.items() if note.startswith("day2/") and number} == {
        "day2/students of earlier lists who are not on this one: whether they left is not told": 1,
        "day2/birth dates that fit both orders of day and month: read in the order of the other dates": 2,
        "day2/lessons whose school_year does not fit their date: the date counts": 1467,
        "day2/marks above 100 percent: kept as they are": 6,
        "day2/marks that are not final: kept as marks of their term": 24,
        "day2/enrolments known so far: from the first lesson or list, the end is not known": 3,
    }


def test_a_run_has_every_lesson_of_the_public_feed_once(contoso: tuple[Path, ImportReport], home: Home):
    with taken_in(home, contoso[0] / "day1", contoso[0] / "day2") as country:
        assert country.waiting() == {}
        assert country.counts("oea.day1", "attendance") == (1461, 1461, 0, 0)
        assert country.counts("oea.day2", "attendance") == (1467, 1467, 0, 0)
        pupils = Counter(country.rows("pupil_key", "attendance"))
        assert sorted(pupils.values()) == [1464, 1464]
        assert Counter(country.rows("code", "attendance")) == {("P",): 2328, ("A",): 600}
        assert len(country.rows("pupil_key", "pupil")) == 3
        assert len(country.rows("pupil_key", "period_mark")) == 24
        assert days_in_core(country) == (2, 488, 2928, 600, 0, 0, 600, 0)
