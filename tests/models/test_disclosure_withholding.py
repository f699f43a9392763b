"""Counts told as they are: patterns of a reference implementation, the textbook trap, certificates, and the optimum."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from models import disclosure
from models.disclosure import DisclosureRefused, attack, summary
from models.disclosure.certificate import Witnesses, is_certified, possible_values, promised_values
from models.disclosure.elimination import preference, told_exactly
from models.disclosure.optimum import fewest
from models.disclosure.withholding import knowledge, must_hide, withhold
from models.disclosure.witness import find
from tests.models.disclosure_world import (
    SECRET,
    all_tables,
    crossing,
    grid,
    is_bridged,
    placed,
    places,
    system_of,
    table,
    tables,
    tiny,
    world,
)  # fmt: skip
from tests.public_data import public_data

Row = dict[str, str]


def hidden_by_elimination(members: list[list[int]], counts: list[int], must: list[int]) -> list[int]:
    hidden = np.isin(np.arange(len(counts)), must)
    told = told_exactly(
        csr_array(np.array(members)), hidden, preference(csr_array(np.array(members)), np.array(counts))
    )
    return np.flatnonzero(~told).tolist()


def crossed(*ways: tuple[str, tuple[str, ...]]) -> Callable[[Row, Row], bool]:
    """Tell whether a row lies in a cell: each way is a column of the cell and those of the row that it can name."""
    return lambda cell, row: all(cell[name] in {"Total", *(row[of] for of in columns)} for name, columns in ways)


@pytest.mark.parametrize(
    ("expected", "data", "count", "lies_in"),
    [
        ("z1_maxN3", "z1", "ant", crossed(("region", ("region",)), ("hovedint", ("hovedint",)))),
        ("z1_maxN3_nozeros", "z1", "ant", crossed(("region", ("region",)), ("hovedint", ("hovedint",)))),
        ("z2_maxN4", "z2", "ant", crossed(("region", ("region", "fylke", "kostragr")), ("hovedint", ("hovedint",)))),
        (
            "d2_linked_maxN4", "d2", "freq",
            crossed(("region", ("region", "county", "k_group")), ("main_income", ("main_income",))),
        ),
        ("example1_maxN2", "example1", "freq", crossed(("age", ("age",)), ("geo", ("geo", "eu")), ("year", ("year",)))),
    ],
)  # fmt: skip
def test_elimination_makes_the_patterns_of_the_reference(
    expected: str, data: str, count: str, lies_in: Callable[[Row, Row], bool]
):
    """GaussSuppression of Statistics Norway, frequency tables with hierarchies, linked ones, and zeros."""
    folder = public_data("sdc")
    wanted = pl.read_csv(folder / f"expected_{expected}.csv", infer_schema=False)
    rows = pl.read_csv(folder / f"ssb_{data}.csv", infer_schema=False).to_dicts()
    members = [[int(lies_in(cell, row)) for row in rows] for cell in wanted.to_dicts()]
    must = np.flatnonzero((wanted["primary"] == "TRUE").to_numpy()).tolist()
    hidden = hidden_by_elimination(members, wanted[count].cast(pl.Int64).to_list(), must)
    assert hidden == np.flatnonzero((wanted["suppressed"] == "TRUE").to_numpy()).tolist()


def test_two_withheld_in_each_line_are_not_enough():
    counts = [[3, 12, 9, 8], [11, 4, 2, 9], [10, 9, 12, 3], [9, 8, 4, 11]]
    inner = grid(counts)
    system, cells = placed(inner, [crossing(inner)])
    is_told = np.ones_like(system.is_published)
    for (_, school, grade), cell in cells.items():
        is_told[0, cell] = not is_bridged(school, grade)
    known = knowledge(system, is_told)
    proven = is_certified(system, known, find(system, known))
    assert np.flatnonzero(~proven[0]).tolist() == [cells["cross", "s1", "2"]]
    made = withhold(system)
    assert is_certified(system, made.known, made.witnesses).all()
    assert (made.is_told & must_hide(system)).sum() == 0


def test_the_rule_hides_few_in_and_few_out():
    raw = places([("a", 50, 4), ("b", 50, 5), ("c", 50, 45), ("d", 50, 46), ("e", 0, 0), ("f", 3, 1)])
    system = system_of(raw.frame, [raw])
    assert must_hide(system).tolist() == [[True, False, False, True, False, True]]


@settings(deadline=None, max_examples=40)
@given(tiny())
def test_what_is_withheld_keeps_five_values_by_enumeration(inner: pl.DataFrame):
    """All tables of small countries are tried: the certificate never claims a value that none of them has."""
    system = system_of(inner, tables(inner))
    try:
        made = withhold(system)
    except DisclosureRefused:
        return
    every = all_tables(system, made.known)
    values = np.array([[len(np.unique(every[:, v, c])) for c in range(every.shape[2])] for v in range(every.shape[1])])
    assert (possible_values(system, made.known, made.witnesses) <= values).all()
    assert (values >= promised_values(system, made.known)).all()
    assert (values[made.is_told & system.is_published] == 1).all()


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10_000), st.data())
def test_a_withheld_count_told_after_all_is_not_certified_or_still_safe(seed: int, data: st.DataObject):
    inner = world(seed, places=2, schools=3, grades=2, size=12)
    system = system_of(inner, [crossing(inner)])
    made = withhold(system)
    hidden = np.argwhere(system.is_published & ~made.is_told)
    if not len(hidden):
        return
    column, cell = hidden[data.draw(st.integers(0, len(hidden) - 1))]
    is_told = made.is_told.copy()
    is_told[column, cell] = True
    known = knowledge(system, is_told)
    proven = is_certified(system, known, find(system, known))
    if must_hide(system)[column, cell]:
        assert not proven[column, cell]
    if proven.all():  # then no fewer than the optimum: it withheld one too many
        optimum = fewest(system, must_hide(system))
        assert optimum is None or (~made.is_told).sum() <= 1.05 * optimum.at_least


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10_000))
def test_small_tables_withhold_no_more_than_they_must(seed: int):
    inner = world(seed, places=2, schools=3, grades=2, size=12)
    system = system_of(inner, [crossing(inner)])
    made = withhold(system)
    assert made.at_least is not None
    assert int((system.is_published & ~made.is_told).sum()) <= 1.05 * made.at_least + 0.01


def test_witnesses_that_break_what_is_told_count_for_nothing():
    inner = grid([[12, 3], [9, 14]])
    system = system_of(inner, [crossing(inner)])
    made = withhold(system)
    broken = Witnesses.of([*made.witnesses.differences + 1], system.counts.shape)
    assert (possible_values(system, made.known, broken) == 1).all()


def test_tables_leave_with_what_is_told_and_what_is_withheld():
    inner = world(1, size=20)
    raw = tables(inner)
    made = disclosure.protect_exactly(raw, inner, secret=SECRET)
    by_name = {one.name: one for one in made}
    for published in raw:
        joined = by_name[published.name].frame.join(published.frame, on=["period", *published.group_columns])
        shown = joined.filter(pl.col("pupils_a_status") == "shown")
        assert shown["pupils_a"].equals(shown["pupils_a_right"])
        assert (shown["pupils_a"].is_between(5, shown["pupils"] - 5)).all()
        hidden = joined.filter(pl.col("pupils_a_status") == "withheld")
        assert hidden["pupils_a"].null_count() == hidden.height
        assert hidden.select("pupils_a_low", "pupils_a_high").rows() == [(0, n) for n in hidden["pupils"]]
    assert summary(attack(made, inner))["too_narrow"] == 0
    terms = made[0].protection
    assert terms["method"] == "withholding"
    assert 0 < terms["must_withhold_at_least"] <= terms["withheld"]
    statuses = [frame[c] for frame in (one.frame for one in made) for c in frame.columns if c.endswith("_status")]
    assert 0 < terms["withheld"] <= sum(int((status == "withheld").sum()) for status in statuses)


def test_the_attack_notices_a_count_that_was_told_and_should_not_have_been():
    inner = grid([[12, 3], [9, 14]])
    (made,) = disclosure.protect_exactly([crossing(inner)], inner, secret=SECRET)
    small = (pl.col("school") == "s0") & (pl.col("grade") == "1")
    told = {"pupils_a": 3, "pupils_a_low": 3, "pupils_a_high": 3, "pupils_a_status": "shown"}
    changed = made.frame.with_columns(pl.when(small).then(pl.lit(to)).otherwise(c).alias(c) for c, to in told.items())
    found = attack([replace(crossing(inner), frame=changed)], inner)
    assert found.filter("is_too_narrow").height > 0


def test_a_remainder_that_no_table_shows_is_not_told_by_those_beside_it():
    """Two of three places stand in a table, the country in another: the third place would be what is left, 2 of 2."""
    rows = [("p", 50, 20), ("q", 60, 25), ("r", 2, 2)]
    inner = pl.DataFrame(rows, ["place", "pupils", "pupils_a"], orient="row").with_columns(period=pl.lit("2026-05"))
    country = table(inner, "country", [], [[]], ["pupils_a"])
    place = table(inner.filter(pl.col("place") != "r"), "place", ["place"], [["place"]], ["pupils_a"])
    with pytest.raises(DisclosureRefused, match="table country, column pupils_a: others do not divide it wholly"):
        disclosure.protect_exactly([country, place], inner, secret=SECRET)
