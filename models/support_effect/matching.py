"""Find for each pupil who began pupils alike who had not, and how both changed between two spans of weeks."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models.support_effect.grid import Cohort, Grid, Numbers, Rows, Span

ALIKE = 20  # pupils each supported pupil is compared with, at most
LEAST_ALIKE = 3
CALIPER = 0.5  # standard deviations of the level within the week and group
CHOOSING = Span(-4, -1, 1)  # the weeks that a school looks at when it chooses


class Pair(NamedTuple):
    """The supported of a cohort and those free to be compared with: rows, changes, dips, and who is near to whom.

    near, weight: (supported, ALIKE), places in `alike` and what each counts, 0 where there is none so near.
    change, change_alike: mean of the later span minus that of the earlier. dip: (pupils, 2), see `_dip`.
    exposed: of those alike, the share of the later weeks that lie after a start of their own.
    """

    supported: Rows
    alike: Rows
    near: Rows
    weight: Numbers
    change: Numbers
    change_alike: Numbers
    dip: Numbers
    dip_alike: Numbers
    exposed: Numbers

    def of_alike(self, values: Numbers) -> Numbers:
        """Return for each supported pupil the mean of a value over those alike; values: (alike, ...)."""
        return np.einsum("sk,sk...->s...", self.weight, values[self.near])

    @property
    def differences(self) -> Numbers:
        """Return by how much each supported pupil changed more than those alike."""
        return self.change - self.of_alike(self.change_alike)


@dataclass(frozen=True)
class Matched:
    """How many of the chosen have the weeks that are compared, and the pairs of those who found pupils alike."""

    with_weeks: int
    weeks: tuple[int, ...]
    pairs: tuple[Pair, ...]

    @property
    def supported(self) -> Rows:
        """Return the rows of the supported pupils who were matched."""
        return np.concatenate([np.zeros(0, dtype=np.int64), *(pair.supported for pair in self.pairs)])

    @property
    def exposed(self) -> float:
        """Return which share of the later weeks of those alike lies after a start of their own."""
        return float(np.concatenate([np.zeros(0), *(pair.of_alike(pair.exposed) for pair in self.pairs)]).mean())

    @property
    def alike(self) -> int:
        """Count the pupils who served at least once."""
        used = [pair.alike[pair.near[pair.weight > 0]] for pair in self.pairs]
        return len(np.unique(np.concatenate(used))) if used else 0


class _Seen(NamedTuple):
    """What the spans show of the pupils of a cohort: sums over the known weeks, and how many are known."""

    sums: list[Numbers]
    known: list[npt.NDArray[np.int64]]

    def mean(self, *spans: int) -> Numbers:
        known = sum(self.known[n] for n in spans)
        return sum(self.sums[n] for n in spans) / np.maximum(known, 1)


def match(grid: Grid, before: Span, after: Span, chosen: npt.NDArray[np.bool_], effect: float = 0.0) -> Matched:
    """Match on the mean of just those weeks that are compared.

    effect: what support is thought to have changed in the later span; it is no part of a pupil's level.
    """
    pairs, weeks, with_weeks = [], [], 0
    for cohort in grid.cohorts(chosen):
        seen, others = _seen(grid, cohort, before, after)
        enough = (seen.known[0] >= before.least) & (seen.known[1] >= after.least)
        with_weeks += int((enough & ~others).sum())
        one, other = np.flatnonzero(enough & ~others), np.flatnonzero(enough & others)
        if len(one) and len(other) >= LEAST_ALIKE:
            pair = _pair(grid, cohort, seen, one, other, after, effect)
            pairs += [pair] if len(pair.supported) else []
            weeks += [cohort.week] if len(pair.supported) else []
    return Matched(with_weeks, tuple(weeks), tuple(pairs))


def _seen(grid: Grid, cohort: Cohort, before: Span, after: Span) -> tuple[_Seen, npt.NDArray[np.bool_]]:
    rows = np.concatenate([cohort.starters, cohort.others])
    others = np.arange(len(rows)) >= len(cohort.starters)
    sums, known = [], []
    for span in (before, after, CHOOSING):
        found = grid.around(rows, cohort.week, span)
        is_known = ~np.isnan(found)
        filled = np.where(is_known, found, 0.0)
        # What the week was like for everybody goes out first, so that it matters little who misses which week.
        usual = filled[others].sum(axis=0) / np.maximum(is_known[others].sum(axis=0), 1)
        sums.append((filled - usual * is_known).sum(axis=1))
        known.append(is_known.sum(axis=1))
    return _Seen(sums, known), others


def _pair(grid: Grid, cohort: Cohort, seen: _Seen, one: Rows, other: Rows, after: Span, effect: float) -> Pair:
    rows = np.concatenate([cohort.starters, cohort.others])
    change, level = seen.mean(1) - seen.mean(0), seen.mean(0, 1)
    level[one] -= effect * seen.known[1][one] / (seen.known[0] + seen.known[1])[one]
    dip = _dip(seen, level)
    near, weight = _nearest(level[one], level[other])
    found = weight.any(axis=1)
    return Pair(
        rows[one][found], rows[other], near[found], weight[found],
        change[one][found], change[other], dip[one][found], dip[other],
        _exposed(grid, rows[other], cohort.week, after),
    )  # fmt: skip


def _dip(seen: _Seen, level: Numbers) -> Numbers:
    """Return how far the weeks before the start lay from a pupil's level, and the same once more where it is much."""
    dip = np.where(seen.known[2] >= CHOOSING.least, seen.mean(2) - level, 0.0)
    return np.stack([dip, dip * np.maximum(dip, 0)], axis=1)


def _exposed(grid: Grid, rows: Rows, week: int, after: Span) -> Numbers:
    known = ~np.isnan(grid.around(rows, week, after))
    begun = np.arange(week + after.first, week + after.last + 1)[None, :] >= grid.start[rows][:, None]
    return (known & begun).sum(axis=1) / np.maximum(known.sum(axis=1), 1)


def _nearest(level: Numbers, others: Numbers) -> tuple[Rows, Numbers]:
    """Find for each level the places of the nearest others, and weigh those within the caliper alike.

    None counts where fewer than the least are there. Equally near ones go by their order, which is that of pseudonyms.
    """
    order = np.argsort(others, kind="stable")
    place = np.searchsorted(others[order], level)[:, None] + np.arange(-ALIKE, ALIKE)
    inside = (place >= 0) & (place < len(others))
    around = order[np.clip(place, 0, len(others) - 1)]
    apart = np.where(inside, np.abs(level[:, None] - others[around]), np.inf)
    nearest = np.argsort(apart, axis=1, kind="stable")[:, :ALIKE]
    close = np.take_along_axis(apart, nearest, 1) <= CALIPER * others.std()
    count = close.sum(axis=1, keepdims=True)
    return np.take_along_axis(around, nearest, 1), np.where(count >= LEAST_ALIKE, close / np.maximum(count, 1), 0.0)
