"""What was published, witnesses beside the truth, and the addition that proves them: no solver has to be believed."""

import hmac
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.disclosure.system import Flags, Ints, System


@dataclass(frozen=True)
class Knowledge:
    """The lowest and highest value that published statements leave to each count: (V, C)."""

    low: Ints
    high: Ints
    is_exact: Flags | None = None  # counts that are told as they are


@dataclass(frozen=True)
class Witnesses:
    """Complete tables, as differences of the inner cells from the true one: (witnesses, V, I)."""

    differences: NDArray[np.int64]

    def digest(self, secret: bytes) -> str:
        """Return the keyed hash that is published in the place of the witnesses, which contain the truth.

        Without the key anybody could try every truth, repeat the search, and see which of them has this hash.
        """
        shape = repr(self.differences.shape).encode()
        return hmac.digest(secret, shape + self.differences.astype("<i8").tobytes(), "sha256").hex()


def promised_values(system: System, known: Knowledge) -> Ints:
    """Return how many values each published count must keep: of fewer pupils than that, none may be excluded.

    A count that is told as it is must keep none where that harms nobody: enough pupils are in it, and enough are not.
    """
    promised = np.where(system.is_published, np.minimum(system.promised, system.cell_sizes + 1), 0)
    if known.is_exact is None:
        return promised
    is_harmless = (known.low >= system.base) & (system.cell_sizes - known.high >= system.base)
    is_nobody = system.cell_sizes == 0
    return np.where(known.is_exact & (is_harmless | is_nobody), 0, promised)


def _is_table(system: System, inner: Ints, cells: Ints, known: Knowledge) -> bool:
    """Tell whether counts are a table: within their groups, within what is published, and nested."""
    return bool(
        ((inner >= 0) & (inner <= system.sizes)).all()
        and ((cells >= known.low) & (cells <= known.high)).all()
        and all((inner[larger] >= inner[smaller]).all() for larger, smaller in system.nested)
    )


def possible_values(system: System, known: Knowledge, witnesses: Witnesses) -> Ints:
    """Count the values of each count among the truth and its witnesses, by whole-number addition alone: (V, C).

    A witness that breaks a group, a published statement or a nesting counts for nothing; if the truth does,
    nothing counts.
    """
    shown = []
    for difference in [np.zeros_like(system.counts), *witnesses.differences]:
        inner = system.counts + difference
        cells = np.stack([system.members @ of_column for of_column in inner])
        if _is_table(system, inner, cells, known):
            shown.append(cells)
        elif not shown:  # the truth comes first
            return np.zeros_like(known.low)
    ordered = np.sort(np.stack(shown), axis=0)
    return 1 + (np.diff(ordered, axis=0) != 0).sum(axis=0)


def is_certified(system: System, known: Knowledge, witnesses: Witnesses) -> Flags:
    """Tell of each count whether as many values as are promised stand in complete tables."""
    return possible_values(system, known, witnesses) >= promised_values(system, known)
