"""The attacker's arithmetic: narrow what every published number leaves open by every relation, until nothing moves."""

import numpy as np

from models.disclosure.certificate import Knowledge
from models.disclosure.system import Ints, Sparse, System, sum_rows

ROUNDS = 200  # each tightens true bounds, so that stopping early may miss something and never claims too much


def _by_sums(rows: Sparse, low: Ints, high: Ints) -> tuple[Ints, Ints]:
    """Narrow each variable by what the others of its row leave, where every row is a sum of 0."""
    at, variable = rows.coords
    sign = rows.data.astype(np.int64)
    least = np.where(sign > 0, low[variable], -high[variable])
    most = np.where(sign > 0, high[variable], -low[variable])
    fewest = np.bincount(at, least, rows.shape[0]).astype(np.int64)
    greatest = np.bincount(at, most, rows.shape[0]).astype(np.int64)
    at_most, at_least = least - fewest[at], most - greatest[at]
    new_low, new_high = low.copy(), high.copy()
    np.maximum.at(new_low, variable, np.where(sign > 0, at_least, -at_most))
    np.minimum.at(new_high, variable, np.where(sign > 0, at_most, -at_least))
    return new_low, new_high


def _by_nesting(system: System, low: Ints, high: Ints) -> None:
    """Narrow by `larger >= smaller`, in place; a column's variables stand in its row."""
    for larger, smaller in system.nested:
        low[larger] = np.maximum(low[larger], low[smaller])
        high[smaller] = np.minimum(high[smaller], high[larger])


def narrowed(system: System, known: Knowledge) -> Knowledge:
    """Return the bounds of each count that the relations leave; low > high somewhere where no table fits."""
    cells, inner = system.members.shape
    rows = sum_rows(system.parts, inner).tocoo()
    low = np.hstack([known.low, np.zeros_like(system.sizes)])
    high = np.hstack([known.high, system.sizes])
    for _ in range(ROUNDS):
        before = low, high
        ends = [_by_sums(rows, *column) for column in zip(low, high, strict=True)]
        low, high = (np.stack(end) for end in zip(*ends, strict=True))
        _by_nesting(system, low, high)
        if (low > high).any() or (np.array_equal(before[0], low) and np.array_equal(before[1], high)):
            break
    return Knowledge(low[:, :cells], high[:, :cells], known.is_exact)
