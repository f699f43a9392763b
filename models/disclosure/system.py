"""What every reader knows of the counts of one month: which of them are sums of which others.

The unknown is one whole number for every inner cell, the finest partition of the pupils that all tables induce.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

Sparse = Any  # scipy.sparse arrays in compressed rows; what they are annotated with leaves shapes open
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


Parts = list[tuple[Ints, Ints]]  # of each cell: the cells, and beside them the inner cells, that it is the sum of


@dataclass(frozen=True, eq=False)
class Level:
    """The detail that some columns are shown in: columns that few cells show have few unknowns."""

    cells: Ints  # numbers of the cells that show one of them
    group: Ints  # (I,) the group that each inner cell is counted in, as far as no such cell tells it from others
    parts: Parts  # one sparse sum for each of the cells, over these cells and groups

    @cached_property
    def rows(self) -> Sparse:
        """Return the sums of the cells as rows that are 0 in any table: (cells, cells + groups)."""
        return sum_rows(self.parts, int(self.group.max(initial=-1)) + 1)


@dataclass(frozen=True, eq=False)
class System:
    """Counts of one month that are related: V columns over I inner cells, of which C cells are sums."""

    period: str
    columns: tuple[str, ...]  # (V)
    nested: tuple[tuple[int, int], ...]  # columns of which the first counts all pupils of the second
    members: Sparse  # (C, I) 0 or 1: the inner cells of each cell; no two rows alike, nor two columns
    pupils: Ints  # (I,) public
    sizes: Ints  # (V, I) pupils of whom records are known, so that they can be counted; public
    counts: Ints  # (V, I) secret: pupils counted
    is_published: Flags  # (V, C) whether some table shows the cell with this column
    region: Ints  # (I,) parts that few cells hold together; where to search, nothing more
    names: tuple[tuple[str, ...], ...]  # (C) what tables call each cell: its attributes, `grade=7|place=p1`
    base: int  # counts are rounded to its multiples
    promised: int  # values that every count keeps for a reader

    @cached_property
    def is_rounded(self) -> Flags:
        """Tell the counts that get a value: of a group with fewer pupils than the base nothing is said."""
        return self.is_published & (self.cell_sizes >= self.base)

    @cached_property
    def cell_pupils(self) -> Ints:
        """Return the pupils of each cell: (C,)."""
        return self.members @ self.pupils

    @cached_property
    def cell_sizes(self) -> Ints:
        """Return how many pupils each count can count at most: (V, C)."""
        return self.totals(self.sizes)

    @cached_property
    def cell_counts(self) -> Ints:
        """Return the true count of each cell: (V, C)."""
        return self.totals(self.counts)

    @cached_property
    def cells_of_inner(self) -> Sparse:
        """Return the cells that each inner cell is part of: (I, C)."""
        return sorted_rows(csr_array(self.members.T))

    @cached_property
    def parts(self) -> Parts:
        """Return one sparse sum for each cell: its largest disjoint sub-cells, and the inner cells that remain.

        One such sum a cell says the same as all memberships together, with far fewer terms.
        """
        return _parts(self.members)

    @cached_property
    def finest(self) -> int:
        """Return the column that most cells show."""
        return int(self.is_published.sum(axis=1).argmax())

    @cached_property
    def levels(self) -> list[Level]:
        """Return the detail of each column: of the finest one, and of all others together."""
        fine = _level(self.members, self.is_published[self.finest], is_grouped=False)
        if len(self.columns) == 1:
            return [fine]
        others = np.delete(self.is_published, self.finest, axis=0)
        coarse = _level(self.members, np.any(others, axis=0), is_grouped=True)
        return [fine if v == self.finest else coarse for v in range(len(self.columns))]

    def totals(self, inner: Ints) -> Ints:
        """Sum inner counts (V, I) to those of the cells (V, C)."""
        return np.ascontiguousarray((self.members @ inner.T).T)


def sorted_rows(matrix: Sparse) -> Sparse:
    """Sort the columns of each row, so that equal rows have equal bytes."""
    matrix.sort_indices()
    return matrix


def row(matrix: Sparse, number: int) -> Ints:
    """Return the columns that stand in a row."""
    return matrix.indices[matrix.indptr[number] : matrix.indptr[number + 1]]


def matrix_of(rows: Ints, columns: Ints, shape: tuple[int, int]) -> Sparse:
    """Make a matrix with 1 at the given places."""
    return sorted_rows(csr_array((np.ones(len(rows), dtype=np.int64), (rows, columns)), shape=shape))


def distinct(matrix: Sparse) -> tuple[Ints, Ints]:
    """Number the rows so that equal ones share a number: the first row of each number, and the number of each row."""
    numbers: dict[bytes, int] = {}
    number = np.array([numbers.setdefault(row(matrix, i).tobytes(), len(numbers)) for i in range(matrix.shape[0])])
    return np.unique(number, return_index=True)[1], number


def _within(members: Sparse) -> Sparse:
    """Pair each cell with the cells that lie within it, itself left out: (C, C)."""
    heights = np.diff(members.indptr)
    shared = (members @ csr_array(members.T)).tocoo()
    larger, smaller = shared.coords
    is_within = (shared.data == heights[smaller]) & (larger != smaller)
    return matrix_of(larger[is_within], smaller[is_within], shared.shape)


def _parts(members: Sparse) -> Parts:
    heights, within = np.diff(members.indptr), _within(members)
    left = np.zeros(members.shape[1], dtype=bool)
    found = []
    for cell in range(members.shape[0]):
        inside, taken = row(within, cell), []
        left[row(members, cell)] = True
        missing = heights[cell]
        for part in inside[np.argsort(-heights[inside], kind="stable")]:
            if heights[part] <= missing and left[row(members, part)].all():
                left[row(members, part)] = False
                missing -= heights[part]
                taken.append(part)
            if not missing:
                break
        found.append((np.array(taken, dtype=np.int64), np.flatnonzero(left)))
        left[row(members, cell)] = False
    return found


def sum_rows(parts: Parts, inner: int) -> Sparse:
    """Return `cell - its parts` for every cell, rows that are 0 in any table: (cells, cells + inner)."""
    if not parts:
        return csr_array((0, inner))
    rows = np.repeat(np.arange(len(parts)), [1 + len(p) + len(i) for p, i in parts])
    variables = [np.concatenate([[c], p, len(parts) + i]) for c, (p, i) in enumerate(parts)]
    signs = [np.concatenate([[1.0], np.full(len(p) + len(i), -1.0)]) for p, i in parts]
    places = rows, np.concatenate(variables).astype(np.int64)
    return csr_array(coo_array((np.concatenate(signs), places), shape=(len(parts), len(parts) + inner)))


def _level(members: Sparse, is_shown: Any, is_grouped: bool) -> Level:
    cells = np.flatnonzero(is_shown)
    shown, group = members[cells], np.arange(members.shape[1])
    if is_grouped:
        first, group = distinct(sorted_rows(csr_array(shown.T)))
        shown = shown[:, first]
    return Level(cells, group, _parts(sorted_rows(csr_array(shown))))
