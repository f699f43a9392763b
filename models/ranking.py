"""Judge an ordering of pupils: who gets a place, how often leavers stand above others, and how sure that is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


def chance_of_place(score: str, places: pl.Expr, groups: Sequence[str]) -> pl.Expr:
    """Write each row's chance (0 to 1) to be among the `places` highest of its group when ties are drawn by lot."""
    above = pl.col(score).rank("min", descending=True).over(groups).cast(pl.Float64) - 1
    tied = pl.len().over([*groups, score])
    return ((places - above) / tied).clip(0, 1)


def precision(chance: Numbers, left: Numbers) -> float:
    """Return the expected share of places that went to pupils who left."""
    return float(chance @ left / chance.sum())


def recall(chance: Numbers, left: Numbers) -> float:
    """Return the expected share of the rows of pupils who left that got a place."""
    return float(chance @ left / left.sum())


@dataclass(frozen=True)
class Ordering:
    """Rows sorted once by score, so that many weightings of them can be judged quickly."""

    order: NDArray[np.intp]
    starts: NDArray[np.intp]  # where each group of equal scores begins
    left: Numbers

    @classmethod
    def of(cls, score: Numbers, left: Numbers) -> "Ordering":
        """Sort rows by score; `left` is 1 for a pupil who left and 0 otherwise."""
        order = np.argsort(score, kind="stable")
        is_start = np.diff(score[order], prepend=-np.inf) > 0
        return cls(order, np.flatnonzero(is_start), left[order])

    def auc(self, weights: Numbers) -> float:
        """Return the chance that a leaver stands above another row, ties counting half; NaN without such a pair."""
        weight = weights[self.order]
        leavers = np.add.reduceat(weight * self.left, self.starts)
        others = np.add.reduceat(weight * (1 - self.left), self.starts)
        pairs = leavers.sum() * others.sum()
        won = leavers @ (np.cumsum(others) - others / 2)
        return float(won / pairs) if pairs else float("nan")

    def average_precision(self) -> float:
        """Return the precision at each distinct score, averaged over the rows of pupils who left."""
        leavers = np.add.reduceat(self.left, self.starts)[::-1]
        rows = np.diff(self.starts, append=len(self.left))[::-1]
        return float(leavers @ (np.cumsum(leavers) / np.cumsum(rows)) / leavers.sum())


def pupil_resamples(pupils: int, resamples: int, seed: int) -> Iterator[Numbers]:
    """Yield how often each pupil is drawn when as many pupils as there are get drawn with replacement."""
    generator = np.random.default_rng(seed)
    for _ in range(resamples):
        drawn = generator.integers(pupils, size=pupils)
        yield np.bincount(drawn, minlength=pupils).astype(np.float64)


def interval(draws: Sequence[float]) -> tuple[float, float]:
    """Return the middle 95 % of resampled values."""
    low, high = np.nanquantile(draws, [0.025, 0.975])
    return float(low), float(high)
