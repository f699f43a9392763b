"""Shares of lessons missed: what a pupil can move, and what follows from sums."""

from itertools import product

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.disclosure import CountTable, DisclosureRefused, Protected, attack_shares, protect_shares, share_summary
from models.disclosure.shares import STEPS
from models.disclosure.table import ALL

ILL, HELD = "lessons_missed_ill", "lessons_held"
SUMMED = ["pupils", "pupils_with_lessons", HELD, ILL]


def summed(finest: pl.DataFrame) -> CountTable:
    """Publish finest rows of place and kind with all sums."""
    parts = [
        (finest.group_by(by) if by else finest.with_columns(every=0).group_by("every"))
        .agg(pl.col(SUMMED).sum(), pl.col("most_lessons_held").max())
        .with_columns(pl.lit(ALL).alias(group) for group in ("place", "kind") if group not in by)
        .select("place", "kind", *SUMMED, "most_lessons_held")
        for by in ([], ["place"], ["kind"], ["place", "kind"])
    ]
    return CountTable("absence", pl.concat(parts).with_columns(period=pl.lit("2026-05")), ("place", "kind"))


def table(rows: list[tuple[str, str, int, int]], lessons: int = 100) -> CountTable:
    """Sum rows of place, kind, pupils and lessons missed, each pupil with as many lessons."""
    finest = pl.DataFrame(rows, ["place", "kind", "pupils", ILL], orient="row").with_columns(
        pl.col("pupils").alias("pupils_with_lessons"), (pl.col("pupils") * lessons).alias(HELD)
    )
    return summed(finest.with_columns(most_lessons_held=pl.lit(lessons)))


def told(made: Protected) -> dict[tuple[str, str], tuple]:
    shown = made.frame.select("place", "kind", f"{ILL}_status", f"{ILL}_percent", f"{ILL}_low", f"{ILL}_high").rows()
    return {row[:2]: row[2:] for row in shown}


PLAIN = [
    ("a", "general", 1000, 4_321),
    ("a", "vocational", 60, 700),
    ("b", "general", 300, 0),
    ("b", "special", 40, 4_000),
]


def test_a_share_is_told_as_the_step_it_lies_in():
    made = protect_shares(table(PLAIN))
    assert told(made) == {
        ("all", "all"): ("rounded", 6.45, 6.4, 6.5),
        ("all", "general"): ("rounded", 3.35, 3.3, 3.4),
        ("all", "special"): ("rounded", 97.5, 95.0, 100.0),
        ("all", "vocational"): ("rounded", 11.0, 10.0, 12.0),
        ("a", "all"): ("rounded", 4.75, 4.7, 4.8),
        ("a", "general"): ("rounded", 4.35, 4.3, 4.4),
        ("a", "vocational"): ("rounded", 11.0, 10.0, 12.0),
        ("b", "all"): ("rounded", 11.75, 11.5, 12.0),
        ("b", "general"): ("rounded", 0.25, 0.0, 0.5),
        ("b", "special"): ("rounded", 97.5, 95.0, 100.0),
    }


@pytest.mark.parametrize("pupils", [10, 11, 47, 480, 5_000])
def test_no_pupil_can_move_a_share_by_more_than_a_step(pupils: int):
    frame = protect_shares(table([("a", "general", pupils, 17 * pupils)])).frame
    step = frame["step_percent"][0]
    assert step in STEPS
    assert step * pupils >= 100
    smaller = [one for one in STEPS if one < step]
    assert all(one * pupils < 100 for one in smaller)


# All of a missed 1007 of 40300 lessons, told as 2 to 2.5 %; its general school 1000 of 40000, told as 2.5 to 3 %.
# Together that would be at most 7 lessons of the three pupils of the special school: they missed 7.
CLOSE = [("a", "general", 400, 1_000), ("a", "special", 3, 7), ("b", "general", 500, 2_000)]


def test_of_fewer_than_ten_pupils_nothing_is_told_nor_of_those_beside_whom_it_would_follow():
    statuses = {group: status for group, (status, *_) in told(protect_shares(table(CLOSE))).items()}
    assert statuses["a", "special"] == statuses["all", "special"] == "withheld"
    assert statuses["a", "general"] == "withheld"
    assert statuses["a", "all"] == statuses["b", "general"] == statuses["all", "all"] == "rounded"


def test_few_of_whom_lessons_are_known_among_many_pupils_do_not_follow_either():
    raw = table(CLOSE)
    is_special = (pl.col("kind") == "special") | (pl.col("kind") == "all")
    more = pl.when(is_special & (pl.col("place") != "b")).then(pl.col("pupils") + 50).otherwise("pupils")
    made = protect_shares(CountTable("absence", raw.frame.with_columns(pupils=more), raw.group_columns))
    statuses = {group: status for group, (status, *_) in told(made).items()}
    assert statuses["a", "special"] == statuses["a", "general"] == "withheld"


def test_the_attack_finds_what_was_told_too_closely():
    frame = protect_shares(table(CLOSE)).frame
    is_general = (pl.col("place") == "a") & (pl.col("kind") == "general")
    ends = {"_status": "rounded", "_low": 2.5, "_high": 3.0}
    opened = frame.with_columns(
        pl.when(is_general).then(pl.lit(value)).otherwise(ILL + end).alias(ILL + end) for end, value in ends.items()
    )
    published = CountTable("absence", opened, ("place", "kind"))
    assert attack_shares(published)["pupils"].to_list() == [3, 3]  # those of a, who are those of the country
    assert share_summary(published) == {"table": "absence", "protected_cells": 8, "too_narrow": 2}
    assert share_summary(CountTable("absence", frame, ("place", "kind")))["too_narrow"] == 0


def test_where_no_lesson_was_held_there_is_no_data():
    raw = table([("a", "general", 40, 0)], lessons=0)
    assert {status for status, *_ in told(protect_shares(raw)).values()} == {"no_data"}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (ILL, 200_000),
        (ILL, -1),
        ("most_lessons_held", 1),
        ("pupils", None),
        ("pupils", 5),  # fewer than those whose lessons are known
        ("lessons_held", None),
        ("pupils_at_risk", 3),
        ("mean_mark", 4),
        ("kind", "general"),  # twice the same group
    ],
)
def test_a_table_that_cannot_be_what_it_says_is_refused(column: str, value: int | str | None):
    raw = table(PLAIN)
    frame = raw.frame.with_columns(pl.lit(value, pl.Int64 if value is None else None).alias(column))
    with pytest.raises(DisclosureRefused):
        protect_shares(CountTable("absence", frame, raw.group_columns))


def test_parts_that_do_not_make_the_whole_are_refused():
    raw = table(PLAIN)
    frame = raw.frame.filter((pl.col("place") != "b") | (pl.col("kind") != "special"))
    with pytest.raises(DisclosureRefused, match="is not the sum of its parts"):
        protect_shares(CountTable("absence", frame, raw.group_columns))


# From all of 834 pupils less those of b, all of a missed at most 17 lessons: so did the four of its general school,
# though every row that holds them is withheld.
FAR = [
    ("a", "general", 4, 0), ("a", "special", 400, 0), ("a", "vocational", 400, 0),
    ("b", "general", 12, 165), ("b", "special", 12, 0), ("b", "vocational", 6, 0),
]  # fmt: skip


def test_a_small_group_does_not_follow_by_a_longer_way():
    made = told(protect_shares(table(FAR)))
    low, high = made["b", "all"][2] or 0, made["all", "all"][3] or 100
    assert high / 100 * 83_400 - low / 100 * 3_000 >= 100  # what is left for a: one pupil's lessons or more


@pytest.mark.parametrize(
    "rows",
    [
        # place, kind, pupils, of them with known lessons, lessons held, missed, most of one pupil
        [
            ("a", "general", 30, 20, 2_000, 7, 100),
            ("a", "special", 1, 0, 0, 0, 0),
            ("a", "vocational", 400, 295, 29_500, 1_087, 100),
        ],
        [
            ("a", "general", 400, 400, 12_000, 8_357, 30),
            ("a", "special", 3, 3, 300, 30, 100),
            ("a", "vocational", 12, 12, 360, 0, 30),
        ],
    ],
)
def test_where_lessons_cannot_be_guessed_by_pupils_cells_are_withheld_and_nothing_is_refused(rows: list[tuple]):
    raw = summed(pl.DataFrame(rows, ["place", "kind", *SUMMED, "most_lessons_held"], orient="row"))
    frame = protect_shares(raw).frame
    assert attack_shares(CountTable("absence", frame, ("place", "kind"))).is_empty()
    assert "rounded" in frame[f"{ILL}_status"]


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 100_000))
def test_what_is_told_holds_the_truth_and_of_the_small_at_least_what_one_pupil_can_miss(seed: int):
    chance, rows = np.random.default_rng(seed), []
    for place, kind in product("abcd", ("general", "special", "vocational")):
        pupils = int(chance.choice([0, 2, 8, 30, 400]))
        if pupils:
            rows.append(
                (place, kind, pupils, int(chance.choice([0, pupils * 100, chance.integers(0, pupils * 100 + 1)])))
            )
    if not rows:
        return
    raw = table(rows)
    made = protect_shares(raw)
    both = made.frame.join(raw.frame, on=["period", "place", "kind"], suffix="_raw")
    is_told = pl.col(f"{ILL}_status") == "rounded"
    shares = both.filter(is_told).with_columns(share=100 * pl.col(ILL) / pl.col(HELD))
    within = shares.filter(pl.col("share").is_between(pl.col(f"{ILL}_low") - 1e-6, pl.col(f"{ILL}_high") + 1e-6))
    assert within.height == shares.height
    assert shares.filter(pl.col("pupils") < 10).is_empty()
    assert attack_shares(CountTable("absence", made.frame, ("place", "kind"))).is_empty()
