"""Controlled rounding: every published count becomes a neighbouring multiple of 5, and all sums still hold.

A count that a reader has seen stays as it was published as long as it is the same count (sticky), so that two releases
never narrow it; one that was corrected keeps its published value where that is still a neighbour.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp
from scipy.sparse import block_array, csr_array, eye_array, hstack, vstack

from models.disclosure.parameters import DisclosureRefused
from models.disclosure.relations import Layout, layout, sums
from models.disclosure.system import Flags, Ints, Sparse, System

NOT_YET = -1  # a cell that no release has shown
CHANGE_COSTS = 100.0  # a corrected count changes its published value only where a sum needs it
MIP = {"mip_rel_gap": 0.01, "time_limit": 120.0}


@dataclass(frozen=True)
class Rounded:
    """Published values of a system, and how far each may be from its count."""

    values: Ints  # (V, C) multiples of the base; 0 where nothing is published
    max_error: int  # greatest distance that a reader is told of: base - 1 unless sums could not hold so


@dataclass(frozen=True)
class Earlier:
    """What readers have seen of the same counts."""

    values: Ints  # (V, C) last published; NOT_YET where none was
    is_same: Flags  # (V, C) whether the count is still the one that was published
    low: Ints  # (V, C) what was said of it then, where it is still the same
    high: Ints

    @property
    def is_kept(self) -> Flags:
        """Tell the counts whose published value must stay."""
        return self.is_same & (self.values != NOT_YET)


def nothing_seen(system: System) -> Earlier:
    """Return what readers of a first release have seen."""
    shape = system.is_rounded.shape
    return Earlier(np.full(shape, NOT_YET), np.zeros(shape, dtype=bool), np.zeros(shape, int), system.cell_sizes)


def _neighbours(system: System, steps: int) -> tuple[Ints, Ints]:
    """Return the lowest and highest multiple that each cell may take, in units of the base."""
    counts, sizes, base = system.cell_counts, system.cell_sizes, system.base
    low, high = np.maximum(counts // base - steps, 0), np.minimum(-(-counts // base) + steps, sizes // base)
    return np.where(system.is_rounded, low, 0), np.where(system.is_rounded, high, -(-sizes // base))


def _in_order(system: System, of: Layout, larger: int, smaller: int) -> Sparse:
    """Return `larger - smaller` for all cells that show both."""
    both = np.flatnonzero(system.is_rounded[larger] & system.is_rounded[smaller])
    places = np.tile(np.arange(len(both)), 2), np.concatenate([of.of_cells[larger, both], of.of_cells[smaller, both]])
    return csr_array((np.repeat([1.0, -1.0], len(both)), places), shape=(len(both), of.size))


@dataclass(frozen=True)
class _Program:
    """A mixed-integer program: what it minimises, within what; cells first, as `layout` has them."""

    weights: np.ndarray
    rows: Sparse
    least: np.ndarray
    most: np.ndarray


def _program(system: System, weights: np.ndarray) -> _Program:
    """Let cells be sums and nested counts keep their order."""
    of = layout(system)
    cells = sums(system)
    rows: Sparse = vstack([cells, *(_in_order(system, of, a, b) for a, b in system.nested)], format="csr")
    most = np.where(np.arange(rows.shape[0]) < cells.shape[0], 0.0, np.inf)
    return _Program(of.flat(weights, np.zeros(system.sizes.shape)), rows, np.zeros(rows.shape[0]), most)


def _with_distances(system: System, aim: np.ndarray, weights: np.ndarray) -> _Program:
    """Add a variable for the distance of each cell from its aim: at least `aim - value` and `value - aim`."""
    of, base = layout(system), _program(system, np.zeros(aim.shape))
    has_one = of.of_cells >= 0
    cells, aim, weights = of.of_cells[has_one], aim[has_one], weights[has_one]
    count = len(cells)
    values = csr_array((np.ones(count), (np.arange(count), cells)), shape=(count, base.rows.shape[1]))
    distances = block_array([[-values, eye_array(count)], [values, eye_array(count)]])
    return _Program(
        np.concatenate([base.weights, weights]),
        vstack([hstack([base.rows, csr_array((base.rows.shape[0], count))]), distances], format="csr"),
        np.concatenate([base.least, -aim, aim]),
        np.concatenate([base.most, np.full(2 * count, np.inf)]),
    )


def _solved(system: System, low: Ints, high: Ints, earlier: Earlier, wished: np.ndarray) -> OptimizeResult:
    """Stay near what readers have seen, and near what is wished for where they have seen nothing."""
    of, none = layout(system), np.zeros(system.sizes.shape)
    was_seen = earlier.values != NOT_YET
    aim = np.where(was_seen, earlier.values, wished) / system.base
    weights = np.where(was_seen, CHANGE_COSTS, 1.0) * system.is_rounded
    if (high - low)[system.is_rounded].max(initial=0) <= 1:  # of two values, one price says which is nearer
        program = _program(system, weights * (np.abs(low + 1 - aim) - np.abs(low - aim)))
    else:
        program = _with_distances(system, aim, weights)
    more = np.zeros(len(program.weights) - of.size)
    return milp(
        program.weights,
        integrality=np.concatenate([of.flat(system.is_rounded & (low < high), none), more]),
        bounds=Bounds(
            np.concatenate([of.flat(low, none), more]),
            np.concatenate([of.flat(high, -(-system.sizes // system.base)), more + np.inf]),
        ),
        constraints=LinearConstraint(program.rows, program.least, program.most),
        options=MIP,
    )


def _kept(system: System, earlier: Earlier, low: Ints, high: Ints) -> tuple[Ints, Ints]:
    """Fix the counts that were published and not corrected."""
    is_kept = earlier.is_kept & system.is_rounded
    seen = earlier.values // system.base
    return np.where(is_kept, seen, low), np.where(is_kept, seen, high)


def is_additive(system: System, values: Ints) -> bool:
    """Tell whether every cell is the sum of cells that divide it, where all of them are published."""
    for column, level in enumerate(system.levels):
        is_shown, shown = system.is_rounded[column, level.cells], values[column, level.cells]
        for cell, (parts, inner) in enumerate(level.parts):
            is_divided = is_shown[cell] and len(inner) == 0 and is_shown[parts].all()
            if is_divided and shown[cell] != shown[parts].sum():
                return False
    return True


def _attempt(system: System, earlier: Earlier, wished: np.ndarray, least: Ints, steps: int) -> Rounded | None:
    low, high = _neighbours(system, steps)
    low, high = _kept(system, earlier, np.clip(least // system.base, low, high), high)
    solved = _solved(system, low, high, earlier, wished)
    if solved.status != 0 or not np.isfinite(solved.x).all():
        return None
    of = layout(system)
    units = np.rint(of.apart(solved.x[: of.size])[0]).astype(np.int64)
    made = Rounded(np.where(system.is_rounded, units * system.base, 0), system.base * (steps + 1) - 1)
    return made if is_additive(system, made.values) and _holds(system, earlier, made) else None


def _without_sums(system: System, earlier: Earlier, least: Ints) -> Rounded:
    """Round each corrected count for itself: as readers have seen it where that is still a neighbour, else nearest."""
    low, high = _neighbours(system, 0)
    low = np.clip(least // system.base, low, high)
    nearest = np.clip((2 * system.cell_counts + system.base) // (2 * system.base), low, high)
    seen = earlier.values // system.base
    units = np.where((earlier.values != NOT_YET) & (low <= seen) & (seen <= high), seen, nearest)
    units = _kept(system, earlier, units, units)[0]
    return Rounded(np.where(system.is_rounded, units * system.base, 0), system.base - 1)


def round_counts(
    system: System, earlier: Earlier, wished: np.ndarray | None = None, least: Ints | None = None
) -> Rounded:
    """Round all cells of a system at once, or raise DisclosureRefused.

    wished: (V, C) what each count is to be near to; itself unless given.
    least: (V, C) what a count that may change is to be told as at least, as far as its neighbours allow.

    Tried first with neighbouring multiples. Where corrections beside counts that must stay leave no such table, one and
    two multiples further, and the greatest error that readers are told of grows with it; at last without the sums.
    """
    wished = system.cell_counts if wished is None else wished
    least = np.zeros_like(system.cell_counts) if least is None else least
    is_open = (system.is_rounded & ~earlier.is_kept).any()
    for steps in range(3 if is_open else 0):
        if (made := _attempt(system, earlier, wished, least, steps)) is not None:
            return made
    made = _without_sums(system, earlier, least)
    if not _holds(system, earlier, made):
        raise DisclosureRefused("of all", system.columns[0], f"no rounding of {system.period} fits what was published")
    return made


def _holds(system: System, earlier: Earlier, made: Rounded) -> bool:
    """Check a solution by whole numbers alone: solvers have been wrong."""
    values, counts = made.values, system.cell_counts
    as_seen = (values == earlier.values) & (counts >= earlier.low) & (counts <= earlier.high)
    anew = (np.abs(values - counts) <= made.max_error) & (values >= 0) & (values <= system.cell_sizes)
    return bool((np.where(earlier.is_kept, as_seen, anew) | ~system.is_rounded).all())
