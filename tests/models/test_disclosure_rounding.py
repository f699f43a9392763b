from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from models.disclosure import DisclosureRefused
from models.disclosure.placing import systems
from models.disclosure.rounding import NOT_YET, Earlier, Rounded, is_additive, nothing_seen, round_counts
from models.disclosure.system import System, row
from tests.models.disclosure_world import BASE, NESTED, RULE, placed, system_of, table, tables, world


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_rounded_counts_are_neighbouring_multiples_and_add_up(seed: int):
    inner = world(seed)
    system, cells = placed(inner, tables(inner))
    made = round_counts(system, nothing_seen(system))
    counts, is_rounded = system.cell_counts, system.is_rounded
    assert made.max_error == BASE - 1
    assert (made.values % BASE == 0).all()
    assert (np.abs(made.values - counts)[is_rounded] < BASE).all()
    assert (made.values == counts)[is_rounded & (counts % BASE == 0)].all()
    assert (made.values <= system.cell_sizes).all()
    shown = {group: int(made.values[0, cell]) for group, cell in cells.items()}
    places, grades = sorted(set(inner["place"])), sorted(set(inner["grade"]))
    assert sum(shown["place", place] for place in places) == shown["country",]
    assert sum(shown["place_grade", "all", grade, "all"] for grade in grades) == shown["country",]
    for place in places:
        assert sum(shown["place_grade", place, "all", sex] for sex in "FM") == shown["place", place]
        for grade in grades:
            by_sex = [(("place_grade", place, grade, sex), sex) for sex in "FM"]
            if all(system.is_rounded[0, cells[group]] for group, _ in by_sex):
                assert sum(shown[group] for group, _ in by_sex) == shown["place_grade", place, grade, "all"]


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_a_count_within_another_is_published_no_larger(seed: int):
    inner = world(seed, counts=3)
    system = system_of(inner, tables(inner, others=("pupils_b", "pupils_c")), NESTED)
    made = round_counts(system, nothing_seen(system))
    for larger, smaller in system.nested:
        both = system.is_rounded[larger] & system.is_rounded[smaller]
        assert both.any()
        assert (made.values[larger] >= made.values[smaller])[both].all()


def test_of_fewer_pupils_than_the_base_nothing_is_said():
    inner = world(1, size=1)
    system = system_of(inner, tables(inner))
    assert (system.is_published & ~system.is_rounded).any()
    assert (system.is_rounded == (system.cell_sizes >= BASE) & system.is_published).all()


def corrected(inner: pl.DataFrame, seed: int, groups: int = 2) -> pl.DataFrame:
    """Add or take away pupils of some groups, as a late delivery does."""
    chance = np.random.default_rng(seed)
    at = chance.choice(inner.height, groups, replace=False)
    counts = inner["pupils_a"].to_numpy().copy()
    counts[at] = [chance.integers(0, pupils + 1) for pupils in inner["pupils"].to_numpy()[at]]
    return inner.with_columns(pupils_a=pl.Series(counts))


def earlier(system: System, values: np.ndarray, is_same: np.ndarray) -> Earlier:
    """Return what readers have seen, without what was said of it."""
    return replace(nothing_seen(system), values=values, is_same=is_same)


def after(system: System, made: Rounded, later: System) -> Earlier:
    """Return what readers have seen, and which counts were not corrected."""
    touched = later.members @ (system.counts != later.counts).any(axis=0).astype(int) > 0
    is_same = np.broadcast_to(~touched, made.values.shape)
    return earlier(later, np.where(system.is_rounded, made.values, NOT_YET), is_same)


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_a_count_that_was_not_corrected_keeps_its_published_value(seed: int):
    inner = world(seed)
    first = system_of(inner, tables(inner))
    made = round_counts(first, nothing_seen(first))
    then = corrected(inner, seed)
    later = system_of(then, tables(then))
    seen = after(first, made, later)
    again = round_counts(later, seen)
    assert (again.values == made.values)[seen.is_same & first.is_rounded].all()
    assert (np.abs(again.values - later.cell_counts)[later.is_rounded] <= again.max_error).all()


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_a_corrected_count_keeps_its_published_value_where_that_is_still_a_neighbour(seed: int):
    """One pupil more in one group, so that no count leaves its published value by 5: nothing moves."""
    inner = world(seed)
    first = system_of(inner, tables(inner))
    made = round_counts(first, nothing_seen(first))
    far = np.where(first.is_rounded, first.cell_counts + 1 - made.values, 0)[0]
    farthest = np.array([far[row(first.cells_of_inner, i)].max() for i in range(len(first.pupils))])
    fitting = np.flatnonzero((farthest < BASE) & (first.counts < first.sizes)[0])
    assume(len(fitting))
    counts = first.counts.copy()
    counts[0, fitting[0]] += 1
    later = replace(first, counts=counts)
    again = round_counts(later, after(first, made, later))
    assert (again.values == made.values).all()


def test_where_neighbours_cannot_add_up_the_error_that_readers_are_told_of_grows():
    """Three schools stay as published, the fourth must move up: the sum of the place is no neighbour of its count."""
    rows = [("2026-05", "p0", f"s{i}", 30, count) for i, count in enumerate((5, 6, 6, 6))]
    inner = pl.DataFrame(rows, schema=["period", "place", "school", "pupils", "pupils_a"], orient="row")
    by_place, by_school = (table(inner, name, [name], [[name]], ["pupils_a"]) for name in ("place", "school"))
    system, cells = placed(inner, [by_place, by_school])
    place, moved = cells["place", "p0"], cells["school", "s0"]
    seen = np.full((1, 5), 10)
    seen[0, place], seen[0, moved] = 30, 0
    is_same = np.full((1, 5), fill_value=True)
    is_same[0, [place, moved]] = False
    again = round_counts(system, earlier(system, seen, is_same))
    assert (again.max_error, again.values[0, place], again.values[0, moved]) == (2 * BASE - 1, 30, 0)
    is_same[0, place] = True
    assert round_counts(system, earlier(system, seen, is_same)).max_error == 2 * BASE - 1


def test_where_no_error_helps_the_sums_are_given_up_and_not_what_was_published():
    """Parts that were published too small for their whole: they stay, and the corrected one is rounded for itself."""
    rows = [("2026-05", "p0", f"s{i}", 30, count) for i, count in enumerate((7, 6, 6, 6))]
    inner = pl.DataFrame(rows, schema=["period", "place", "school", "pupils", "pupils_a"], orient="row")
    by_place, by_school = (table(inner, name, [name], [[name]], ["pupils_a"]) for name in ("place", "school"))
    system, cells = placed(inner, [by_place, by_school])
    seen, is_same = np.full((1, 5), 10), np.full((1, 5), fill_value=True)
    seen[0, cells["place", "p0"]], is_same[0, cells["school", "s0"]] = 90, False
    again = round_counts(system, earlier(system, seen, is_same))
    assert again.values[0].tolist() == [90 if cell == cells["place", "p0"] else 10 for cell in range(5)]
    assert (again.max_error, is_additive(system, again.values)) == (BASE - 1, False)
    never = earlier(system, np.full((1, 5), NOT_YET), np.full((1, 5), fill_value=False))
    assert is_additive(system, round_counts(system, never).values)


def test_what_was_told_wrong_is_refused():
    """A count that is said to be the same lies outside of what was said of it: no number may be built on that."""
    inner = world(1)
    system = system_of(inner, tables(inner))
    told = replace(nothing_seen(system), values=0 * system.cell_counts, is_same=system.is_rounded)
    with pytest.raises(DisclosureRefused, match="no rounding of 2026-05 fits what was published"):
        round_counts(system, replace(told, low=system.cell_counts + 1))


def test_months_are_apart_and_of_a_group_without_records_nobody_is_counted():
    inner = pl.concat([world(1), world(2).with_columns(period=pl.lit("2026-06"))])
    inner = inner.with_columns(pupils_a=pl.when(pl.col("school") != "s0").then("pupils_a"))
    found = [system for system, _ in systems(inner, tables(inner), [], RULE)]
    assert [system.period for system in found] == ["2026-05", "2026-06"]
    for system in found:
        of_month = inner.filter(period=system.period)
        assert system.sizes.sum() == of_month.filter(pl.col("school") != "s0")["pupils"].sum()
        assert system.pupils.sum() == of_month["pupils"].sum()
