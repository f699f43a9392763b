"""Find complete tables beside the true one that fit everything published: proof that counts can have other values.

Each program pushes many counts at once towards values that no table has shown yet: first those of the whole system;
then, after single cells have moved alone, region by region those that got in each other's way, and with some other
regions those that a sum of many regions holds back. What is found is not believed: `certificate` adds it up again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import Bounds, milp
from scipy.sparse import csr_array

from models.disclosure import alone
from models.disclosure.certificate import Knowledge, Witnesses, promised_values
from models.disclosure.grouping import Grouping
from models.disclosure.relations import Region, regions, together, whole
from models.disclosure.system import Ints, Sparse, System, row

SPAN = 31  # differences up to this far from the truth are told apart; no promise needs more
REACH = 5  # how far from the truth a program is asked to go
DIFFERENCES = np.arange(-REACH, REACH + 1)
TOGETHER, CROWD = 7, 30  # programs of the whole system; counts in a region of which one is asked for at a time
FRUITLESS = 12  # programs in a row that may find nothing
MIXED, BESIDE = 30, 4  # mixtures of regions in a row that may find nothing; regions beside that of the count that lacks
LINEAR = {"presolve": False, "time_limit": 120.0}  # presolve costs more than it saves here
WHOLE = {"mip_rel_gap": 0.01, "time_limit": 120.0}
TOLERANCE = 1e-6
SMALL = 500  # inner cells up to which a system is not parted
EVER = 10**6  # more pupils than any country has


@dataclass
class _Seen:
    """Values that the tables found so far show, as differences from the truth."""

    system: System
    known: Knowledge
    tables: list[Sparse] = field(default_factory=list)  # differences of inner cells (V, I)

    def __post_init__(self) -> None:
        self.low, self.high = (bound - self.system.cell_counts for bound in (self.known.low, self.known.high))
        self.values = np.full(self.low.shape, 1 << SPAN, dtype=np.int64)  # bit sets, no difference at bit SPAN
        self.promised = promised_values(self.system, self.known)

    def lacking(self) -> Ints:
        """Count the values that are promised of each count and that no table shows."""
        return np.maximum(self.promised - np.bitwise_count(self.values), 0)

    def add(self, inner: Ints) -> bool:
        """Take a table, if it is one."""
        cells, counts = self.system.totals(inner), self.system.counts + inner
        is_table = ((cells >= self.low) & (cells <= self.high)).all()
        if not is_table or any((counts[a] < counts[b]).any() for a, b in self.system.nested):
            return False
        self.tables.append(csr_array(inner))
        self.values |= np.left_shift(1, np.clip(cells, -SPAN, SPAN) + SPAN)
        return True

    def witnesses(self) -> Witnesses:
        """Return the tables found."""
        return Witnesses.of(self.tables, self.system.counts.shape)


class _Program:
    """Asks for tables that differ from the truth in one region."""

    def __init__(self, seen: _Seen, region: Region, seed: int) -> None:
        system = seen.system
        self.seen, self.region, self.chance = seen, region, np.random.default_rng(seed)
        self.grouping = Grouping(system, region)
        self.rules, self.inner = self.grouping.rules(), self.grouping.bounds()
        self.layout = self.grouping.layout
        is_told = system.is_published[:, region.cells]  # the others may hold what a group gives them
        self.low = np.where(is_told, seen.low[:, region.cells], -EVER)
        self.high = np.where(is_told, seen.high[:, region.cells], EVER)
        self.in_vain = np.zeros((*self.low.shape, len(DIFFERENCES)), dtype=np.int64)  # how often each was out of reach

    def _targets(self, lacking: Ints, share: float) -> Ints:
        """Choose for counts that lack values a difference not seen yet; 0 for the others.

        Those come first that were out of reach least often, and of them the nearest to the truth.
        """
        is_seen = (self.seen.values[:, self.region.cells, None] >> (DIFFERENCES + SPAN)) & 1
        is_open = (is_seen == 0) & (self.low[..., None] <= DIFFERENCES) & (self.high[..., None] >= DIFFERENCES)
        ease = -self.in_vain - 0.1 * np.abs(DIFFERENCES) + self.chance.random(is_open.shape)
        chosen = DIFFERENCES[np.where(is_open, ease, -np.inf).argmax(axis=-1)]
        turn = np.where((lacking > 0) & is_open.any(axis=-1), self.chance.random(lacking.shape), np.inf)
        last = np.sort(turn, axis=None)[min(turn.size, 1 + int(share * turn.size)) - 1]
        return np.where((turn <= last) & (turn < np.inf), chosen, 0)

    def _solved(self, weights: np.ndarray, cells: Bounds, inner: Bounds, is_whole: bool) -> np.ndarray | None:
        nothing = np.zeros(inner.lb.shape)
        found = milp(
            self.layout.flat(weights, nothing),
            integrality=np.minimum(self.layout.flat(np.zeros(weights.shape), nothing + is_whole), 1),
            bounds=Bounds(self.layout.flat(cells.lb, inner.lb), self.layout.flat(cells.ub, inner.ub)),
            constraints=self.rules,
            options=WHOLE if is_whole else LINEAR,
        )
        return None if found.x is None or not np.isfinite(found.x).all() else self.layout.apart(found.x)[1]

    def _taken(self, found: np.ndarray | None, targets: Ints) -> bool:
        """Add a solution as a table, and remember which targets it did not reach."""
        if found is None:
            return False
        inner = np.zeros(self.seen.system.counts.shape, dtype=np.int64)
        inner[:, self.region.inner] = self.grouping.spread(np.rint(found).astype(np.int64))
        if not self.seen.add(inner):
            return False
        reached = self.seen.system.totals(inner)[:, self.region.cells, None]
        beyond = np.where(targets[..., None] > 0, reached < DIFFERENCES, reached > DIFFERENCES)
        self.in_vain += beyond & (targets != 0)[..., None]
        return True

    def _nearby(self, found: np.ndarray) -> Bounds:
        """Leave open what is no whole number, and what shares a small cell with it; fix the rest."""
        system = self.seen.system
        is_broken = np.zeros(len(system.pupils), dtype=np.int64)
        is_broken[self.region.inner] = (np.abs(found - np.rint(found)) > TOLERANCE).any(axis=0)
        is_small = np.diff(system.members.indptr) <= CROWD
        is_touched = (system.members @ is_broken > 0) & is_small
        is_free = (system.cells_of_inner @ is_touched.astype(np.int64)) + is_broken > 0
        free, fixed = is_free[self.region.inner], np.rint(found)
        return Bounds(np.where(free, self.inner.lb, fixed), np.where(free, self.inner.ub, fixed))

    def run(self, share: float) -> bool:
        """Go from the truth towards targets, passing none; in whole numbers where the linear solution has none."""
        lacking = self.seen.lacking()[:, self.region.cells]
        targets = self._targets(lacking, share)
        weights = -np.sign(targets) * lacking * (0.5 + self.chance.exponential(size=targets.shape))
        cells = Bounds(
            np.where(targets < 0, np.maximum(targets, self.low), self.low),
            np.where(targets > 0, np.minimum(targets, self.high), self.high),
        )
        found = self._solved(weights, cells, self.inner, is_whole=False)
        if self._taken(found, targets):
            return True
        for inner in ([] if found is None else [self._nearby(found)]) + [self.inner]:
            if self._taken(self._solved(weights, cells, inner, is_whole=True), targets):
                return True
        return False


def _exhaust(program: _Program, share: float, most: int) -> None:
    """Run programs until nothing lacks in the region, or nothing more is found."""
    fruitless = 0
    for _ in range(most):
        before = program.seen.lacking()[:, program.region.cells].sum()
        if not before or fruitless == FRUITLESS:
            return
        program.run(share)
        fruitless = 0 if program.seen.lacking()[:, program.region.cells].sum() < before else fruitless + 1


def _exhaust_mixed(seen: _Seen, parted: list[Region]) -> None:
    """Take some regions together for each count that still lacks a value: what one counts more, another counts less."""
    chance, system = np.random.default_rng(0), seen.system
    number = np.empty(len(system.pupils), dtype=np.int64)
    for n, region in enumerate(parted):
        number[region.inner] = n
    fruitless, seed = 0, 0
    while fruitless < MIXED and (lacking := np.flatnonzero(seen.lacking().any(axis=0))).size:
        before, seed = seen.lacking().sum(), seed + 1
        own = number[chance.choice(row(system.members, int(chance.choice(lacking))))]
        others = chance.choice(len(parted), min(BESIDE, len(parted)), replace=False)
        _exhaust(_Program(seen, together([parted[n] for n in {int(own), *map(int, others)}]), seed), 1 / CROWD, 2)
        fruitless = 0 if seen.lacking().sum() < before else fruitless + 1


def find(system: System, known: Knowledge, start: Iterable[Ints] = ()) -> Witnesses:
    """Search for as many values of each count as are promised; what is not found is not certified.

    start: tables (V, I) that are known already.
    """
    seen = _Seen(system, known)
    for table in start:
        seen.add(table)
    if not seen.lacking().any():
        return seen.witnesses()
    _exhaust(_Program(seen, whole(system), 0), 1.0, TOGETHER)
    for table in alone.tables(system, seen.low, seen.high, seen.lacking(), seen.values, SPAN):
        seen.add(table)
    parted = regions(system) if len(system.pupils) > SMALL else []
    for number, region in enumerate(parted):
        if seen.lacking()[:, region.cells].any():
            _exhaust(_Program(seen, region, number), 1 / CROWD, 200)
    if len(parted) > 1:
        _exhaust_mixed(seen, parted)
    _exhaust(_Program(seen, whole(system), 1), 1 / CROWD, 100)
    return seen.witnesses()
