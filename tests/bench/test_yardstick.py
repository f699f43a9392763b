"""The benchmark's task, made by the product's queries, is what counting by hand makes."""

import sys
from pathlib import Path

import duckdb
import pytest

from bench import yardstick
from bench.measures import events
from bench.week import STANDS_ON, WEEK, split
from pipelines.synthesis import write_country

COUNTED = """
    select cohort.pupil_id, cohort.as_of,
        count(lesson_date) filter (lesson_date >= cohort.as_of - 28) as lessons,
        count(lesson_date) filter (lesson_date >= cohort.as_of - 28 and mark = 'n') as unexcused,
        count(lesson_date) filter (lesson_date >= cohort.as_of - 84 and mark = 'k') as late
    from '{out}/features.parquet' as cohort
    left join '{data}/attendance/*.parquet' as lesson
        on lesson.pupil_id = cohort.pupil_id and lesson_date < cohort.as_of
    group by cohort.pupil_id, cohort.as_of
"""
MARKED = """
    select cohort.pupil_id, cohort.as_of, count(value) as marks, avg(value)::float as mean, min(value) as lowest
    from '{out}/features.parquet' as cohort
    left join '{data}/marks/*.parquet' as mark
        on mark.pupil_id = cohort.pupil_id and mark_date < cohort.as_of and mark_date >= cohort.as_of - 84
    group by cohort.pupil_id, cohort.as_of
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("yardstick")
    events(folder / "data", 60, 6_000)
    # Chance tells some lessons twice, and a lesson is told once.
    lessons = folder / "data" / "attendance" / "0.parquet"
    place = "row_number() over (partition by pupil_id, lesson_date, lesson_no order by mark)"
    with duckdb.connect() as connection:
        connection.execute(f"create table told as select * from '{lessons}' qualify {place} = 1")
        connection.execute(f"copy told to '{lessons}' (format parquet)")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["yardstick", str(folder / "data"), str(folder / "out"), "--features-only"])
        yardstick.main()
    return {"data": folder / "data", "out": folder / "out"}


def different(made: dict[str, Path], counted: str, columns: dict[str, str]) -> list[tuple]:
    """Name the rows in which a feature is not what was counted."""
    told = " or ".join(f"counted.{mine} is distinct from feature.{theirs}" for mine, theirs in columns.items())
    query = (
        f"select counted.*, {', '.join(f'feature.{name}' for name in columns.values())} from ({counted.format(**made)})"
        f" as counted join '{made['out']}/features.parquet' as feature using (pupil_id, as_of) where {told}"
    )
    with duckdb.connect() as connection:
        return connection.execute(query).fetchall()


def test_every_pupil_has_a_row_on_each_of_the_twelve_days(made: dict[str, Path]):
    with duckdb.connect() as connection:
        rows = connection.execute(f"select count(*), count(distinct as_of) from '{made['out']}/features.parquet'")
        assert rows.fetchall() == [(60 * 12, 12)]


def test_lessons_and_absences_are_those_that_counting_finds(made: dict[str, Path]):
    assert different(made, COUNTED, {"lessons": "l_w4", "unexcused": "n_w4", "late": "k_w12"}) == []


def test_marks_are_those_that_counting_finds(made: dict[str, Path]):
    assert different(made, MARKED, {"marks": "c_w12", "mean": "avg_w12", "lowest": "mn_w12"}) == []


def test_a_country_is_cut_before_the_week(tmp_path: Path):
    write_country(tmp_path / "country", 60, 1, 3, "roll")
    halves = split(tmp_path / "country", tmp_path / "halves")
    with duckdb.connect() as connection:

        def days(folder: Path) -> tuple:
            files = f"read_parquet('{folder}/*/attendance.parquet', union_by_name = true)"
            return connection.execute(f"select min(lesson_date), max(lesson_date), count(*) from {files}").fetchall()[0]

        assert days(halves.before)[1] < STANDS_ON - WEEK == days(halves.week)[0] <= days(halves.week)[1] < STANDS_ON
