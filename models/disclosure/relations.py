"""The relations of a system as rows of a linear program: cells first, then inner cells, column by column."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csr_array, vstack

from models.disclosure.system import Ints, Sparse, System, row


@dataclass(frozen=True)
class Layout:
    """Where the unknowns of a system stand in a program of V x (C + I) variables."""

    columns: int
    cells: int
    inner: int

    @property
    def width(self) -> int:
        """Return the number of variables of one column."""
        return self.cells + self.inner

    def flat(self, of_cells: np.ndarray, of_inner: np.ndarray) -> np.ndarray:
        """Lay values of cells (V, C) and inner cells (V, I) out as variables."""
        return np.hstack([of_cells, of_inner]).ravel()

    def apart(self, variables: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the values of cells (V, C) and of inner cells (V, I)."""
        by_column = variables.reshape(self.columns, self.width)
        return by_column[:, : self.cells], by_column[:, self.cells :]


def layout(system: System) -> Layout:
    """Return the layout of a system."""
    return Layout(len(system.columns), *system.members.shape)


def _placed(rows: Sparse, column: int, of: Layout) -> Sparse:
    at, variable = rows.coords
    return coo_array((rows.data, (at, variable + column * of.width)), shape=(rows.shape[0], of.columns * of.width))


def sums(system: System) -> Sparse:
    """Return `cell - its parts` for every cell of every column: rows that are 0 in any table."""
    of, parts = layout(system), system.parts
    if not parts:
        return csr_array((0, of.columns * of.width))
    rows = [np.full(1 + len(p) + len(i), c) for c, (p, i) in enumerate(parts)]
    variables = [np.concatenate([[c], p, of.cells + i]) for c, (p, i) in enumerate(parts)]
    signs = [np.concatenate([[1.0], np.full(len(p) + len(i), -1.0)]) for p, i in parts]
    one = coo_array(
        (np.concatenate(signs), (np.concatenate(rows), np.concatenate(variables).astype(np.int64))),
        shape=(of.cells, of.width),
    )
    return csr_array(vstack([_placed(one, column, of) for column in range(of.columns)]))


def order(of: Layout, larger: int, smaller: int, groups: Sparse) -> Sparse:
    """Return `larger - smaller` of two columns, summed over groups of variables: (groups, variables)."""
    group, variable = groups.tocoo().coords
    places = (np.tile(group, 2), np.concatenate([larger * of.width + variable, smaller * of.width + variable]))
    signs = np.repeat([1.0, -1.0], len(variable))
    return csr_array((signs, places), shape=(groups.shape[0], of.columns * of.width))


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
