"""The simplest witnesses: one inner cell alone counts some pupils more or fewer, and everything else stays.

Where hardly anybody is counted, a whole country has room for four more: then each table can move a single cell, and
programs that push many counts at once are of little use.
"""

from collections.abc import Iterator

import numpy as np

from models.disclosure.system import Ints, System, row

Move = tuple[int, int, int]  # column, inner cell, difference


def _room(system: System, low: Ints, high: Ints) -> tuple[Ints, Ints]:
    """Return how many pupils fewer and more each inner cell can count by itself: (V, I) each.

    low, high: (V, C) how far each cell may differ from its count.
    """
    by_inner = system.cells_of_inner
    starts, cells = by_inner.indptr[:-1], by_inner.indices
    most = np.minimum(np.minimum.reduceat(high[:, cells], starts, axis=1), system.sizes - system.counts)
    least = np.maximum(np.maximum.reduceat(low[:, cells], starts, axis=1), -system.counts)
    for larger, smaller in system.nested:
        slack = system.counts[larger] - system.counts[smaller]
        most[smaller], least[larger] = np.minimum(most[smaller], slack), np.maximum(least[larger], -slack)
    return least, most


def _apart(system: System) -> list[list[int]]:
    """Gather the columns that nesting joins: of those only one may move in a table."""
    family = list(range(len(system.columns)))
    for pair in system.nested:
        kept, given_up = sorted(family[column] for column in pair)
        family = [kept if number == given_up else number for number in family]
    return [[v for v, number in enumerate(family) if number == name] for name in sorted(set(family))]


def _moves(system: System, column: int, lacking: Ints, values: Ints, room: tuple[Ints, Ints], span: int) -> list[Move]:
    """Choose moves of one column that show values not seen yet; notes what they show in `lacking` and `values`."""
    (least, most), found = room, []
    for cell in np.flatnonzero(lacking > 0):
        inner = row(system.members, int(cell))
        at = int(inner[np.argmax((most - least)[inner])])
        touched = row(system.cells_of_inner, at)
        for difference in range(int(least[at]), int(most[at]) + 1):
            if lacking[cell] <= 0:
                break
            bit = 1 << (difference + span)
            if abs(difference) <= span and not values[cell] & bit:
                lacking[touched] -= (values[touched] & bit) == 0
                values[touched] |= bit
                found.append((column, at, difference))
    return found


def tables(system: System, low: Ints, high: Ints, lacking: Ints, values: Ints, span: int) -> Iterator[Ints]:
    """Yield tables (V, I), as differences from the true one, that show values which counts lack.

    lacking: (V, C) how many values each count lacks; values: bit sets of those seen, no difference at bit `span`.
    """
    least, most = _room(system, low, high)
    lacking, values = lacking.copy(), values.copy()
    rows = [
        [m for v in f for m in _moves(system, v, lacking[v], values[v], (least[v], most[v]), span)]
        for f in _apart(system)
    ]
    for number in range(max(map(len, rows), default=0)):
        table = np.zeros_like(system.counts)
        for column, inner, difference in (moves[number] for moves in rows if number < len(moves)):
            table[column, inner] = difference
        yield table
