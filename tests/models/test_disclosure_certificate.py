import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.disclosure import alone
from models.disclosure.bounds import narrowed
from models.disclosure.certificate import Knowledge, Witnesses, is_certified, possible_values, promised_values
from models.disclosure.rounding import nothing_seen, round_counts
from models.disclosure.system import System
from models.disclosure.witness import find
from tests.models.disclosure_world import COUNTS, NESTED, all_tables, knowledge, system_of, table, tables, tiny, world

DESIGN = [["place"], ["school"], ["place", "sex"], ["sex"], []]


def tiny_system(inner: pl.DataFrame) -> System:
    return system_of(inner, [table(inner, "all", ["place", "school", "sex"], DESIGN, ["pupils_a"])])


def values_of(found: np.ndarray) -> np.ndarray:
    """Count the values that each cell takes in all tables."""
    return 1 + (np.diff(np.sort(found, axis=0), axis=0) != 0).sum(axis=0)


@settings(deadline=None)
@given(tiny())
def test_rounding_leaves_five_values_and_the_certificate_says_no_more_than_trying_all_tables(inner: pl.DataFrame):
    system = tiny_system(inner)
    known = knowledge(system, round_counts(system, nothing_seen(system)))
    every = values_of(all_tables(system, known))
    witnesses = find(system, known)
    assert (possible_values(system, known, witnesses) <= every).all()
    assert (is_certified(system, known, witnesses) == (every >= promised_values(system, known))).all()


@settings(deadline=None)
@given(tiny(), st.data())
def test_what_trying_all_tables_refutes_is_never_certified(inner: pl.DataFrame, data: st.DataObject):
    """Publish some counts as they are: the certificate may fail, and never says more than enumeration."""
    system = tiny_system(inner)
    known = knowledge(system, round_counts(system, nothing_seen(system)))
    is_exact = np.array(data.draw(st.lists(st.booleans(), min_size=known.low.size, max_size=known.low.size)))
    is_exact = is_exact.reshape(known.low.shape)
    known = Knowledge(
        np.where(is_exact, system.cell_counts, known.low), np.where(is_exact, system.cell_counts, known.high)
    )
    found = all_tables(system, known)
    witnesses = find(system, known)
    assert (possible_values(system, known, witnesses) <= values_of(found)).all()
    outside = narrowed(system, known)
    assert (outside.low <= np.min(found, axis=0)).all()
    assert (outside.high >= np.max(found, axis=0)).all()


def test_a_number_taken_out_of_rounding_is_not_certified():
    inner = world(3)
    system = system_of(inner, tables(inner))
    known = knowledge(system, round_counts(system, nothing_seen(system)))
    assert is_certified(system, known, find(system, known)).all()
    for cell in range(0, known.low.shape[1], 7):
        low, high = known.low.copy(), known.high.copy()
        low[0, cell] = high[0, cell] = system.cell_counts[0, cell]
        exact = Knowledge(low, high)
        assert not is_certified(system, exact, find(system, exact))[0, cell]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_every_count_of_nested_columns_is_certified(seed: int):
    inner = world(seed, counts=3)
    system = system_of(inner, tables(inner, others=COUNTS[1:]), NESTED)
    known = knowledge(system, round_counts(system, nothing_seen(system)))
    assert is_certified(system, known, find(system, known)).all()


@pytest.mark.parametrize("few", [0, 1, 7])
def test_where_hardly_anybody_is_counted_every_count_is_certified(few: int):
    """Forty places and nobody, or seven pupils in all: a whole country has room for four more, one place at a time."""
    rows = [("2026-05", f"p{i:02}", f"s{i:02}{j}", 300, 100, int(2 * i + j < few)) for i in range(40) for j in range(2)]
    inner = pl.DataFrame(rows, schema=["period", "place", "school", "pupils", *COUNTS[:2]], orient="row")
    raw = [
        table(inner, "country", [], [[]], COUNTS[:2]),
        table(inner, "place", ["place"], [["place"]], COUNTS[:2]),
        table(inner, "school", ["school"], [["school"]], COUNTS[:2]),
    ]
    system = system_of(inner, raw, NESTED[:1])
    known = knowledge(system, round_counts(system, nothing_seen(system)))
    assert is_certified(system, known, find(system, known)).all()


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_single_cells_that_move_alone_make_tables(seed: int):
    inner = world(seed, counts=3)
    system = system_of(inner, tables(inner, others=COUNTS[1:]), NESTED)
    known = knowledge(system, round_counts(system, nothing_seen(system)))
    low, high = known.low - system.cell_counts, known.high - system.cell_counts
    nothing = np.full(low.shape, 1 << 31)
    made = list(alone.tables(system, low, high, promised_values(system, known) - 1, nothing, 31))
    found = Witnesses.of(made, low.shape[:1] + system.pupils.shape)
    one_by_one = [possible_values(system, known, Witnesses.of([table], table.shape)) for table in found.differences]
    assert all((values > 1).any() for values in one_by_one)
    assert (np.abs(found.differences).astype(bool).sum(axis=(1, 2)) == 1).all()  # nested columns: one moves at a time


def test_a_witness_that_is_no_table_counts_for_nothing():
    inner = world(5, counts=2)
    system = system_of(inner, tables(inner, others=("pupils_b",)), NESTED[:1])
    known = knowledge(system, round_counts(system, nothing_seen(system)))
    alone = possible_values(system, known, Witnesses.of([], system.counts.shape))
    assert (alone == 1).all()
    beyond_pupils = system.sizes + 1 - system.counts
    below_nobody = -system.counts - 1
    not_nested = np.stack([0 * system.counts[0], system.counts[0] - system.counts[1] + 1])
    too_many = np.stack([system.sizes[0] - system.counts[0], 0 * system.counts[0]])
    for broken in (beyond_pupils, below_nobody, not_nested, too_many):
        assert (possible_values(system, known, Witnesses.of([broken], broken.shape)) == 1).all()


def test_truth_outside_of_what_was_published_certifies_nothing():
    inner = world(5)
    system = system_of(inner, tables(inner))
    wrong = Knowledge(system.cell_counts + 1, system.cell_sizes)
    assert not is_certified(system, wrong, find(system, wrong)).any()


def test_witnesses_are_named_by_their_content():
    one, other, longer = (Witnesses.of(tables, (1, 2)) for tables in ([[[0, 1]]], [[[1, 0]]], [[[0, 1]], [[0, 0]]]))
    twice = Witnesses.of([np.array([[0, 1]])], (1, 2))
    names = [found.digest(b"key") for found in (one, other, longer, Witnesses.of([[[0, 1], [0, 0]]], (2, 2)))]
    assert len(set(names)) == 4
    assert one.digest(b"key") == twice.digest(b"key") != one.digest(b"another key")
    assert {len(name) for name in names} == {64}
    assert longer.differences.tolist() == [[[0, 1]], [[0, 0]]]


@pytest.mark.parametrize("seed", range(5))
def test_the_search_is_the_same_each_time(seed: int):
    inner = world(seed, counts=2)
    system = system_of(inner, tables(inner, others=("pupils_b",)), NESTED[:1])
    known = knowledge(system, round_counts(system, nothing_seen(system)))
    assert find(system, known).digest(b"") == find(system, known).digest(b"")
