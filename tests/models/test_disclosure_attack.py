from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.disclosure import CountTable, DisclosureRefused, as_insider, attack, summary
from models.disclosure.audit import audited
from models.disclosure.bounds import narrowed
from models.disclosure.certificate import Knowledge, promised_values
from models.disclosure.rounding import nothing_seen, round_counts
from tests.models.disclosure_world import (
    NESTED,
    all_tables,
    crossing,
    grid,
    is_bridged,
    knowledge,
    protect,
    system_of,
    tables,
    tiny,
    world,
)


def read_back(inner: pl.DataFrame, nested=()) -> list[CountTable]:
    """Protect a country and read its tables as they were published."""
    others = [c for c in ("pupils_b", "pupils_c") if c in inner.columns]
    return [CountTable(t.name, t.frame, t.group_columns) for t in protect(tables(inner, others=others), inner, nested)]


def told(published: CountTable, row: int, column: str, low: int, high: int) -> CountTable:
    """Change what a table says of one count."""
    at = pl.int_range(pl.len()) == row
    ends = {f"{column}_low": low, f"{column}_high": high}
    changed = [pl.when(at).then(value).otherwise(pl.col(name)).alias(name) for name, value in ends.items()]
    return replace(published, frame=published.frame.with_columns(changed))


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10_000))
def test_no_published_count_has_fewer_than_five_values(seed: int):
    inner = world(seed, counts=3)
    found = attack(read_back(inner, NESTED), inner, NESTED)
    assert found.height > 60
    assert not found["is_too_narrow"].any()
    assert (found["possible_values"] >= found.select(pl.min_horizontal(5, pl.col("pupils") + 1)).to_series()).all()


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10_000), st.data())
def test_a_count_told_as_it_is_is_noticed(seed: int, data: st.DataObject):
    inner = world(seed)
    published = read_back(inner)
    number = data.draw(st.integers(0, len(published) - 1))
    row = data.draw(st.integers(0, published[number].frame.height - 1))
    truth = tables(inner)[number].frame["pupils_a"][row]
    published[number] = told(published[number], row, "pupils_a", truth, truth)
    found = attack(published, inner)
    assert found["is_too_narrow"].any()
    assert summary(found)["narrowest"] == 1


def test_nested_counts_bound_each_other():
    """Whoever missed 15 lessons missed 10: where at most 2 missed 10, at most 2 missed 15."""
    inner = world(4, counts=2)
    published = read_back(inner, NESTED[:1])
    country = published[0]
    narrow = told(country, 0, "pupils_a", 0, 2)
    with pytest.raises(DisclosureRefused, match="published counts contradict"):
        attack([narrow, *published[1:]], inner, NESTED[:1])
    small = [told(narrow, 0, "pupils_b", 0, 4)]
    found = attack(small, inner, NESTED[:1])
    assert found.select("column", "high", "is_too_narrow").rows() == [("pupils_a", 2, True), ("pupils_b", 2, True)]
    assert attack(small, inner)["high"].to_list() == [2, 4]


def test_parts_bound_their_sum_and_the_sum_its_parts():
    inner = world(6)
    published = {t.name: t for t in read_back(inner)}
    place = published["place"]
    groups = place.frame["place"].to_list()
    wide = told(published["country"], 0, "pupils_a", 0, inner["pupils"].sum())
    found = attack([wide, place], inner).filter(pl.col("table") == "country")
    assert found.select("low", "high").row(0) == tuple(place.frame.select("pupils_a_low", "pupils_a_high").sum().row(0))
    open_place = told(place, 0, "pupils_a", 0, 10_000)
    found = attack([published["country"], open_place], inner).filter(pl.col("group") == groups[0])
    others = place.frame.filter(pl.col("place") != groups[0])
    most = published["country"].frame["pupils_a_high"][0] - others["pupils_a_low"].sum()
    size = inner.filter(pl.col("place") == groups[0])["pupils"].sum()
    assert found["high"].to_list() == [min(most, size)]


def test_published_counts_that_contradict_are_refused():
    inner = world(3)
    published = read_back(inner)
    everybody = inner["pupils"].sum()
    with pytest.raises(DisclosureRefused, match="column pupils_a: published counts contradict"):
        attack([told(published[0], 0, "pupils_a", everybody, everybody), *published[1:]], inner)


def test_the_summary_counts_by_table():
    inner = world(3)
    found = summary(attack(read_back(inner), inner))
    assert [entry["table"] for entry in found["tables"]] == ["country", "place", "place_grade", "school"]
    assert sum(entry["protected_cells"] for entry in found["tables"]) == found["protected_cells"]
    assert found["too_narrow"] == 0


@pytest.mark.parametrize(
    ("low", "high", "pupils", "insiders", "values"),
    [
        (0, 4, 90, 1, 4),  # who is counted himself knows that it is not 0
        (0, 4, 90, 2, 3),
        (6, 14, 90, 1, 9),  # far from both ends: his own place tells nothing
        (86, 90, 90, 1, 4),
        (0, 4, 4, 1, 4),
        (0, 4, 4, 5, 5),  # there are not so many
        (0, 4, 90, 0, 5),
    ],
)
def test_pupils_who_know_of_themselves_narrow_small_and_nearly_full_counts(low, high, pupils, insiders, values):
    interval = pl.DataFrame({"low": [low], "high": [high], "pupils": [pupils], "possible_values": [high - low + 1]})
    assert as_insider(interval, insiders)["possible_values"].to_list() == [values]


@settings(deadline=None, max_examples=40)
@given(tiny(), st.integers(0, 2))
def test_a_solver_finds_no_less_and_no_more_than_enumeration(inner: pl.DataFrame, told_one: int):
    """A count told as it is narrows others: what is left of each is what some table has."""
    system = system_of(inner, tables(inner))
    made = round_counts(system, nothing_seen(system))
    known = knowledge(system, made)
    cell = told_one % system.members.shape[0]
    low, high = known.low.copy(), known.high.copy()
    low[0, cell] = high[0, cell] = system.cell_counts[0, cell]
    known = narrowed(system, Knowledge(low, high))
    every = all_tables(system, known)
    values = np.array([len(np.unique(every[:, 0, c])) for c in range(every.shape[2])])
    left = audited(system, known)
    assert ((left.low <= every.min(axis=0)) & (left.high >= every.max(axis=0))).all()
    promised = promised_values(system, known)
    is_narrow = (left.high - left.low + 1)[0] < promised[0]
    assert (is_narrow == (values < promised[0])).all()


def test_a_solver_finds_what_no_single_sum_tells():
    """Two counts withheld in each row and column, and one of them known: arithmetic line by line does not see it."""
    counts = [[6, 12, 9, 8], [11, 7, 9, 9], [10, 9, 12, 6], [9, 8, 7, 11]]
    inner = grid(counts)
    raw = crossing(inner)
    is_hidden = pl.Series([is_bridged(*row) for row in raw.frame.select("school", "grade").rows()])
    frame = raw.frame.with_columns(
        pl.when(is_hidden).then(0).otherwise("pupils_a").alias("pupils_a_low"),
        pl.when(is_hidden).then("pupils").otherwise("pupils_a").alias("pupils_a_high"),
        pl.when(is_hidden).then(pl.lit("withheld")).otherwise(pl.lit("shown")).alias("pupils_a_status"),
    )
    published = [replace(raw, frame=frame)]
    assert not attack(published, inner)["is_too_narrow"].any()
    found = attack(published, inner, is_thorough=True).filter("is_too_narrow")
    assert found.select("group", "low", "high").rows() == [("s1|2", 9, 9)]
