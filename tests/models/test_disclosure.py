from dataclasses import replace
from functools import reduce

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from models.disclosure import (
    CountTable,
    DisclosureParameters,
    DisclosureRefused,
    Protected,
    attack,
    count_columns,
    protect,
    summary,
)

LINKS = [("place", "kind")]
NESTED = [("pupils_a", "pupils_b", "pupils_c")]


def table(name: str, rows: list[tuple], counts: list[str] | None = None) -> CountTable:
    """One month of (group, pupils, count …)."""
    columns = ["group", "pupils", *(counts or ["pupils_a", "pupils_b", "pupils_c"][: len(rows[0]) - 2])]
    schema = {column: pl.String if column == "group" else pl.Int64 for column in columns}
    frame = pl.DataFrame(rows, schema=schema, orient="row").with_columns(period=pl.lit("2026-05"))
    return CountTable(name, frame, ("group",))


def margins(pupils: np.ndarray, *counts: np.ndarray) -> list[CountTable]:
    """Both tables of pupils by place (down) and kind (across), for one or more counts."""
    by_place = [(f"p{i}", *(int(cells[i].sum()) for cells in (pupils, *counts))) for i in range(len(pupils))]
    by_kind = [(f"k{j}", *(int(cells[:, j].sum()) for cells in (pupils, *counts))) for j in range(len(pupils[0]))]
    return [table("place", by_place), table("kind", by_kind)]


def statuses(protected: Protected, count: str = "pupils_a") -> list[str]:
    return protected.frame[f"{count}_status"].to_list()


@st.composite
def countries(draw, counts: int = 1) -> list[CountTable]:
    """Small countries, each count a part of the one before."""
    shape = (draw(st.integers(1, 5)), draw(st.integers(1, 3)))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    cells = [generator.integers(0, draw(st.integers(4, 40)), shape)]
    for _ in range(counts):
        cells.append(generator.binomial(cells[-1], generator.random(shape) * draw(st.sampled_from([0.2, 0.6, 1]))))
    return margins(*cells)


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


def test_a_count_between_two_shown_ones_is_not_narrowed_by_them():
    rows = [("a", 100, 9, 8, 6), ("b", 100, 30, 4, 3), ("c", 90, 40, 30, 20)]
    place, kind = protect([table("place", rows), table("kind", [("x", 290, 79, 42, 29)])], LINKS, NESTED)
    found = attack([place, kind], LINKS, NESTED)
    assert found["possible_values"].min() >= 5
    assert place.frame["pupils_b"].to_list()[1] is None


def test_the_attack_gives_back_what_primary_suppression_hides():
    place, _ = protect(
        [table("place", [("a", 90, 3), ("b", 90, 30), ("c", 95, 40)]), table("kind", [("x", 275, 73)])], LINKS
    )
    kind = protect([table("kind", [("x", 275, 73)])])[0]
    told = place.frame.with_columns(
        pupils_a=pl.Series([None, 30, 40]), pupils_a_status=pl.Series(["withheld", "shown", "shown"])
    )
    found = attack([CountTable("place", told, ("group",)), kind], LINKS)
    assert found.select("group", "low", "high", "is_too_narrow").rows() == [("a", 3, 3, True)]
    assert summary(found)["narrowest"] == 1


def test_the_attack_relates_differences_of_nested_counts():
    """All of b's pupils are in c where the totals agree: then a shown b gives its c."""
    rows = {
        "place": [("p", 90, None, "withheld", 20, "shown"), ("q", 90, None, "withheld", 30, "shown")],
        "kind": [("x", 180, 50, "shown", 50, "shown")],
    }
    columns = ["group", "pupils", "pupils_a", "pupils_a_status", "pupils_b", "pupils_b_status"]
    tables = [
        CountTable(
            name, pl.DataFrame(r, schema=columns, orient="row").with_columns(period=pl.lit("2026-05")), ("group",)
        )
        for name, r in rows.items()
    ]
    assert attack(tables, LINKS, [("pupils_a", "pupils_b")])["low"].to_list() == [20, 30]


def test_published_counts_that_contradict_are_refused():
    place, kind = protect([table("place", [("a", 90, 30), ("b", 90, 30)]), table("kind", [("x", 180, 60)])], LINKS)
    wrong = CountTable("kind", kind.frame.with_columns(pupils_a=pl.col("pupils_a") + 1), ("group",))
    with pytest.raises(DisclosureRefused, match="table place, column pupils_a: published counts contradict"):
        attack([place, wrong], LINKS)


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


def ends(sets: list[range]) -> set[int]:
    """Every total that one value from each range can make."""
    return reduce(lambda totals, values: {total + value for total in totals for value in values}, sets, {0})


def possible(values: list[range], signs: list[int], index: int) -> list[int]:
    """Enumerate: the values of one cell for which all others can make the signed total zero."""
    rest = ends(
        [
            range(-v.stop + 1, -v.start + 1) if s < 0 else v
            for i, (v, s) in enumerate(zip(values, signs, strict=True))
            if i != index
        ]
    )
    return [value for value in values[index] if -signs[index] * value in rest]


def told(count: int, pupils: int) -> range:
    """What a reader may think who knows why a count is withheld, if five values stay."""
    known = range(5) if count < 5 else range(pupils - 4, pupils + 1) if pupils - count < 5 else range(5, pupils - 4)
    return known if len(known) >= 5 and pupils >= 10 else range(pupils + 1)


@settings(deadline=None, max_examples=150)
@given(raw=countries())
def test_no_withheld_count_has_fewer_than_five_values_even_for_a_reader_who_knows_why_it_is_withheld(raw):
    protected = protect(raw, LINKS)
    cells = [
        (sign, before, *after)
        for sign, table, made in zip((1, -1), raw, protected, strict=True)
        for before, after in zip(
            table.frame["pupils_a"], made.frame.select("pupils", "pupils_a", "pupils_a_status").rows(), strict=True
        )
    ]
    anything = [
        range(pupils + 1) if status == "withheld" else range(before, before + 1)
        for _, before, pupils, _, status in cells
    ]
    dark = all(status != "shown" for *_, status in cells)
    reasons = [
        told(before, pupils) if status == "withheld" and not dark else values
        for (_, before, pupils, _, status), values in zip(cells, anything, strict=True)
    ]
    signs = [sign for sign, *_ in cells]
    for i, (_, before, pupils, shown, status) in enumerate(cells):
        if status == "withheld":
            assert min(len(possible(anything, signs, i)), len(possible(reasons, signs, i))) >= min(5, pupils + 1)
        elif status == "shown":
            assert shown == before
            assert min(shown, pupils - shown) >= 5


def solved(protected: list[Protected]) -> list[tuple[float, float, int]]:
    """Bounds of every withheld count by linear programming over all relations at once, independent of the attack."""
    rows = [(sign, row) for sign, made in zip((1, -1), protected, strict=True) for row in made.frame.rows(named=True)]
    names, n = count_columns(protected[0].frame), len(rows)
    bounds = [
        (0, row["pupils"]) if row[f"{c}_status"] == "withheld" else (row[c] or 0, row[c] or 0)
        for c in names
        for _, row in rows
    ]
    equal = np.kron(np.eye(len(names)), [sign for sign, _ in rows])
    contains = np.kron(np.eye(len(names), k=1)[:-1] - np.eye(len(names))[:-1], np.eye(n))
    solve = lambda goal: linprog(goal, contains, np.zeros(len(contains)), equal, np.zeros(len(names)), bounds)  # noqa: E731
    withheld = [i for i, (low, high) in enumerate(bounds) if low != high]
    return [
        (solve(row).fun, -solve(-row).fun, bounds[i][1])
        for i, row in zip(withheld, np.eye(len(bounds))[withheld], strict=True)
    ]


@settings(deadline=None, max_examples=15)
@given(raw=countries(counts=3))
def test_nested_counts_survive_an_attack_by_linear_programming(raw):
    for low, high, pupils in solved(protect(raw, LINKS, NESTED)):
        assert np.floor(high + 1e-6) - np.ceil(low - 1e-6) + 1 >= min(5, pupils + 1)


@settings(deadline=None, max_examples=40)
@given(raw=countries(counts=2), data=st.data())
def test_un_hiding_a_count_is_noticed_unless_enough_stays_possible(raw, data):
    protected = protect(raw, LINKS, [("pupils_a", "pupils_b")])
    hidden = [(i, row) for i, row in enumerate(raw[0].frame["pupils_a"]) if statuses(protected[0])[i] == "withheld"]
    if hidden:
        i, count = data.draw(st.sampled_from(hidden))
        opened = (
            protected[0]
            .frame.with_row_index("row")
            .with_columns(
                pupils_a=pl.when(pl.col("row") == i).then(count).otherwise("pupils_a"),
                pupils_a_status=pl.when(pl.col("row") == i).then(pl.lit("shown")).otherwise("pupils_a_status"),
            )
        )
        found = attack(
            [CountTable("place", opened.drop("row"), ("group",)), protected[1]], LINKS, [("pupils_a", "pupils_b")]
        )
        enough = pl.min_horizontal(5, pl.col("pupils") + 1)
        pupils = raw[0].frame["pupils"][i]
        assert found["is_too_narrow"].any() or min(count, pupils - count) >= 5
        assert found.filter(~pl.col("is_too_narrow")).select((pl.col("possible_values") >= enough).all()).item()


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
        "min_in": 5, "min_out": 5, "min_possible_values": 5, "min_share_base": 80,
        "links": [], "nested": [["pupils_a", "pupils_b", "pupils_c"]],
    }
