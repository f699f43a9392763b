"""Who is on roll in which school, grade and year: the first roll, promotion, and the new pupils who fill the gaps."""

import numpy as np
import polars as pl

from models.reference.calendar import YEARS, SchoolYear
from models.synthetic.fates import GOING_ON, with_fates
from models.synthetic.parameters import Parameters
from models.synthetic.people import newcomers, with_codes
from models.synthetic.places import destinations
from models.synthetic.schools import grade_weights
from models.synthetic.streams import apportion, stream

FIRST_SECONDARY = 10
LAST_BASIC, LAST_SECONDARY, LAST_VOCATIONAL = 9, 12, 13


def target_cells(p: Parameters, schools: pl.DataFrame) -> pl.DataFrame:
    """Return the places of the country: school, grade, and how many pupils belong there in a steady year."""
    parts = [apportion(grade_weights(p, row["teaching"]), row["size"]) for row in schools.iter_rows(named=True)]
    count = len(schools)
    cells = pl.DataFrame(
        {
            "school": np.repeat(np.arange(count, dtype=np.int32), 13),
            "grade": np.tile(np.arange(1, 14, dtype=np.int32), count),
            "target": np.concatenate(parts),
        }
    ).filter(pl.col("target") > 0)
    return cells.join(schools.select("school", "kind", "atvk_code", "effect"), on="school", maintain_order="left")


def _finishes() -> pl.Expr:
    vocational = pl.col("kind") == "vocational"
    last = pl.when(vocational).then(pl.col("grade") == LAST_VOCATIONAL).otherwise(pl.col("grade") == LAST_SECONDARY)
    return last & ~pl.col("repeats")


def _seek_place(p: Parameters, year_no: int, leavers: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """Place pupils with basic education in grade 10 of a general or vocational school, near home if they can."""
    rng = stream(p.seed, "after grade 9", year_no)
    going_on = leavers.filter(pl.Series(rng.random(len(leavers)) >= p.not_on_after_9))
    places = cells.filter(pl.col("grade") == FIRST_SECONDARY)
    chosen = destinations(rng, places, going_on["atvk_code"].to_numpy())
    return going_on.with_columns(school=pl.Series(chosen, dtype=pl.Int32), grade=pl.lit(FIRST_SECONDARY, pl.Int32))


def _promoted(p: Parameters, year_no: int, before: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """Return last year's pupils in their new school and grade."""
    here = before.filter(pl.col("fate").is_in(GOING_ON)).with_columns(school=pl.coalesce("to_school", "school"))
    here = here.drop("kind", "atvk_code", "effect").join(
        cells.select("school", "kind", "atvk_code", "effect").unique("school", maintain_order=True),
        on="school",
        maintain_order="left",
    )
    finishes_basic = (pl.col("grade") == LAST_BASIC) & ~pl.col("repeats")
    moved_up = here.filter(~finishes_basic & ~_finishes()).with_columns(
        grade=pl.col("grade") + (~pl.col("repeats")).cast(pl.Int32)
    )
    placed = _seek_place(p, year_no, here.filter(finishes_basic), cells)
    carried = ("pupil", "school", "grade", "sex", "trouble", "skill", "seat")
    return pl.concat([moved_up.select(carried), placed.select(carried)]).with_columns(is_new=pl.lit(value=False))


def _gaps(p: Parameters, year_no: int, kept: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """Return one row per new pupil: the school and grade in which a place is free."""
    taken = kept.group_by("school", "grade").agg(taken=pl.len().cast(pl.Int64))
    free = cells.join(taken, on=("school", "grade"), how="left", maintain_order="left").with_columns(
        free=(pl.col("target") - pl.col("taken").fill_null(0)).clip(lower_bound=0)
    )
    slots = np.repeat(np.arange(len(free)), free["free"].to_numpy())
    needed = max(0, p.pupils - len(kept))
    chosen = np.sort(stream(p.seed, "gaps", year_no).permutation(slots)[:needed])
    return free[chosen].with_columns(from_abroad=(pl.col("grade") > 1) & pl.lit(year_no > 0))


def _drifted(p: Parameters, year_no: int, kept: pl.DataFrame) -> pl.DataFrame:
    """Let a pupil's trouble change between the years."""
    noise = stream(p.seed, "trouble", year_no).normal(0.0, np.sqrt(1 - p.trouble_memory**2), len(kept))
    moved = p.trouble_memory * pl.col("trouble") + pl.Series(noise.astype(np.float32))
    return kept.with_columns(trouble=moved.cast(pl.Float32))


def _next_roll(
    p: Parameters, year_no: int, before: pl.DataFrame | None, cells: pl.DataFrame, first_id: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the year's pupils with school and grade, and the people among them who are new."""
    columns = ("pupil", "school", "grade", "sex", "trouble", "skill", "seat", "is_new")
    kept = None if before is None else _drifted(p, year_no, _promoted(p, year_no, before, cells))
    gaps = _gaps(p, year_no, cells.select("school", "grade").clear() if kept is None else kept, cells)
    people = newcomers(p, year_no, YEARS[-p.school_years :][year_no], gaps, first_id)
    entered = people.with_columns(school=gaps["school"], grade=gaps["grade"], is_new=pl.lit(value=True)).select(columns)
    return entered if kept is None else pl.concat([kept.select(columns), entered]), people


def _class_numbers(p: Parameters, roll: pl.DataFrame) -> pl.DataFrame:
    """Divide each grade of a school into classes; a pupil's seat keeps most classes together over the years."""
    wanted = pl.when(pl.col("kind") == "special").then(p.special_class_size).otherwise(p.class_size)
    classes = (pl.len().over("school", "grade") / wanted).round().clip(lower_bound=1).cast(pl.Int32)
    return roll.with_columns(classes=classes).with_columns(class_no=(pl.col("seat") * pl.col("classes")).cast(pl.Int32))


def years_of(p: Parameters) -> tuple[SchoolYear, ...]:
    """Return the school years that the country covers: the latest ones."""
    return YEARS[-p.school_years :]


def build_rolls(p: Parameters, schools: pl.DataFrame) -> tuple[pl.DataFrame, tuple[pl.DataFrame, ...]]:
    """Return all people, and per school year one row per pupil with school, grade, class and fate."""
    cells = target_cells(p, schools)
    people: list[pl.DataFrame] = []
    rolls: list[pl.DataFrame] = []
    for year_no, year in enumerate(years_of(p)):
        roll, entered = _next_roll(p, year_no, rolls[-1] if rolls else None, cells, sum(map(len, people)))
        told = schools.select("school", "school_reg_no", "kind", "atvk_code", "effect", "brackets", "free_week")
        roll = _class_numbers(p, roll.join(told, on="school", maintain_order="left"))
        people.append(entered)
        rolls.append(with_fates(p, year_no, year, roll, cells))
    return with_codes(pl.concat(people), p), tuple(rolls)
