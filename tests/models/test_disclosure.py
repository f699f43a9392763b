from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.disclosure import CountTable, DisclosureParameters, DisclosureRefused, Protected
from tests.models.disclosure_world import BASE, COUNTS, NESTED, places, protect, table, tables, world


def alone(rows: list[tuple], nested=()) -> Protected:
    """Protect one table whose rows are all there is."""
    raw = places(rows)
    (protected,) = protect([raw], raw.frame, nested)
    return protected


def of(protected: Protected, *ends: str) -> list[tuple]:
    return protected.frame.select(f"pupils_a{end}" for end in ends).rows()


def test_nobody_makes_a_protected_table_by_accident():
    raw = places([("p", 90, 3)])
    with pytest.raises(TypeError, match="only"):
        Protected("place", ("place",), raw.frame, {}, seal=object())
    protected = alone([("p", 90, 3)])
    with pytest.raises((TypeError, ValueError)):
        replace(protected, _frame=raw.frame)
    protected.frame.insert_column(0, pl.Series("raw", [3]))
    protected.protection["base"] = 0
    assert "raw" not in protected.frame.columns
    assert protected.protection["base"] == BASE


def test_a_count_is_told_as_a_multiple_of_five_and_with_the_counts_that_it_stands_for():
    protected = alone([("a", 100, 10), ("b", 100, 0), ("c", 6, 6), ("d", 12, 12)])
    assert of(protected, "", "_status", "_low", "_high") == [
        (10, "rounded", 6, 14),
        (0, "rounded", 0, 4),
        (5, "rounded", 1, 6),
        (10, "rounded", 6, 12),
    ]


def test_of_fewer_than_five_pupils_nothing_is_said():
    assert of(alone([("a", 4, 4), ("b", 4, 0), ("c", 50, 9)]), "", "_status", "_low", "_high")[:2] == [
        (None, "withheld", 0, 4),
        (None, "withheld", 0, 4),
    ]


def test_no_pupils_and_no_records_are_no_data_not_zero():
    protected = alone([("a", 0, 0), ("b", 50, None), ("c", 50, 0)])
    assert of(protected, "", "_status", "_low", "_high") == [
        (None, "no_data", None, None),
        (None, "no_data", None, None),
        (0, "rounded", 0, 4),
    ]


def test_shares_come_from_published_counts_of_eighty_pupils_and_more():
    protected = alone([("a", 80, 10), ("b", 79, 10), ("c", 200, 5), ("d", 2000, 5), ("e", 200, 0)])
    assert protected.frame["pupils_a_share_percent"].to_list() == [13, None, 3, 0, 0]


def test_months_stand_below_each_other_each_protected_for_itself():
    raw = [places([("a", 90, 13), ("b", 90, 30)]), places([("b", 90, 20), ("a", 95, 5)], "2026-04")]
    both = CountTable("place", pl.concat([r.frame for r in raw]), ("place",))
    (protected,) = protect([both], both.frame)
    assert protected.frame.select("period", "place", "pupils").rows() == [
        ("2026-04", "a", 95),
        ("2026-04", "b", 90),
        ("2026-05", "a", 90),
        ("2026-05", "b", 90),
    ]
    assert protected.frame["pupils_a"].to_list()[:2] == [5, 20]
    assert set(protected.protection["certificates"]) == {"2026-04", "2026-05"}


def test_no_month_at_all_is_an_empty_table_with_all_columns():
    raw = places([("a", 90, 13)])
    empty = replace(raw, frame=raw.frame.clear())
    (protected,) = protect([empty], empty.frame)
    assert protected.frame.height == 0
    assert protected.frame.schema == alone([("a", 90, 13)]).frame.schema


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("a", 50, 7919)], "column pupils_a: lies outside 0 to the number of pupils .rows: 1."),
        ([("a", 50, -1)], "column pupils_a: lies outside"),
        ([("a", None, 3)], "column pupils: is below 0 or missing"),
        ([("a", 50, 9), ("a", 50, 9)], "column place: has the same group twice in a month .rows: 2."),
        ([("a", 50, 9, 10, 8)], "column pupils_b: counts more pupils than pupils_a"),
    ],
)
def test_tables_that_cannot_be_are_refused_without_a_value(rows, message):
    with pytest.raises(DisclosureRefused, match=message) as refused:
        alone(rows, NESTED if len(rows[0]) > 3 else ())
    assert "7919" not in str(refused.value)


def test_columns_that_are_no_counts_do_not_slip_through():
    raw = places([("a", 50, 9)])
    mean = replace(raw, frame=raw.frame.with_columns(mean_absence=pl.lit(0.5)))
    with pytest.raises(DisclosureRefused, match="column mean_absence: is neither"):
        protect([mean], raw.frame)
    with pytest.raises(DisclosureRefused, match="column pupils_a: is not a whole number"):
        protect([replace(raw, frame=raw.frame.cast({"pupils_a": pl.Float64}))], raw.frame)


def test_tables_must_be_sums_of_the_same_pupils():
    inner = world(1)
    country, *others = tables(inner)
    for column in ("pupils", "pupils_a"):
        wrong = replace(country, frame=country.frame.with_columns(pl.col(column) + 1))
        with pytest.raises(DisclosureRefused, match=f"table country, column {column}: differs from the sum"):
            protect([wrong, *others], inner)


def test_what_cannot_be_certified_is_refused_by_the_name_of_its_table():
    """The sums are nested and the pupils behind them are not: no table that a reader could imagine is the true one."""
    rows = [("2026-05", "p", "s0", 60, 20, 30), ("2026-05", "p", "s1", 60, 20, 5)]
    inner = pl.DataFrame(rows, schema=["period", "place", "school", "pupils", *COUNTS[:2]], orient="row")
    whole = table(inner, "place", ["place"], [["place"]], COUNTS[:2])
    finer = table(inner, "school", ["school"], [["school"]], COUNTS[:1])
    with pytest.raises(DisclosureRefused, match=r"table place, column pupils_a: .* of 2026-05 cannot be certified"):
        protect([whole, finer], inner, NESTED[:1])


def test_where_nothing_is_known_of_a_count_nothing_is_told_of_those_within_it():
    """Nobody is known to be at risk there: 0 of those who passed the limit would be a certain 0."""
    protected = alone([("a", 50, None, 0, 0), ("b", 90, 30, 10, 5)], NESTED)
    for column in COUNTS:
        assert protected.frame[f"{column}_status"].to_list() == ["no_data", "rounded"]


def test_counts_may_stand_in_any_order():
    inner = world(3, counts=2)
    place, country = (table(inner, n, g, [g], COUNTS[:2]) for n, g in (("place", ["place"]), ("country", [])))
    turned = replace(country, frame=country.frame.select("period", "pupils", "pupils_b", "pupils_a"))
    made, plain = protect([place, turned], inner), protect([place, country], inner)
    assert made[1].frame.select(plain[1].frame.columns).equals(plain[1].frame)


def test_pupils_that_cannot_be_placed_are_refused():
    inner = world(3)
    raw = tables(inner)
    nameless = pl.when(pl.col("school") != "s1").then("school").alias("school")
    with pytest.raises(DisclosureRefused, match="table of all pupils, column school: is missing"):
        protect(raw, inner.with_columns(nameless))
    with pytest.raises(DisclosureRefused, match="table school, column school: is missing"):
        protect([*raw[:3], replace(raw[3], frame=raw[3].frame.with_columns(nameless))], inner)
    with pytest.raises(DisclosureRefused, match="table country, column period: has months without pupils"):
        protect([replace(t, frame=t.frame.with_columns(period=pl.lit("2026-06"))) for t in raw], inner)
    more = pl.col("pupils") + (pl.col("school") == "s1")
    alone_and_wrong = replace(raw[3], frame=raw[3].frame.drop("pupils_a").with_columns(pupils=more))
    with pytest.raises(DisclosureRefused, match=r"column pupils: differs from the sum of its pupils \(rows: 4\)"):
        protect([*raw[:3], alone_and_wrong], inner)
    numbered = replace(raw[3], frame=raw[3].frame.with_columns(school=pl.lit(1)))
    with pytest.raises(DisclosureRefused, match="table school, column school: is not text"):
        protect([*raw[:3], numbered], inner)


def test_groups_without_pupils_alone_are_no_data():
    raw = places([("a", 0, 0)])
    inner = places([("a", 0, 0), ("b", 50, 7)])
    (protected,) = protect([raw], inner.frame)
    assert of(protected, "", "_status") == [(None, "no_data")]


def test_misspelt_relations_are_errors():
    with pytest.raises(ValueError, match="columns of no table: pupils_z"):
        alone([("a", 50, 9)], [("pupils_a", "pupils_z")])
    with pytest.raises(ValueError, match="base must be at least"):
        DisclosureParameters(base=3)


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 10_000))
def test_the_order_of_rows_does_not_matter(seed: int):
    inner = world(seed, counts=2)
    raw = tables(inner, others=("pupils_b",))
    shuffled = [replace(t, frame=t.frame.sample(fraction=1, shuffle=True, seed=seed)) for t in raw]
    made = protect(raw, inner, NESTED[:1])
    again = protect(shuffled, inner.sample(fraction=1, shuffle=True, seed=seed), NESTED[:1])
    for one, other in zip(made, again, strict=True):
        assert one.frame.equals(other.frame)
        assert one.protection == other.protection


def test_protection_is_printed_with_the_table():
    protected = alone([("a", 90, 30, 20, 10)], NESTED)
    certificates = protected.protection.pop("certificates")
    printed = {name: value for name, value in protected.protection.items() if name != "certificates"}
    assert printed == {
        "method": "rounding",
        "base": BASE,
        "is_additive": True,
        "max_error": BASE - 1,
        "min_possible_values": 5,
        "min_mean_base": 10,
        "min_range_base": 40,
        "min_share_base": 80,
        "nested": [["pupils_a", "pupils_b"], ["pupils_b", "pupils_c"]],
    }
    assert [[len(digest) for digest in digests] for digests in certificates.values()] == [[64]]
