"""Releases one after the other: what readers keep of them must not narrow what they see."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import disclosure
from models.disclosure import NUMBERS, CountTable, Protection
from models.disclosure.chance import wished
from models.disclosure.seen import earlier_of, latest_of
from tests.models.disclosure_world import NESTED, protect_after, system_of, table, tables, world

MAY = pl.lit("2026-05")
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
    release_for_two_years(seed)


def release_for_two_years(seed: int) -> None:
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


@pytest.mark.parametrize("column", ["value", "count", "pupils"])
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
    assert made.witnesses


def test_a_cell_that_gains_the_name_of_another_is_told_as_before():
    """A place loses one of its two schools: the other one is now the place as well, and its count is the same."""
    columns = ["period", "place", "school", "pupils", "pupils_a"]

    def built(rows: list[tuple]) -> tuple[list, pl.DataFrame]:
        inner = pl.DataFrame([("2026-05", *row) for row in rows], schema=columns, orient="row")
        names = ("school", "place")
        made = [table(inner, name, [name], [[name]], ["pupils_a"]) for name in names]
        return [*made, table(inner, "country", [], [[]], ["pupils_a"])], inner

    first = protect_after(NOTHING, *built([("p0", "s0", 20, 7), ("p0", "s1", 6, 4), ("p1", "s2", 30, 10)]))
    second = protect_after(first.numbers, *built([("p0", "s0", 20, 7), ("p1", "s2", 30, 10)]))
    before, after = (made.tables[0].frame.filter(pl.col("school") == "s0") for made in (first, second))
    assert before.equals(after)


def test_what_two_names_of_a_cell_were_told_holds_together():
    inner = world(5)
    _, seen = released(NOTHING, inner)
    system = system_of(inner, tables(inner))
    name = next(names for names in system.names if len(names) == 1 and names[0].startswith("place="))[0]
    row = seen.filter(pl.col("cell") == name)
    twin = system.names.index((name,))
    both = replace(system, names=tuple(("other", name) if i == twin else names for i, names in enumerate(system.names)))
    low = row["low"][0] + 1
    told = pl.concat([seen, row.with_columns(cell=pl.lit("other"), low=pl.lit(low, pl.Int64))])
    assert earlier_of(both, latest_of(both, told)).low[0, twin] == low
    assert earlier_of(both, latest_of(both, told)).is_same[0, twin]


def test_nobody_without_the_secret_can_repeat_the_choice():
    """The same country under other secrets: other certificates, other roundings, and each true count possible."""
    inner = world(9)
    made = [protect_after(NOTHING, tables(inner), inner, secret=bytes([i])) for i in range(12)]
    assert len({m.tables[0].protection["certificates"]["2026-05"][0] for m in made}) == 12
    again = protect_after(NOTHING, tables(inner), inner, secret=bytes([3]))
    assert again.tables[3].frame.equals(made[3].tables[3].frame)
    values = np.stack([m.tables[3].frame["pupils_a"].fill_null(-1).to_numpy() for m in made])
    truth = tables(inner)[3].frame["pupils_a"].to_numpy()
    moved = (values != values[0]).any(axis=0)
    assert set(truth[moved] % 5) >= {2, 3}
    assert not moved[truth % 5 == 0].any()


def test_every_neighbour_can_be_wished_for():
    inner = world(11, schools=12, grades=6)
    system = system_of(inner, tables(inner))
    aims = np.stack([wished(system, bytes([i])) for i in range(200)])
    mirrored = (aims != system.cell_counts).mean(axis=0)[0]
    above = system.cell_counts[0] % 5
    for rest, often in ((0, 0.0), (1, 0.03), (2, 0.17), (3, 0.17), (4, 0.03)):
        assert mirrored[above == rest].mean() == pytest.approx(often, abs=0.02)
    assert (np.abs(aims - system.cell_counts) < 5).all()


@pytest.mark.parametrize(("known", "counted"), [(6, 6), (7, 7), (8, 7), (9, 6), (9, 8)])
def test_a_group_that_is_told_to_have_no_records_narrows_no_count_that_was_told(known: int, counted: int):
    """Twelve pupils, told as 10; then a new table says that some of them have no records. The 10 stays, and holds."""
    rows = [("p", "k", known, counted), ("p", "x", 12 - known, None), ("q", "k", 60, 20)]
    inner = pl.DataFrame(rows, ["place", "kind", "pupils", "pupils_a"], orient="row").with_columns(period=MAY)
    sums = inner.group_by("period", "place").agg(pl.col("pupils", "pupils_a").sum())
    place, fine = CountTable("place", sums, ("place",)), CountTable("fine", inner, ("place", "kind"))
    for number in range(12):
        secret = bytes([number])
        first = disclosure.protect_after(NOTHING, [place], inner, secret=secret)
        second = disclosure.protect_after(first.numbers, [place, fine], inner, secret=secret)
        before, after = (made.tables[0].frame.filter(pl.col("place") == "p") for made in (first, second))
        assert before["pupils_a"].equals(after["pupils_a"])
        told = second.tables[1].frame.filter(pl.col("kind") == "x")
        most = 12 - told["pupils"][0] if told["pupils_a_status"][0] == "no_data" else 12
        low, high = after["pupils_a_low"][0], min(after["pupils_a_high"][0], most)
        assert high - low + 1 >= 5
        assert low <= counted <= high
