"""Gaussian elimination: which counts can be told as they are, so that none that must be hidden is a sum of them.

Counts are taken in order of preference. One is told unless it and those told before would add up to a hidden one
(Langsrud 2024, Secondary cell suppression by Gaussian elimination; R package GaussSuppression of Statistics Norway).
Then no hidden count is exactly known; whether its interval is wide enough is what `withholding` asks.
"""

from dataclasses import dataclass, field

import numpy as np

from models.disclosure.system import Flags, Ints, Sparse, row

PRIME = 2**31 - 1  # whole numbers modulo a prime: exact, and a wrong dependence can only hide too much


@dataclass
class _Columns:
    """Cells as sums of inner cells, as far as what is told does not explain them."""

    of: dict[int, dict[int, int]] = field(default_factory=dict)  # cell: inner cell: factor
    at: dict[int, set[int]] = field(default_factory=dict)  # inner cell: cells that it stands in

    def put(self, cell: int, factors: dict[int, int]) -> None:
        self.of[cell] = factors
        for inner in factors:
            self.at.setdefault(inner, set()).add(cell)

    def take(self, cell: int) -> dict[int, int]:
        factors = self.of.pop(cell)
        for inner in factors:
            self.at[inner].discard(cell)
        return factors

    def rarest(self, factors: dict[int, int]) -> int:
        """Choose the inner cell that stands in fewest other cells: then few of them get longer."""
        return min(factors, key=lambda inner: (len(self.at[inner]), inner))

    def explain(self, told: dict[int, int]) -> None:
        """Take what is told out of all cells that share its rarest inner cell."""
        pivot = self.rarest(told)
        inverse = pow(told[pivot], -1, PRIME)
        for cell in list(self.at[pivot]):
            factors = self.take(cell)
            times = factors[pivot] * inverse % PRIME
            for inner, factor in told.items():
                left = (factors.get(inner, 0) - times * factor) % PRIME
                if left:
                    factors[inner] = left
                else:
                    factors.pop(inner, None)
            self.put(cell, factors)


def _is_multiple(one: dict[int, int], other: dict[int, int]) -> bool:
    if one.keys() != other.keys():
        return False
    first = next(iter(one))
    times = other[first] * pow(one[first], -1, PRIME) % PRIME
    return all(factor * times % PRIME == other[inner] for inner, factor in one.items())


def told_exactly(members: Sparse, must_hide: Flags, order: Ints) -> Flags:
    """Tell which cells can be told as they are: (C,).

    members: (C, I) the inner cells of each cell; must_hide: (C,); order: cells, those that matter most first.
    """
    columns, told = _Columns(), np.zeros(len(must_hide), dtype=bool)
    for cell in range(len(must_hide)):
        columns.put(cell, dict.fromkeys(row(members, cell).tolist(), 1))
    hidden = set(np.flatnonzero(must_hide).tolist())
    for cell in order.tolist():
        if cell in hidden:
            continue
        factors = columns.take(cell)
        if not factors:  # what is told already says it
            told[cell] = True
            continue
        near = columns.at[next(iter(factors))] & hidden
        if not any(_is_multiple(factors, columns.of[secret]) for secret in near):
            told[cell] = True
            columns.explain(factors)
    return told


def preference(members: Sparse, counts: Ints) -> Ints:
    """Order cells: zeros first, which can hardly be hidden; then large counts, of equal ones those of larger cells."""
    weights = counts.astype(float) + 1
    of_inner = members.T @ weights
    ties = np.abs(members @ of_inner)
    value = weights + 0.99 * ties / ties.max()
    return np.argsort(-np.where(counts == 0, value.max() + 0.01, value), kind="stable")
