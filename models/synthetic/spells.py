"""Spells: one row per pupil, school and class-year, with how it ended; a transfer makes two of one."""

from datetime import timedelta
from itertools import pairwise

import numpy as np
import polars as pl

from models.reference.calendar import SchoolYear
from models.synthetic.fates import LEAVING
from models.synthetic.parameters import Parameters
from models.synthetic.streams import stream
from models.synthetic.year_days import ends, school_days

MOVED_UP, CHANGED_SCHOOL, GRADUATED = "pārcelts", "mainījis skolu", "absolvējis"
STRUCK_OFF, BROKEN_OFF, ABROAD = "atskaitīts", "pārtraucis mācības", "izbraucis no valsts"
STRUCK_OFF_SHARE = 0.6
SCHOOL_COLUMNS = ("school_reg_no", "kind", "brackets", "free_week")


def _second_halves(year: SchoolYear, roll: pl.DataFrame, schools: pl.DataFrame) -> pl.DataFrame:
    """Return the transferred pupils at their new school, from the day they left the old one."""
    classes = roll.select("school", "grade", "classes").unique(("school", "grade"), maintain_order=True)
    moved = roll.filter(pl.col("fate") == "transfers").with_columns(school="to_school", start="stop")
    moved = moved.drop("classes", *SCHOOL_COLUMNS).join(classes, on=("school", "grade"), maintain_order="left")
    moved = moved.join(schools.select("school", *SCHOOL_COLUMNS), on="school", maintain_order="left")
    trade = (moved["kind"] == "vocational").to_numpy()
    return moved.with_columns(
        stop=pl.Series(ends(year, moved["grade"].to_numpy(), trade), dtype=pl.Int32),
        class_no=(pl.col("seat") * pl.col("classes")).cast(pl.Int32),
        fate=pl.lit("stays"),
    ).select(roll.columns)


def _with_labels(spells: pl.DataFrame) -> pl.DataFrame:
    letter = pl.col("class_no").replace_strict(dict(enumerate("abcdefghijklmnopqrstuvwxyz")), return_dtype=pl.String)
    course = pl.format("{}.kurss-{}", pl.col("grade") - 9, letter)
    label = pl.when(pl.col("kind") == "vocational").then(course).otherwise(pl.format("{}.{}", "grade", letter))
    return spells.with_columns(class_label=label)


def _last_days(year: SchoolYear) -> pl.Expr:
    common = pl.lit(year.last)
    own = pl.col("grade").replace_strict(dict(year.last_of_grade), default=year.last, return_dtype=pl.Date)
    return pl.when(pl.col("kind") == "vocational").then(common).otherwise(own)


def _graduates() -> pl.Expr:
    last = pl.when(pl.col("kind") == "vocational").then(pl.col("grade") == 13).otherwise(pl.col("grade").is_in((9, 12)))
    return last & (pl.col("fate") == "stays") & ~pl.col("repeats")


def _with_endings(p: Parameters, year: SchoolYear, following: SchoolYear | None, spells: pl.DataFrame) -> pl.DataFrame:
    """Add exit_date, the first day no longer on roll, and exit_status; both empty while the year is the last."""
    days = pl.Series(school_days(year)).cast(pl.Date)
    out = days.gather(spells["stop"].clip(upper_bound=len(days) - 1))
    struck = stream(p.seed, "exit status", year.first.year).random(len(spells)) < STRUCK_OFF_SHARE
    left = pl.when(pl.Series(struck)).then(pl.lit(STRUCK_OFF)).otherwise(pl.lit(BROKEN_OFF))
    moved_up = pl.lit(following.first if following else None, dtype=pl.Date)
    fate = pl.col("fate")
    return spells.with_columns(
        exit_date=pl.when(_graduates()).then(_last_days(year) + timedelta(1)).when(fate == "stays").then(moved_up)
        .otherwise(out),
        exit_status=pl.when(_graduates()).then(pl.lit(GRADUATED))
        .when(fate == "stays").then(pl.lit(MOVED_UP if following else None))
        .when(fate == "transfers").then(pl.lit(CHANGED_SCHOOL))
        .when(fate == "abroad").then(pl.lit(ABROAD))
        .when(fate.is_in(LEAVING)).then(left),
    )  # fmt: skip


def build_spells(
    p: Parameters, year: SchoolYear, following: SchoolYear | None, roll: pl.DataFrame, world: dict[str, pl.DataFrame]
) -> pl.DataFrame:
    """Return a year's spells by school and person code; `world` holds the frames `schools` and `people`."""
    spells = pl.concat([roll, _second_halves(year, roll, world["schools"])])
    codes = world["people"].select("pupil", "person_code")
    spells = spells.join(codes, on="pupil", maintain_order="left")
    spells = _with_endings(p, year, following, _with_labels(spells.sort("school", "person_code", "start")))
    days = pl.Series(school_days(year)).cast(pl.Date)
    entry = pl.when(pl.col("start") == 0).then(pl.lit(year.first)).otherwise(days.gather(spells["start"]))
    return spells.with_columns(entry_date=entry)


def chunk_edges(spells: pl.DataFrame, most: int) -> list[tuple[int, int]]:
    """Cut the spells into ranges of whole schools with about `most` rows each."""
    per_school = spells.group_by("school", maintain_order=True).len()["len"].to_numpy()
    last = np.cumsum(per_school)
    groups = (last - per_school) // most
    bounds = [0, *last[np.flatnonzero(np.diff(groups))].tolist(), int(last[-1])]
    return list(pairwise(bounds))
