"""Releases one after the other: what readers keep of them must not narrow what they see."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.disclosure import NUMBERS, Protection, protect_after
from tests.models.disclosure_world import NESTED, tables, world

NOTHING = pl.DataFrame(schema=NUMBERS)


def corrected(inner: pl.DataFrame, chance: np.random.Generator, groups: int = 2) -> pl.DataFrame:
    """Find or lose pupils of some groups, as late deliveries do."""
    counts = inner["pupils_a"].to_numpy().copy()
    for at in chance.choice(inner.height, groups, replace=False):
        counts[at] = chance.integers(0, inner["pupils"][int(at)] + 1)
    return inner.with_columns(pupils_a=pl.Series(counts))


def released(seen: pl.DataFrame, inner: pl.DataFrame) -> tuple[Protection, pl.DataFrame]:
    made = protect_after(seen, tables(inner), inner)
    return made, pl.concat([seen, made.numbers])


@settings(deadline=None, max_examples=5)
@given(st.integers(0, 10_000))
def test_over_two_years_of_corrections_no_two_releases_narrow_a_count(seed: int):
    """A reader who knows which counts were not corrected lays the releases since over each other."""
    chance, inner, seen = np.random.default_rng(seed), world(seed), NOTHING
    left: dict[tuple, tuple[tuple, int, int]] = {}
    for _ in range(24):
        made, seen = released(seen, inner)
        for number, raw in enumerate(tables(inner)):
            told = made.tables[number].frame.select("pupils_a_status", "pupils_a_low", "pupils_a_high").rows()
            truths = raw.frame.select("pupils", "pupils_a").rows()
            for group, truth, (status, low, high) in zip(raw.frame.select(raw.group_columns).rows(), truths, told):  # noqa: B905
                if status == "rounded":
                    before, least, most = left.get((raw.name, group), (None, 0, 0))
                    if before != truth:
                        least, most = 0, truth[0]
                    left[raw.name, group] = truth, max(low, least), min(high, most)
                    assert max(low, least) <= truth[1] <= min(high, most)
                    assert min(high, most) - max(low, least) + 1 >= 5
        inner = corrected(inner, chance)


def test_the_same_again_shows_the_same_and_needs_no_new_certificate():
    inner = world(1)
    first, seen = released(NOTHING, inner)
    again, after = released(seen, inner)
    assert [t.frame.equals(o.frame) for t, o in zip(first.tables, again.tables, strict=True)] == [True] * 4
    assert (again.numbers.height, again.witnesses) == (0, {})
    assert again.tables[0].protection == first.tables[0].protection
    assert after.equals(seen)
    assert set(first.witnesses) == {"2026-05"}


def test_a_certificate_of_other_pupils_or_relations_is_not_taken_over():
    inner = world(2, counts=2)
    raw = tables(inner, others=("pupils_b",))
    made = protect_after(NOTHING, raw, inner, NESTED[:1])
    assert protect_after(made.numbers, raw, inner, NESTED[:1]).witnesses == {}
    assert protect_after(made.numbers, raw, inner).witnesses
    fewer = tables(inner, others=("pupils_b",))[:3]
    assert protect_after(made.numbers, fewer, inner, NESTED[:1]).witnesses
    one_more = inner.with_columns(pupils=pl.col("pupils") + (pl.col("school") == "s0"))
    assert protect_after(made.numbers, tables(one_more, others=("pupils_b",)), one_more, NESTED[:1]).witnesses


def test_another_month_is_another_number():
    inner = world(3)
    _, seen = released(NOTHING, inner)
    june = inner.with_columns(period=pl.lit("2026-06"))
    made, after = released(seen, june)
    assert made.numbers["period"].unique().to_list() == ["2026-06"]
    assert after.height == 2 * seen.height


@pytest.mark.parametrize("column", ["value", "count", "size"])
def test_what_was_seen_counts_and_what_was_not_does_not(column: str):
    """A published value stays where it was for the same count of the same pupils, whatever the choice would be now."""
    inner = world(5)
    first, seen = released(NOTHING, inner)
    row = seen.filter((pl.col("cell") == "place=p0") & (pl.col("count") % 5 != 0)).row(0, named=True)
    other = row["value"] + (5 if row["value"] < row["count"] else -5)
    at = (pl.col("cell") == "place=p0") & (pl.col("column") == "pupils_a")
    changed = pl.when(at).then(other if column == "value" else pl.col(column) + 1).otherwise(column).alias(column)
    only = seen.filter(pl.col("cell") == "place=p0").with_columns(changed, structure=pl.lit("unknown"))
    if column == "value":
        only = only.with_columns(low=max(0, other - 4), high=other + 4).cast(NUMBERS)
        made, _ = released(only, inner)
        assert made.tables[1].frame["pupils_a"][0] == other
    else:
        made, _ = released(only.with_columns(low=0, high=0).cast(NUMBERS), inner)
        assert made.tables[1].frame["pupils_a"][0] == first.tables[1].frame["pupils_a"][0]
    assert replace(made).witnesses
