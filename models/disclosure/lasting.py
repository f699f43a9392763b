"""Counts that only grow while a term or year lasts: none is told as having fallen where it did not.

Who knows that nobody left a group knows that such a count is no smaller than a month ago. Were 10 told a month ago and
5 now, both would be 6 to 9; in order, the two leave each other all that they may stand for.
"""

from dataclasses import dataclass, field

import numpy as np

from models.disclosure.system import Ints, System

# By column: of a month, the month before it and the column that told it then, whose pupils its count contains.
Lasting = dict[str, dict[str, tuple[str, str]]]


@dataclass(frozen=True)
class Told:
    """What is told in this release of the months before."""

    numbers: dict[tuple[str, str], dict[str, tuple[int, int]]] = field(default_factory=dict)

    def note(self, system: System, values: Ints) -> None:
        """Remember the counts of a month, by column and name of their cell, with what is told of them."""
        for v, column in enumerate(system.columns):
            cells = np.flatnonzero(system.is_rounded[v])
            of_column = self.numbers.setdefault((system.period, column), {})
            of_column |= {
                name: (int(system.cell_counts[v, c]), int(values[v, c])) for c in cells for name in system.names[c]
            }

    def least(self, system: System, lasting: Lasting) -> Ints:
        """Return what each count must be told as at least, 0 where nothing is asked: (V, C)."""
        least = np.zeros_like(system.cell_counts)
        for v, column in enumerate(system.columns):
            before = self.numbers.get(lasting.get(column, {}).get(system.period, ("", "")), {})
            for c in np.flatnonzero(system.is_rounded[v]) if before else ():
                then = (before.get(name, (0, 0)) for name in system.names[c])
                least[v, c] = max((value for count, value in then if count <= system.cell_counts[v, c]), default=0)
        return least
