"""What was published, witnesses beside the truth, and the addition that proves them: no solver has to be believed."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from scipy.sparse import csr_array, vstack

from models.disclosure.system import Flags, Ints, Sparse, System, sorted_rows

_EVER = 10**9  # more pupils than any country has


@dataclass(frozen=True)
class Knowledge:
    """The lowest and highest value that published statements leave to each count: (V, C)."""

    low: Ints
    high: Ints
    is_exact: Flags | None = None  # counts that are told as they are


@dataclass(frozen=True)
class Witnesses:
    """Complete tables, as differences of the inner cells from the true one; hardly any differ in many."""

    rows: Sparse  # (witnesses x V, I) the columns of one table below each other
    columns: int

    @classmethod
    def of(cls, tables: Sequence[Any], shape: tuple[int, ...]) -> Self:
        """Gather tables of a shape (V, I), dense or sparse."""
        columns, inner = shape
        empty = csr_array((0, inner), dtype=np.int64)
        rows = csr_array(vstack([empty, *map(csr_array, tables)]), dtype=np.int64)
        rows.eliminate_zeros()
        return cls(sorted_rows(rows), columns)

    @property
    def count(self) -> int:
        """Return how many there are."""
        return self.rows.shape[0] // self.columns

    @property
    def differences(self) -> Ints:
        """Return all of them in full: (witnesses, V, I)."""
        return self.rows.toarray().reshape(self.count, self.columns, -1)

    def of_column(self, column: int) -> Sparse:
        """Return what differs in one column: (witnesses, I)."""
        return self.rows[column :: self.columns]

    def digest(self, secret: bytes) -> str:
        """Return the keyed hash that is published in the place of the witnesses, which contain the truth.

        Without the key anybody could try every truth, repeat the search, and see which of them has this hash.
        """
        shape = repr((self.count, self.columns, self.rows.shape[1])).encode()
        parts = (self.rows.indptr, self.rows.indices, self.rows.data)
        return hmac.digest(secret, shape + b"".join(part.astype("<i8").tobytes() for part in parts), "sha256").hex()


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


def _is_true_table(system: System, known: Knowledge) -> bool:
    """Tell whether the truth is within its groups, within what is published, and nested."""
    counts, cells = system.counts, system.cell_counts
    return bool(
        ((counts >= 0) & (counts <= system.sizes)).all()
        and ((cells >= known.low) & (cells <= known.high)).all()
        and all((counts[larger] >= counts[smaller]).all() for larger, smaller in system.nested)
    )


def _broken(changed: Sparse, low: Ints, high: Ints) -> Ints:
    """Return the rows in which a difference goes beyond its bounds."""
    at, place = changed.coords
    return at[(changed.data < low[place]) | (changed.data > high[place])]


def possible_values(system: System, known: Knowledge, witnesses: Witnesses) -> Ints:
    """Count the values of each count among the truth and its witnesses, by whole-number addition alone: (V, C).

    A witness that breaks a group, a published statement or a nesting counts for nothing; if the truth does,
    nothing counts. What a witness leaves as it is holds as the truth does.
    """
    if not _is_true_table(system, known):
        return np.zeros_like(known.low)
    counts, upward = system.counts, csr_array(system.members.T)
    inner = [witnesses.of_column(v) for v in range(len(system.columns))]
    cells = [(of_inner @ upward).tocoo() for of_inner in inner]
    is_table = np.ones(witnesses.count, dtype=bool)
    for v, (of_inner, of_cells) in enumerate(zip(inner, cells, strict=True)):
        is_table[_broken(of_inner.tocoo(), -counts[v], system.sizes[v] - counts[v])] = False
        truth = system.cell_counts[v]
        is_table[_broken(of_cells, known.low[v] - truth, known.high[v] - truth)] = False
    for larger, smaller in system.nested:
        lead = counts[larger] - counts[smaller]
        is_table[_broken((inner[larger] - inner[smaller]).tocoo(), -lead, np.full(len(lead), _EVER))] = False
    return np.stack([_different(of_cells, is_table) for of_cells in cells])


def _different(changed: Any, is_table: Flags) -> Ints:
    """Count the different values of each cell: the truth and what tables change it to."""
    (at, cell), width = changed.coords, changed.shape[1]
    counts = is_table[at] & (changed.data != 0)
    shown = np.unique(np.stack([cell[counts].astype(np.int64), changed.data[counts]]), axis=1)
    return 1 + np.bincount(shown[0], minlength=width)


def is_certified(system: System, known: Knowledge, witnesses: Witnesses) -> Flags:
    """Tell of each count whether as many values as are promised stand in complete tables."""
    return possible_values(system, known, witnesses) >= promised_values(system, known)
