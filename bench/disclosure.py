"""Protect one month of an invented country: how long rounding, certificate and attack take, and what they cost.

The aim is 10 s and 2 GB for the public tables of one count, 30 s for all schools by grade and sex, 1.4 pupils of error.
"""

import resource
import sys
import time
from collections.abc import Sequence

import numpy as np
import polars as pl

from models.disclosure import CountTable, Protected, attack, protect

MUNICIPALITIES, SCHOOLS, GRADES = 43, 650, range(5, 13)
CAPITAL = 0.3  # share of all schools in one municipality
SHOWN = ("pupils_at_risk", "pupils_raised_unexcused_10", "pupils_raised_unexcused_over_20")
NESTED = [SHOWN[1:], (SHOWN[0], SHOWN[2])]
BANDS = {grade: "5-6" if grade < 7 else "7-9" if grade < 10 else "10-12" for grade in GRADES}


def country(seed: int) -> pl.DataFrame:
    """Make the pupils of one month by school, grade and sex, about a tenth of them at risk."""
    chance = np.random.default_rng(seed)
    weights = np.r_[CAPITAL * MUNICIPALITIES, chance.lognormal(0, 0.7, MUNICIPALITIES - 1)]
    more = chance.choice(MUNICIPALITIES, SCHOOLS - MUNICIPALITIES, p=weights / weights.sum())
    rows = []
    for school, place in enumerate(np.sort(np.concatenate([np.arange(MUNICIPALITIES), more]))):
        kind, size, risk = chance.choice(("general", "vocational")), chance.lognormal(2.3, 0.8), chance.beta(2, 16)
        for grade in GRADES:
            for sex in "FM":
                pupils = int(chance.poisson(size))
                at_risk = int(chance.binomial(pupils, risk))
                ten = at_risk + int(chance.binomial(pupils - at_risk, 0.03))
                counts = pupils, at_risk, ten, int(chance.binomial(at_risk, 0.4))
                rows.append(("2026-05", f"{place:02}", f"{school:03}", kind, str(grade), BANDS[grade], sex, *counts))
    groups = dict.fromkeys(("period", "place", "school", "kind", "grade", "band", "sex"), pl.String)
    made = pl.DataFrame(rows, groups | dict.fromkeys(("pupils", *SHOWN), pl.Int64), orient="row")
    return made.filter(pl.col("pupils") > 0)


def table(inner: pl.DataFrame, name: str, groups: Sequence[str], shown: Sequence[Sequence[str]], of: int) -> CountTable:
    """Count by some of the groups at a time, the others left open; the first `of` counts."""
    parts = [
        inner.group_by("period", *by)
        .agg(pl.col("pupils", *SHOWN[:of]).sum())
        .with_columns(pl.lit("all").alias(group) for group in groups if group not in by)
        .select("period", *groups, "pupils", *SHOWN[:of])
        for by in shown
    ]
    return CountTable(name, pl.concat(parts).sort("period", *groups), tuple(groups))


def tables(inner: pl.DataFrame, of: int, is_cube: bool) -> list[CountTable]:
    """Publish what is public: places by grade, band and sex and by kind, schools by band; or schools by all."""
    wide = [[*age, *sex] for age in ([], ["grade"], ["band"]) for sex in ([], ["sex"])]
    made = [
        table(inner, "country", [], [[]], of),
        table(inner, "kind", ["place", "kind"], [["place"], ["kind"], ["place", "kind"]], of),
        table(inner, "grade", ["place", "grade", "band", "sex"], [["place", *by] for by in wide] + wide[1:], 1),
        table(inner, "school", ["school", "band"], [["school"], ["school", "band"]], 1),
    ]
    by_all = [["school"], ["school", "grade"], ["school", "sex"], ["school", "grade", "sex"]]
    return [*made, table(inner, "cube", ["school", "grade", "sex"], by_all, 1)] if is_cube else made


def _errors(published: Protected, raw: CountTable) -> pl.Series:
    """Return how far each published count of pupils at risk is from the truth."""
    joined = published.frame.join(raw.frame, on=["period", *raw.group_columns], suffix="_raw")
    return (joined[SHOWN[0]] - joined[f"{SHOWN[0]}_raw"]).abs().drop_nulls()


def measure(name: str, of: int, is_cube: bool) -> str:
    """Protect and attack one month; say what it took."""
    inner = country(7)
    raw, nested = tables(inner, of, is_cube), NESTED if of == len(SHOWN) else []
    start = time.perf_counter()
    protected = protect(raw, inner, nested, secret=b"key")
    protecting = time.perf_counter() - start
    found = attack(protected, inner, nested)
    attacking = time.perf_counter() - start - protecting
    errors = pl.concat([_errors(*tables) for tables in zip(protected, raw, strict=True)])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return (
        f"{name}: {found.height:,} counts, protected in {protecting:.1f} s, attacked in {attacking:.1f} s, "
        f"{int(found['is_too_narrow'].sum())} too narrow, mean error {errors.mean():.2f}, {peak:,} MB"
    )


if __name__ == "__main__":
    print(measure("public tables of one count", 1, is_cube=False), flush=True)
    print(measure("the same with two counts by place and kind", len(SHOWN), is_cube=False), flush=True)
    if "--all" in sys.argv:
        print(measure("and all schools by grade and sex", 1, is_cube=True))
