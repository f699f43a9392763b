"""Of which groups there are records is known as far as the tables tell it, raw or published."""

from dataclasses import replace

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from models.disclosure import CountTable, attack, summary
from models.disclosure.placing import systems
from models.disclosure.records import hollow, settled
from tests.models.disclosure_world import COUNTS, NESTED, RULE, protect, table, tables, world

SILENT = pl.col("school") == "s1"


def without_records(inner: pl.DataFrame, where: pl.Expr, column: str = "pupils_a") -> pl.DataFrame:
    return inner.with_columns(pl.when(~where).then(column).alias(column))


def with_empty(inner: pl.DataFrame, design: list, groups: list, column: str = "pupils_a"):
    """Count as SQL does: a sum of nothing but empty counts is empty."""
    made = table(inner, "made", groups, design, [column])
    known = table(inner.filter(pl.col(column).is_not_null()), "known", groups, design, [column]).frame
    is_known = made.frame.join(known, on=["period", *groups], how="semi")
    joined = made.frame.drop(column).join(
        is_known.select("period", *groups, column), on=["period", *groups], how="left"
    )
    return replace(made, frame=joined)


def test_a_group_without_records_that_no_table_tells_apart_counts_nobody():
    inner = without_records(world(2), SILENT)
    made = settled(inner, [with_empty(inner, [["place"], []], ["place"])], [], RULE.base)
    assert made["pupils_a"].null_count() == 0
    assert made.filter(SILENT)["pupils_a"].sum() == 0


def test_a_group_that_a_table_calls_empty_stays_so():
    inner = without_records(world(2), SILENT)
    raw = [with_empty(inner, [["school"], []], ["school"])]
    assert_frame_equal(settled(inner, raw, [], RULE.base), inner)
    published = protect(raw, inner)
    known = hollow(inner, published, [], RULE.base)
    assert known["pupils_a"].is_null().equals(inner["pupils_a"].is_null())
    assert set(known["pupils_a"]) == {0, None}
    assert_frame_equal(known, hollow(inner.drop("pupils_a"), raw, [], RULE.base))


def test_an_empty_margin_empties_all_that_lies_within():
    inner = without_records(world(2), pl.col("sex") == "F")
    raw = [with_empty(inner, [["sex"], ["school", "sex"], []], ["school", "sex"])]
    assert_frame_equal(settled(inner, raw, [], RULE.base), inner)
    assert summary(attack(protect(raw, inner), inner))["too_narrow"] == 0


def test_of_whom_a_larger_count_knows_nothing_a_smaller_one_knows_nothing():
    inner = without_records(world(2, counts=2), SILENT)
    inner = inner.with_columns(pupils_b=pl.when(~SILENT).then("pupils_b").otherwise(0))
    raw = [with_empty(inner, [["school"]], ["school"])]
    known = hollow(inner, [*raw, table(inner, "b", [], [[]], ["pupils_b"])], NESTED[:1], RULE.base)
    assert known["pupils_b"].is_null().equals(inner["pupils_a"].is_null())


def test_a_table_that_calls_a_counted_group_empty_is_refused():
    inner = world(2)
    raw = tables(inner)
    silenced = replace(raw[3], frame=without_records(raw[3].frame, SILENT))
    with pytest.raises(ValueError, match="differs from the sum of its pupils"):
        protect([*raw[:3], silenced], inner)


def test_columns_that_nothing_joins_are_solved_apart_with_the_groups_of_their_own_tables():
    inner = world(3, counts=3)
    fine, coarse = table(inner, "fine", ["school"], [["school"]], COUNTS[:1]), table(inner, "all", [], [[]], COUNTS)
    apart = [system for system, _ in systems(inner, [fine, coarse], [], RULE)]
    assert [system.columns for system in apart] == [COUNTS[:1], COUNTS[1:]]
    assert [len(system.pupils) for system in apart] == [inner["school"].n_unique(), 1]
    (joined,) = (system for system, _ in systems(inner, [fine, coarse], NESTED, RULE))
    assert joined.columns == COUNTS
    protected = protect([fine, coarse], inner)
    assert [len(digests) for digests in protected[0].protection["certificates"].values()] == [2]
    assert protected[1].frame.columns == [
        "period",
        "pupils",
        *(c + end for c in COUNTS for end in ("", "_status", "_low", "_high", "_share_percent")),
    ]


def test_rows_stand_as_people_sort_them():
    inner = world(1, schools=12).with_columns(school=pl.col("school").str.slice(1))
    design = [[], ["school"]]
    (published,) = protect([table(inner, "schools", ["school"], design, ["pupils_a"])], inner)
    assert published.frame["school"].to_list() == ["all", *map(str, range(12))]


def test_of_a_few_pupils_nobody_is_told_whether_they_have_records():
    """Where at risk is empty for a single pupil, the pupil would be told to have no records."""
    rows = [("a", 4, None), ("b", 5, None), ("c", 90, 20)]
    inner = pl.DataFrame(rows, ["place", "pupils", "pupils_a"], orient="row").with_columns(period=pl.lit("2026-05"))
    (published,) = protect([CountTable("place", inner, ("place",))], inner)
    assert published.frame.select("pupils_a_status", "pupils_a_low", "pupils_a_high").rows()[:2] == [
        ("withheld", 0, 4),
        ("no_data", None, None),
    ]
