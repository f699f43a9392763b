"""The relations of a system as rows of a linear program, each column in no more detail than it is shown in."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import coo_array, csr_array, vstack

from models.disclosure.system import Ints, Sparse, System, row


@dataclass(frozen=True, eq=False)
class Layout:
    """Where the unknowns of a system or region stand in a program: column by column, cells before groups."""

    shape: tuple[int, int]  # cells and inner cells of the system or region
    cells: Sequence[Ints]  # by column: the cells that have an unknown
    group: Sequence[Ints]  # by column: the group of each inner cell, 0, 1, …

    @cached_property
    def starts(self) -> Ints:
        """Return where each column begins, and at last how many variables there are."""
        widths = [len(c) + int(g.max(initial=-1)) + 1 for c, g in zip(self.cells, self.group, strict=True)]
        return np.concatenate([[0], np.cumsum(widths)])

    @property
    def size(self) -> int:
        """Return the number of variables."""
        return int(self.starts[-1])

    @cached_property
    def of_cells(self) -> Ints:
        """Return the variable of each cell, -1 where it has none: (V, C)."""
        found = np.full((len(self.cells), self.shape[0]), -1)
        for column, cells in enumerate(self.cells):
            found[column, cells] = self.starts[column] + np.arange(len(cells))
        return found

    @cached_property
    def of_inner(self) -> Ints:
        """Return the variable that counts each inner cell: (V, I)."""
        firsts = self.starts[:-1] + [len(cells) for cells in self.cells]
        return np.stack([first + group for first, group in zip(firsts, self.group, strict=True)])

    @cached_property
    def is_first(self) -> np.ndarray:
        """Tell the inner cells that stand for their group: (V, I)."""
        flags = np.zeros((len(self.cells), self.shape[1]), dtype=bool)
        for column, group in enumerate(self.group):
            flags[column, np.unique(group, return_index=True)[1]] = True
        return flags

    def flat(self, of_cells: np.ndarray, of_inner: np.ndarray) -> np.ndarray:
        """Lay values of cells (V, C) and inner cells (V, I), which are summed in their group, out as variables."""
        values = np.zeros(self.size)
        np.add.at(values, self.of_inner.ravel(), np.asarray(of_inner, dtype=float).ravel())
        has_one = self.of_cells >= 0
        values[self.of_cells[has_one]] = np.asarray(of_cells)[has_one]
        return values

    def apart(self, variables: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the values of cells (V, C) and of inner cells (V, I): 0 if there is none; a group's in its first."""
        cells = np.where(self.of_cells >= 0, variables[self.of_cells], 0)
        return cells, np.where(self.is_first, variables[self.of_inner], 0)

    def order(self, larger: int, smaller: int, of: Ints) -> Sparse:
        """Return `larger - smaller` summed over groups, no finer than those of the columns: (groups, variables).

        of: (I,) the group of each inner cell.
        """
        places = [(column, sign, self.is_first[column]) for column, sign in ((larger, 1.0), (smaller, -1.0))]
        at = [of[first] for _, _, first in places], [self.of_inner[column][first] for column, _, first in places]
        signs = np.concatenate([np.full(int(first.sum()), sign) for _, sign, first in places])
        shape = int(of.max(initial=-1)) + 1, self.size
        return csr_array((signs, (np.concatenate(at[0]), np.concatenate(at[1]))), shape=shape)


def layout(system: System) -> Layout:
    """Return the layout of a whole system."""
    found = system.levels
    return Layout(system.members.shape, [level.cells for level in found], [level.group for level in found])


def sums(system: System) -> Sparse:
    """Return the sums of all cells of all columns as rows that are 0 in any table, in the order of `layout`."""
    of, found = layout(system), []
    for start, level in zip(of.starts, system.levels, strict=False):
        rows = level.rows.tocoo()
        at, variable = rows.coords
        found.append(coo_array((rows.data, (at, start + variable)), shape=(len(level.cells), of.size)))
    return csr_array(vstack(found))


@dataclass(frozen=True)
class Region:
    """Part of a system whose counts are in each other's way: some inner cells, and all cells that hold one of them."""

    cells: Ints
    inner: Ints


def whole(system: System) -> Region:
    """Return all of a system as one region."""
    return Region(np.arange(system.members.shape[0]), np.arange(len(system.pupils)))


def regions(system: System) -> list[Region]:
    """Part a system as it was placed."""
    groups = [np.flatnonzero(system.region == number) for number in np.unique(system.region)]
    return [Region(np.unique(np.concatenate([row(system.cells_of_inner, int(i)) for i in g])), g) for g in groups]


def together(parts: Sequence[Region]) -> Region:
    """Join regions to one."""
    return Region(
        np.unique(np.concatenate([p.cells for p in parts])), np.sort(np.concatenate([p.inner for p in parts]))
    )
