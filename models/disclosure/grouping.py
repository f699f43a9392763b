"""Programs with fewer unknowns: columns that few cells show are counted by group, and spread over inner cells later.

Where at most one column is shown finer than the others, this loses nothing: given its inner counts, any nested counts
of the groups that fit the sums can be spread over the inner cells of the group, from the innermost column outwards.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import Bounds, LinearConstraint
from scipy.sparse import vstack

from models.disclosure.relations import Layout, Region, layout, sums
from models.disclosure.system import Flags, Ints, Sparse, System, matrix_of

MANY = 10**9  # more pupils than any group has


@dataclass(frozen=True, eq=False)
class Grouping:
    """Which inner cells of a region are counted together, in all columns but one."""

    system: System
    region: Region

    @cached_property
    def group(self) -> Ints:
        """Number the groups of the region's inner cells, in which all columns but the finest are counted."""
        grouped = next((g.group for v, g in enumerate(self.system.levels) if v != self.system.finest), None)
        if grouped is None:
            return np.arange(len(self.region.inner))
        return np.unique(grouped[self.region.inner], return_inverse=True)[1]

    @cached_property
    def layout(self) -> Layout:
        """Return where the unknowns of the region stand."""
        inside = np.full(self.system.members.shape[0], -1)
        inside[self.region.cells] = np.arange(len(self.region.cells))
        shown = [inside[level.cells] for level in self.system.levels]
        fine = np.arange(len(self.region.inner))
        groups = [fine if v == self.system.finest else self.group for v in range(len(shown))]
        return Layout((len(self.region.cells), len(fine)), [cells[cells >= 0] for cells in shown], groups)

    @cached_property
    def is_first(self) -> Flags:
        """Tell the inner cells that stand for their group."""
        flags = np.zeros(len(self.group), dtype=bool)
        flags[np.unique(self.group, return_index=True)[1]] = True
        return flags

    @cached_property
    def sums(self) -> Sparse:
        """Return the inner cells of each group: (groups, I of the region)."""
        return matrix_of(self.group, np.arange(len(self.group)), (int(self.group.max()) + 1, len(self.group)))

    def totals(self, inner: Ints) -> Ints:
        """Move what stands in inner cells (V, I) to those that stand for their group, the finest column left out."""
        moved = np.zeros_like(inner)
        moved[:, self.is_first] = (self.sums @ inner.T).T[:, self.group[self.is_first]]
        moved[self.system.finest] = inner[self.system.finest]
        return moved

    @property
    def counts(self) -> Ints:
        """Return the true counts of the region: (V, I)."""
        return self.system.counts[:, self.region.inner]

    @property
    def sizes(self) -> Ints:
        """Return the pupils whom each column can count: (V, I)."""
        return self.system.sizes[:, self.region.inner]

    def bounds(self) -> Bounds:
        """Return how far inner cells, or their group, may differ from the truth: (V, I) each."""
        return Bounds(-self.totals(self.counts), self.totals(self.sizes - self.counts))

    def rules(self) -> LinearConstraint:
        """Return what makes differences from the truth a table: cells are sums, nested counts lie within the other."""
        whole = layout(self.system)
        cells = whole.of_cells[:, self.region.cells]
        variables = np.concatenate([
            np.concatenate([c[c >= 0], np.unique(i)])
            for c, i in zip(cells, whole.of_inner[:, self.region.inner], strict=True)
        ])  # fmt: skip
        rows = sums(self.system)[self._rows()][:, variables]
        pairs = [self.layout.order(a, b, self.group) for a, b in self.system.nested]
        slack = [self.sums @ (self.counts[a] - self.counts[b]) for a, b in self.system.nested]
        low = np.concatenate([np.zeros(rows.shape[0]), *(-s for s in slack)])
        high = np.concatenate([np.zeros(rows.shape[0]), *(np.full(len(s), np.inf) for s in slack)])
        return LinearConstraint(vstack([rows, *pairs], format="csr"), low, high)

    def _rows(self) -> Ints:
        """Return the numbers of the sums that the region has a part in."""
        is_inside = np.zeros(self.system.members.shape[0], dtype=bool)
        is_inside[self.region.cells] = True
        return np.flatnonzero(np.concatenate([is_inside[level.cells] for level in self.system.levels]))

    @cached_property
    def contains(self) -> Flags:
        """Tell which column contains which, also by way of others: (V, V)."""
        found = np.eye(len(self.system.columns), dtype=bool)
        for larger, smaller in self.system.nested:
            found[larger, smaller] = True
        for _ in found:
            found = found @ found
        return found & ~np.eye(len(found), dtype=bool)

    def _inside_out(self) -> list[int]:
        """Return the grouped columns, each after those that it contains."""
        by_contained = np.argsort(self.contains.sum(axis=1), kind="stable").tolist()
        return [column for column in by_contained if column != self.system.finest]

    def spread(self, differences: Ints) -> Ints:
        """Give the differences of groups to their inner cells, as near to the truth as nesting allows: (V, I)."""
        if self.is_first.all():
            return differences
        counts, settled = self.counts + differences, np.arange(len(self.system.columns)) == self.system.finest
        for column in self._inside_out():
            within, around = counts[self.contains[column] & settled], counts[self.contains[:, column] & settled]
            low, high = within.max(axis=0, initial=0), np.minimum(self.sizes[column], around.min(axis=0, initial=MANY))
            wanted = self.sums @ (self.counts[column] + differences[column])
            counts[column] = self._allotted(wanted, np.clip(self.counts[column], low, np.maximum(low, high)), low, high)
            settled[column] = True
        return counts - self.counts

    def _allotted(self, wanted: Ints, start: Ints, low: Ints, high: Ints) -> Ints:
        """Change inner counts until each group has its total, the first cells of a group first."""
        missing = wanted - self.sums @ start
        by_group = np.argsort(self.group, kind="stable")
        changed = start.copy()
        for sign, room in ((1, high - start), (-1, start - low)):
            ordered = np.maximum(room[by_group], 0)
            before = np.cumsum(ordered) - ordered
            starts = np.r_[0, np.flatnonzero(np.diff(self.group[by_group])) + 1]
            before -= np.repeat(before[starts], np.diff(np.r_[starts, len(ordered)]))
            share = np.clip(np.maximum(sign * missing, 0)[self.group[by_group]] - before, 0, ordered)
            changed[by_group] += sign * share
        return changed
