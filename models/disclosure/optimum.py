"""The fewest counts that must be withheld, by one integer program: for tables small enough to be solved.

For each count there are two tables that agree with everything told and lie, where it is withheld, at least four pupils
apart in it. Whether the values between can be reached in whole numbers, the certificate says.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp
from scipy.sparse import block_diag, csr_array, hstack, vstack

from models.disclosure.grouping import Grouping
from models.disclosure.relations import Layout, whole
from models.disclosure.system import Flags, Ints, Sparse, System

SMALL = 40_000  # unknowns up to which the program is tried


@dataclass(frozen=True)
class Optimum:
    """A pattern, and how few withheld counts any pattern needs at least."""

    is_told: Flags  # (V, C)
    at_least: float


def _marks(places: Ints, width: int, values: np.ndarray) -> Sparse:
    return csr_array((values, (np.arange(len(places)), places)), shape=(len(places), width))


def _apart(system: System, of: Layout, count: Ints, number: int, counts: int) -> Sparse:
    """Return `one table - the other - what is promised x withheld` for a count."""
    place, width = of.of_cells[tuple(count)], of.size
    need = min(system.promised - 1, int(system.cell_sizes[tuple(count)]))
    at = np.array([number, counts + 2 * number * width + place, counts + (2 * number + 1) * width + place])
    return csr_array(([-float(need), 1.0, -1.0], ([0, 0, 0], at)), shape=(1, counts * (1 + 2 * width)))


def _solved(system: System, must_hide: Flags, seconds: float) -> tuple[OptimizeResult, Ints] | None:
    grouping = Grouping(system, whole(system))
    of, rules, inner = grouping.layout, grouping.rules(), grouping.bounds()
    asked = np.argwhere(system.is_published & (system.cell_sizes > 0))
    counts, width = len(asked), of.size
    if not counts or 2 * counts * width > SMALL:
        return None
    room_up = (system.cell_sizes - system.cell_counts).astype(float)
    room_down = system.cell_counts.astype(float)
    places = of.of_cells[asked[:, 0], asked[:, 1]]
    up, down = (room[asked[:, 0], asked[:, 1]] for room in (room_up, room_down))
    told = np.arange(counts)
    limits, blocks = [], []
    for table in range(2 * counts):
        here = counts + table * width
        limits.append(hstack([_marks(told, counts, -up), _placed(places, here, counts, width)]))
        limits.append(hstack([_marks(told, counts, -down), -_placed(places, here, counts, width)]))
        blocks.append(rules.A)
    tables = hstack([csr_array((rules.A.shape[0] * 2 * counts, counts)), block_diag(blocks)])
    apart = [_apart(system, of, asked[n], n, counts) for n in range(counts)]
    free = of.flat(-room_down, inner.lb), of.flat(room_up, inner.ub)
    found = milp(
        np.concatenate([1 + 1e-3 / (1 + down), np.zeros(2 * counts * width)]),
        integrality=np.concatenate([np.ones(counts), np.zeros(2 * counts * width)]),
        bounds=Bounds(
            np.concatenate([must_hide[asked[:, 0], asked[:, 1]], np.tile(free[0], 2 * counts)]),
            np.concatenate([np.ones(counts), np.tile(free[1], 2 * counts)]),
        ),
        constraints=[
            LinearConstraint(tables, np.tile(rules.lb, 2 * counts), np.tile(rules.ub, 2 * counts)),
            LinearConstraint(vstack(limits), -np.inf, 0),
            LinearConstraint(vstack(apart), 0, np.inf),
        ],
        options={"time_limit": seconds},
    )
    return found, asked


def _placed(places: Ints, here: int, counts: int, width: int) -> Sparse:
    """Mark the cells of one table among the unknowns of all tables."""
    return _marks(here - counts + places, 2 * counts * width, np.ones(len(places)))


def fewest(system: System, must_hide: Flags, seconds: float = 20.0) -> Optimum | None:
    """Search the fewest withheld counts; none where the program is too large or finds nothing in its time.

    must_hide: (V, C) counts that may not be told whatever else is.
    """
    solved = _solved(system, must_hide, seconds)
    if solved is None or solved[0].x is None:
        return None
    found, asked = solved
    is_told = system.is_published.copy()
    hidden = asked[found.x[: len(asked)] > 0.5]
    is_told[hidden[:, 0], hidden[:, 1]] = False
    return Optimum(is_told, float(found.mip_dual_bound))
