"""Counts told as they are, and as few as possible withheld: for a table that is published once and never again.

A count may be told as it is where at least 5 pupils are counted and at least 5 are not. Elimination hides what would
add up to a count that may not be told; then, for each withheld count that still has too few values, the cheapest table
with another value is searched, and whatever would have to change for it is withheld as well. In small tables an integer
program says how few would do.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack, vstack

from models.disclosure.certificate import Knowledge, Witnesses, is_certified, promised_values
from models.disclosure.elimination import preference, told_exactly
from models.disclosure.grouping import Grouping
from models.disclosure.optimum import fewest
from models.disclosure.parameters import DisclosureRefused
from models.disclosure.relations import whole
from models.disclosure.system import Flags, Ints, System
from models.disclosure.witness import find

SMALL = 100  # counts up to which each withheld one is tried whether it can be told after all
WHOLE = {"mip_rel_gap": 0.01, "time_limit": 30.0}


@dataclass(frozen=True)
class Withheld:
    """Which counts are told as they are, and the proof that the others cannot be worked out."""

    is_told: Flags  # (V, C)
    known: Knowledge
    witnesses: Witnesses
    at_least: float | None  # how many counts any pattern withholds, where that is known


def must_hide(system: System) -> Flags:
    """Tell the counts that may not be told as they are: fewer than 5 pupils in, or fewer than 5 out."""
    counts, sizes = system.cell_counts, system.cell_sizes
    has_data = system.is_published & (sizes > 0)
    return has_data & ((counts < system.base) | (sizes - counts < system.base))


def knowledge(system: System, is_told: Flags) -> Knowledge:
    """Return what readers know: of a count that is told everything, of others that it lies within its pupils."""
    low, high = np.where(is_told, system.cell_counts, 0), np.where(is_told, system.cell_counts, system.cell_sizes)
    return Knowledge(low, high, is_told)


def _eliminated(system: System) -> Flags:
    """Tell by elimination what can be told: (V, C)."""
    told, hidden = np.zeros(system.is_published.shape, dtype=bool), must_hide(system)
    for column in range(len(system.columns)):
        cells = np.flatnonzero(system.is_published[column])
        members, counts = system.members[cells], system.cell_counts[column, cells]
        told[column, cells] = told_exactly(members, hidden[column, cells], preference(members, counts))
    return told


class _Moves:
    """Searches the cheapest table in which a count has another value."""

    def __init__(self, system: System) -> None:
        self.system, self.grouping = system, Grouping(system, whole(system))
        self.of, rules = self.grouping.layout, self.grouping.rules()
        self.cells = self.of.of_cells[self.of.of_cells >= 0]
        count = len(self.cells)
        picked = csr_array((np.ones(count), (np.arange(count), self.cells)), shape=(count, self.of.size))
        distances = vstack([hstack([-picked, eye_array(count)]), hstack([picked, eye_array(count)])])
        rows = hstack([rules.A, csr_array((rules.A.shape[0], count))])
        self.rules = LinearConstraint(
            vstack([rows, distances], format="csr"),
            np.concatenate([rules.lb, np.zeros(2 * count)]),
            np.concatenate([rules.ub, np.full(2 * count, np.inf)]),
        )
        self.inner = self.grouping.bounds()

    def cheapest(self, is_told: Flags, column: int, cell: int, difference: int) -> Ints | None:
        """Return differences of inner cells (V, I) that give a count this difference and change told ones least."""
        system = self.system
        low, high = -system.cell_counts.astype(float), (system.cell_sizes - system.cell_counts).astype(float)
        low[column, cell] = high[column, cell] = difference
        weights = np.where(is_told, 1 + 1 / (1 + system.cell_counts), 1e-6)  # of two as good ones, the smaller counts
        nothing, more = np.zeros_like(self.inner.lb), np.zeros(len(self.cells))
        found = milp(
            np.concatenate([np.zeros(self.of.size), self.of.flat(weights, nothing)[self.cells]]),
            integrality=np.concatenate([np.minimum(self.of.flat(np.zeros(low.shape), nothing + 1), 1), more]),
            bounds=Bounds(
                np.concatenate([self.of.flat(low, self.inner.lb), more]),
                np.concatenate([self.of.flat(high, self.inner.ub), more + np.inf]),
            ),
            constraints=self.rules,
            options=WHOLE,
        )
        if found.x is None or not np.isfinite(found.x).all():
            return None
        return self.grouping.spread(np.rint(self.of.apart(found.x[: self.of.size])[1]).astype(np.int64))


def _differences(system: System, column: int, cell: int, seen: Ints) -> list[int]:
    """List the values that a count could have besides those seen, as differences from it, the nearest first."""
    count, size = int(system.cell_counts[column, cell]), int(system.cell_sizes[column, cell])
    found = [d for d in range(-min(count, system.promised), min(size - count, system.promised) + 1) if d not in seen]
    return sorted(found, key=lambda d: (abs(d), -d))


def _widened(system: System, moves: _Moves, is_told: Flags, tables: list[Ints], column: int, cell: int) -> None:
    """Withhold, in `is_told`, what a count needs to have enough values; add the tables that show them to `tables`."""
    promised = promised_values(system, knowledge(system, is_told))[column, cell]
    shown = {0, *(int(system.totals(table)[column, cell]) for table in tables)}
    for difference in _differences(system, column, cell, np.array(sorted(shown))):
        if len(shown) >= promised:
            return
        table = moves.cheapest(is_told, column, cell, difference)
        if table is not None and system.totals(table)[column, cell] == difference:
            tables.append(table)
            shown.add(difference)
            is_told &= system.totals(table) == 0


def _cautious(system: System, is_told: Flags) -> tuple[Flags, Witnesses]:
    """Withhold more until every withheld count is certified."""
    moves, tables = _Moves(system), []
    while True:
        known = knowledge(system, is_told)
        witnesses = find(system, known, tables)
        lacking = np.argwhere(~is_certified(system, known, witnesses))
        if not len(lacking):
            return is_told, witnesses
        before = is_told.copy()
        tables = list(witnesses.differences)
        for column, cell in lacking:
            _widened(system, moves, is_told, tables, int(column), int(cell))
        if (before == is_told).all():
            column = system.columns[lacking[0][0]]
            raise DisclosureRefused("of all", column, f"{len(lacking)} counts of {system.period} cannot be certified")


def _generous(system: System, is_told: Flags, witnesses: Witnesses) -> tuple[Flags, Witnesses]:
    """Tell after all what can be told, those that matter most first."""
    hidden = must_hide(system)
    for column in range(len(system.columns)):
        for cell in preference(system.members, system.cell_counts[column]).tolist():
            if is_told[column, cell] or hidden[column, cell] or not system.is_published[column, cell]:
                continue
            tried = is_told.copy()
            tried[column, cell] = True
            known = knowledge(system, tried)
            left = [table for table in witnesses.differences if system.totals(table)[column, cell] == 0]
            found = Witnesses.of(left, system.counts.shape)
            if not is_certified(system, known, found).all():
                found = find(system, known, left)
            if is_certified(system, known, found).all():
                is_told, witnesses = tried, found
    return is_told, witnesses


def _fewest(system: System) -> tuple[Flags, Witnesses, float] | None:
    """Start from the fewest counts that any pattern withholds, where that can be found."""
    optimum = fewest(system, must_hide(system))
    if optimum is None:
        return None
    return *_cautious(system, optimum.is_told), optimum.at_least


def withhold(system: System) -> Withheld:
    """Choose which counts are told as they are; DisclosureRefused where those withheld cannot be certified."""
    is_told, witnesses = _cautious(system, _eliminated(system))
    at_least = None
    if (found := _fewest(system)) is not None:
        at_least = found[2]
        if found[0].sum() > is_told.sum():
            is_told, witnesses = found[:2]
    elif int((system.is_published & ~is_told).sum()) <= SMALL:
        is_told, witnesses = _generous(system, is_told, witnesses)
    return Withheld(is_told, knowledge(system, is_told), witnesses, at_least)
