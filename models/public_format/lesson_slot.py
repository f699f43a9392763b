"""Give the lessons of a pupil's day numbers from 0 to 14 that never change when more lessons of that day arrive."""

import re

import polars as pl

MOST = 15
PUPIL_DAY = ["student_id", "school_id", "date"]
LESSON = [*PUPIL_DAY, "section_id", "period"]


def numbered(lessons: pl.DataFrame) -> pl.DataFrame:
    """Return the distinct LESSONs with lesson_no, null for those that find no number free.

    `arrival` counts the days of the feed. The first of them decides: if its periods tell the lessons of every pupil
    apart, the period is the number; else every section of a school has one. Where it is taken, the next free one is.
    """
    first_told = lessons.group_by(LESSON).agg(pl.col("arrival").min())
    wished = first_told.join(_sections(first_told), on=["school_id", "section_id"], nulls_equal=True)
    period = pl.col("period").cast(pl.Int64, strict=False)
    wish = period if _periods_tell(lessons) else pl.col("section_no")
    wished = wished.with_columns((wish.fill_null(pl.col("section_no")) % MOST).alias("lesson_no"))
    is_crowded = pl.len().over(*PUPIL_DAY, "lesson_no").max().over(PUPIL_DAY) > 1
    crowded = wished.filter(is_crowded).sort(*PUPIL_DAY, "arrival", "section_no", "period")
    return pl.concat([wished.filter(~is_crowded), _in_turn(crowded)]).select(*LESSON, "lesson_no")


def _sections(lessons: pl.DataFrame) -> pl.DataFrame:
    """Number the sections of each school in the order of their arrival and then of their names, sec2 before sec10."""
    sections = lessons.group_by("school_id", "section_id").agg(pl.col("arrival").min())
    listed = sorted(sections.iter_rows(), key=lambda row: (row[0], row[2], natural(row[1] or "")))
    ordered = pl.DataFrame(listed, sections.schema, orient="row")
    number = pl.int_range(pl.len()).over("school_id").alias("section_no")
    return ordered.select("school_id", "section_id", number)


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return the key that sorts the numbers inside names as numbers."""
    parts = re.findall(r"[0-9]+|[^0-9]+", text)
    return tuple((0, int(part), part) if part.isascii() and part.isdigit() else (1, 0, part) for part in parts)


def _periods_tell(lessons: pl.DataFrame) -> bool:
    first = lessons.filter(pl.col("arrival") == pl.col("arrival").min()).select(LESSON).unique()
    period = first["period"].cast(pl.Int64, strict=False)
    return (
        bool(period.is_between(0, MOST - 1).fill_null(False).all())
        and not first.select(*PUPIL_DAY, "period").is_duplicated().any()
    )


def _in_turn(crowded: pl.DataFrame) -> pl.DataFrame:
    """Give each lesson of a crowded day its wish or, where that is taken, the next number that is free."""
    taken: dict[tuple, int] = {}
    numbers: list[int | None] = []
    for *day, wish in crowded.select(*PUPIL_DAY, "lesson_no").iter_rows():
        used = taken.get(tuple(day), 0)
        free = next((n % MOST for n in range(wish, wish + MOST) if not used >> n % MOST & 1), None)
        taken[tuple(day)] = used if free is None else used | 1 << free
        numbers.append(free)
    return crowded.with_columns(pl.Series("lesson_no", numbers, pl.Int64))
