"""Counts that only grow while a term or year lasts: a month told beside the one before."""

from itertools import product

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.disclosure import NUMBERS
from tests.effort import effort
from tests.models.disclosure_world import COUNTS, SECRET, protect_after, table, tables, world

APRIL, MAY = "2026-04", "2026-05"
LASTING = {"pupils_a": {MAY: (APRIL, "pupils_a")}}
NOTHING = pl.DataFrame(schema=NUMBERS)


def grown(seed: int, most: int = 3, **size: int) -> pl.DataFrame:
    """Make two months of the same pupils, some more of whom are counted in the second."""
    may, chance = world(seed, **size), np.random.default_rng(seed)
    fewer = np.maximum(may["pupils_a"].to_numpy() - chance.integers(0, most, may.height), 0)
    return pl.concat([may.with_columns(period=pl.lit(APRIL), pupils_a=pl.Series(fewer)), may])


def beside(frame: pl.DataFrame, groups: tuple[str, ...]) -> pl.DataFrame:
    """Put what is told of May beside what is told of April."""
    april, may = (frame.filter(pl.col("period") == month).with_columns(both=0) for month in (APRIL, MAY))
    return april.join(may, on=["both", *groups], suffix="_now")


def told(inner: pl.DataFrame, lasting: dict = LASTING) -> list[pl.DataFrame]:
    """Publish both months of all tables; return the months beside each other."""
    made = protect_after(NOTHING, tables(inner), inner, lasting=lasting).tables
    return [beside(t.frame, t.group_columns) for t in made]


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 10_000))
def test_no_count_is_told_as_having_fallen_where_it_did_not(seed: int):
    fallen = [frame.filter(pl.col("pupils_a_now") < pl.col("pupils_a")).height for frame in told(grown(seed))]
    assert sum(fallen) == 0


def test_without_being_asked_for_some_counts_are_told_as_having_fallen():
    fallen = [
        f.filter(pl.col("pupils_a_now") < pl.col("pupils_a")).height for seed in range(8) for f in told(grown(seed), {})
    ]
    assert sum(fallen) > 10


def test_a_count_that_fell_may_be_told_so():
    months = [world(3), world(3).with_columns(pupils_a=pl.lit(0, pl.Int64))]
    inner = pl.concat([months[0].with_columns(period=pl.lit(APRIL)), months[1]])
    country = told(inner)[0]
    assert country["pupils_a"].item() > 10
    assert country["pupils_a_now"].item() == 0


def test_a_new_term_begins_anew():
    inner = pl.concat([grown(1), world(2).with_columns(period=pl.lit("2026-06"), pupils_a=pl.lit(0, pl.Int64))])
    made = protect_after(NOTHING, tables(inner), inner, lasting=LASTING).tables[0].frame
    assert made["pupils_a"].to_list()[-1] == 0


def fitting(inner: pl.DataFrame, frame: pl.DataFrame, end: str) -> np.ndarray:
    """Try all counts of the groups of one month; return those that fit what is told: (fitting, groups)."""
    every = np.indices(inner["pupils"].to_numpy() + 1).reshape(inner.height, -1).T
    fits = np.ones(len(every), dtype=bool)
    for row in frame.rows(named=True):
        counted = inner.select(
            ((pl.lit(row[g]) == "all") | (pl.col(g) == row[g])).alias(g) for g in ("place", "school")
        )
        sums = every @ counted.select(pl.all_horizontal(pl.all())).to_series().to_numpy()
        fits &= (sums >= row[f"pupils_a_low{end}"]) & (sums <= row[f"pupils_a_high{end}"])
    return every[fits]


def left_to_a_reader(earlier: np.ndarray, later: np.ndarray) -> int:
    """Return how few values of a group stand in two months of which the later counts nowhere fewer."""
    firsts = np.array([one for one in earlier if (later >= one).all(axis=1).any()])
    seconds = np.array([one for one in later if (one >= earlier).all(axis=1).any()])
    return min(len(np.unique(of[:, at])) for of in (firsts, seconds) for at in range(of.shape[1]))


def left_of(seed: int, lasting: dict) -> int:
    """Publish two months of a tiny country in which nobody leaves; return how few values a reader of both is left."""
    chance, rows = np.random.default_rng(seed), []
    for place, school in product(range(2), range(2)):
        pupils = int(chance.integers(4, 9))
        now = int(chance.integers(0, pupils + 1))
        then = int(chance.integers(0, now + 1))
        rows += [
            (APRIL, f"p{place}", f"s{place}{school}", pupils, then),
            (MAY, f"p{place}", f"s{place}{school}", pupils, now),
        ]
    schema = {"period": pl.String, "place": pl.String, "school": pl.String, "pupils": pl.Int64, "pupils_a": pl.Int64}
    inner = pl.DataFrame(rows, schema, orient="row").sort("period", "school")
    published = [table(inner, "school", ["place", "school"], [[], ["place"], ["place", "school"]], ["pupils_a"])]
    made = protect_after(NOTHING, published, inner, lasting=lasting, secret=SECRET + bytes([seed])).tables[0].frame
    frame, april = beside(made, ("place", "school")), inner.filter(pl.col("period") == APRIL)
    return left_to_a_reader(fitting(april, frame, ""), fitting(april, frame, "_now"))


@pytest.mark.parametrize("seed", range(effort(6, 200)))
def test_both_months_together_leave_five_values_to_who_knows_that_nobody_left(seed: int):
    assert left_of(seed, LASTING) >= 5


def test_without_being_asked_for_somebody_is_left_four_values():
    assert min(left_of(seed, {}) for seed in range(24)) == 4


def test_a_count_within_another_one_by_two_ways_is_refused():
    inner = world(1, counts=3)
    nested = [("pupils_a", "pupils_b", "pupils_c"), ("pupils_a", "pupils_c")]
    with pytest.raises(ValueError, match="nested leads to pupils_c by two ways"):
        protect_after(NOTHING, tables(inner, COUNTS), inner, nested)
