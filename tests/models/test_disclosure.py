from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.disclosure import CountTable, DisclosureParameters, DisclosureRefused, Protected, attack, protect
from tests.models.disclosure_tables import LINKS, NESTED, countries, statuses, table


def test_nobody_makes_a_protected_table_by_accident():
    raw = table("place", [("p", 90, 3)])
    with pytest.raises(TypeError, match="only"):
        Protected("place", ("group",), raw.frame, {}, seal=object())
    (protected,) = protect([raw])
    with pytest.raises((TypeError, ValueError)):
        replace(protected, _frame=raw.frame)
    protected.frame.insert_column(0, pl.Series("raw", [3]))
    protected.protection["min_in"] = 0
    assert "raw" not in protected.frame.columns
    assert protected.protection["min_in"] == 5


def test_counts_are_shown_when_five_are_in_and_five_are_out():
    (protected,) = protect([table("place", [("a", 10, 5), ("b", 10, 4), ("c", 10, 6), ("d", 9, 5), ("e", 100, 0)])])
    assert statuses(protected) == ["shown", "withheld", "withheld", "withheld", "withheld"]
    assert protected.frame["pupils_a"].to_list() == [5, None, None, None, None]


def test_no_pupils_and_no_records_are_no_data_not_zero():
    (protected,) = protect([table("place", [("a", 0, 0), ("b", 50, None), ("c", 50, 0)])])
    assert statuses(protected) == ["no_data", "no_data", "withheld"]


def test_shares_come_from_shown_counts_of_eighty_pupils_and_more():
    (protected,) = protect([table("p", [("a", 80, 10), ("b", 79, 10), ("c", 200, 5), ("d", 2000, 9), ("e", 200, 4)])])
    assert protected.frame["pupils_a_share_percent"].to_list() == [13, None, 3, 0, None]


def test_a_count_withheld_alone_takes_the_smallest_other_place_with_it():
    by_place = table("place", [("a", 100, 3), ("b", 90, 30), ("c", 80, 20), ("d", 500, 99)])
    by_kind = table("kind", [("x", 700, 140), ("y", 70, 12)])
    place, kind = protect([by_place, by_kind], LINKS)
    assert statuses(kind) == ["shown", "withheld"]
    assert statuses(place) == ["withheld", "shown", "shown", "shown"]
    assert protect([by_place])[0].frame["pupils_a"].to_list() == [None, 30, 20, 99]


def test_withheld_counts_that_add_up_to_nothing_are_not_left_to_themselves():
    place, kind = protect(
        [table("place", [("a", 90, 0), ("b", 80, 0), ("c", 99, 20)]), table("kind", [("x", 269, 20)])], LINKS
    )
    assert [*statuses(place), *statuses(kind)].count("withheld") >= 3
    assert attack([place, kind], LINKS)["possible_values"].min() >= 5


def test_withheld_counts_that_add_up_to_all_they_can_be_are_not_left_to_themselves():
    """Two counts of `fewer than five` that make eight are four each."""
    place, _ = protect(
        [table("place", [("a", 90, 4), ("b", 80, 4), ("c", 99, 20)]), table("kind", [("x", 269, 28)])], LINKS
    )
    assert statuses(place) == ["withheld", "withheld", "withheld"]


def test_a_month_is_protected_for_itself():
    months = [
        table("place", [("a", 90, 3), ("b", 90, 30), ("c", 95, 40)]),
        table("kind", [("x", 275, 73)]),
    ]
    earlier = [
        CountTable(
            t.name,
            pl.concat([t.frame, t.frame.with_columns(period=pl.lit("2026-04"), pupils_a=pl.col("pupils"))]),
            ("group",),
        )
        for t in months
    ]
    place, _ = protect(earlier, LINKS)
    assert place.frame["period"].to_list() == ["2026-04"] * 3 + ["2026-05"] * 3
    assert statuses(place) == ["withheld"] * 3 + ["withheld", "withheld", "shown"]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("a", 50, 7919)], "column pupils_a: lies outside 0 to the number of pupils .rows: 1."),
        ([("a", 50, -1)], "column pupils_a: lies outside"),
        ([("a", None, 3)], "column pupils: is below 0 or missing"),
        ([("a", 50, 9), ("a", 50, 9)], "column group: has the same group twice in a month .rows: 2."),
        ([("a", 50, 9, 10, 8)], "column pupils_b: counts more pupils than pupils_a"),
    ],
)
def test_tables_that_cannot_be_are_refused_without_a_value(rows, message):
    nested = NESTED if len(rows[0]) > 3 else []
    with pytest.raises(DisclosureRefused, match=message) as refused:
        protect([table("place", rows)], nested=nested)
    assert "7919" not in str(refused.value)


def test_columns_that_are_no_counts_do_not_slip_through():
    raw = table("place", [("a", 50, 9)])
    mean = replace(raw, frame=raw.frame.with_columns(mean_absence=pl.lit(0.5)))
    with pytest.raises(DisclosureRefused, match="column mean_absence: is neither"):
        protect([mean])
    with pytest.raises(DisclosureRefused, match="column pupils_a: is not a whole number"):
        protect([replace(raw, frame=raw.frame.cast({"pupils_a": pl.Float64}))])


def test_linked_tables_must_hold_the_same_pupils():
    place = table("place", [("a", 50, 9)])
    for row, column in ((("x", 51, 9), "pupils"), (("x", 50, 10), "pupils_a")):
        with pytest.raises(DisclosureRefused, match=f"table kind, column {column}: total of a month differs"):
            protect([place, table("kind", [row])], LINKS)


def test_misspelt_relations_are_errors():
    with pytest.raises(ValueError, match="a link names tables"):
        protect([table("place", [("a", 50, 9)])], [("place", "kinds")])
    with pytest.raises(ValueError, match="columns of no table: pupils_z"):
        protect([table("place", [("a", 50, 9)])], nested=[("pupils_a", "pupils_z")])
    with pytest.raises(ValueError, match="min_in and min_out"):
        DisclosureParameters(min_in=3)


@settings(deadline=None, max_examples=25)
@given(raw=countries(counts=2), seed=st.integers(0, 99))
def test_the_order_of_rows_does_not_matter(raw, seed):
    shuffled = [replace(t, frame=t.frame.sample(fraction=1, shuffle=True, seed=seed)) for t in raw]
    for one, other in zip(protect(raw, LINKS), protect(shuffled, LINKS), strict=True):
        assert one.frame.equals(other.frame)


def test_protection_is_printed_with_the_table():
    (protected,) = protect([table("place", [("a", 90, 30, 20, 10)])], nested=NESTED)
    assert protected.protection == {
        "method": "withholding",
        "min_in": 5,
        "min_out": 5,
        "min_possible_values": 5,
        "min_share_base": 80,
        "links": [],
        "nested": [["pupils_a", "pupils_b", "pupils_c"]],
    }
