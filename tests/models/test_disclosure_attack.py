from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.disclosure import CountTable, DisclosureRefused, as_insider, attack, summary
from tests.models.disclosure_world import NESTED, protect, tables, world


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
