"""The mean difference of changes between the supported and those alike, with an interval that knows of schools."""

from typing import NamedTuple

import numpy as np
from scipy.stats import t as student

from models.support_effect.grid import Grid, Numbers
from models.support_effect.matching import Matched, Pair

POWER = 0.8
SURE = 0.95
# Where the truth is known, estimates were off by up to this share of the spread of single pupils, also on average.
# However many pupils there are, no interval is narrower than that.
ALLOWANCE = 0.03


class Estimate(NamedTuple):
    """A mean difference, its standard error, interval and p-value, and the least effect it would find.

    detectable: the effect that this interval leaves zero out for with a chance of 80 %.
    """

    value: float
    error: float
    low: float
    high: float
    p_value: float
    detectable: float

    @property
    def is_zero(self) -> bool:
        """Tell whether the interval holds zero."""
        return self.low <= 0 <= self.high


class _Line(NamedTuple):
    """How the change of pupils without support goes with their dip: slopes, inverse, deviations, what is left."""

    slopes: Numbers
    inverse: Numbers
    away: Numbers
    left: Numbers


def estimate(grid: Grid, matched: Matched, sure: float = SURE) -> Estimate | None:
    """Estimate the effect on the matched; None where nobody is, or all of one school, or all alike had support."""
    pairs, supported = matched.pairs, len(matched.supported)
    if not supported or matched.exposed == 1:
        return None
    line = _line(pairs)
    changes = [
        (pair.change - pair.dip @ line.slopes, pair.change_alike - pair.dip_alike @ line.slopes) for pair in pairs
    ]
    differences = [one - pair.of_alike(other) for pair, (one, other) in zip(pairs, changes, strict=True)]
    # Who began later and serves nonetheless had some support: the difference is that of the rest.
    apart = 1 - matched.exposed
    value = float(np.concatenate(differences).mean())
    part = _parts_of_line(grid, pairs, line)
    for pair, difference, (_, other) in zip(pairs, differences, changes, strict=True):
        part[pair.supported] += (difference - value) / supported
        np.add.at(part, pair.alike[pair.near], -_parts_alike(pair, other) / supported)
    found = _error(grid, matched, part)
    allowance = ALLOWANCE * float(np.concatenate(differences).std())
    return interval(value / apart, found[0] / apart, found[1], sure, allowance) if found else None


def _line(pairs: tuple[Pair, ...]) -> _Line:
    """Fit, among pupils without support in the same weeks, what a dip alone does to the change after it."""
    away = np.concatenate([pair.dip_alike - pair.dip_alike.mean(axis=0) for pair in pairs])
    change = np.concatenate([pair.change_alike - pair.change_alike.mean() for pair in pairs])
    inverse = np.linalg.pinv(away.T @ away)
    slopes = inverse @ (away.T @ change)
    return _Line(slopes, inverse, away, change - away @ slopes)


def _parts_of_line(grid: Grid, pairs: tuple[Pair, ...], line: _Line) -> Numbers:
    """Return how far each pupil moves the estimate by moving the line."""
    dips = np.concatenate([pair.dip - pair.of_alike(pair.dip_alike) for pair in pairs]).mean(axis=0)
    moved = -(line.away @ (line.inverse @ dips)) * line.left
    part = np.zeros(len(grid.start))
    np.add.at(part, np.concatenate([pair.alike for pair in pairs]), moved)
    return part


def _parts_alike(pair: Pair, change: Numbers) -> Numbers:
    used = (pair.weight > 0).sum(axis=1, keepdims=True)
    away = change[pair.near] - pair.of_alike(change)[:, None]
    # A mean of few lies nearer to each of them than the true mean does.
    return pair.weight * away * np.sqrt(used / (used - 1))


def _error(grid: Grid, matched: Matched, part: Numbers) -> tuple[float, float] | None:
    """Return the standard error and its degrees of freedom, counted in schools of equal size.

    By schools where their pupils move together; by pupils where chance makes the schools look quieter than that.
    """
    sizes = np.bincount(grid.school[matched.supported])
    clusters = float(sizes.sum() ** 2 / (sizes**2).sum())
    if clusters <= 1:
        return None
    squares = max(float((np.bincount(grid.school, weights=part) ** 2).sum()), float((part**2).sum()))
    return float(np.sqrt(squares * clusters / (clusters - 1))), clusters - 1


def interval(value: float, error: float, degrees: float, sure: float = SURE, allowance: float = 0.0) -> Estimate | None:
    """Return the estimate with its interval by Student's distribution; None where nothing varies.

    allowance: how far off the estimate may be whatever the number of pupils, in its own unit.
    """
    if not error > 0:
        return None
    quantile, power = (float(student.ppf(share, degrees)) for share in (0.5 + sure / 2, POWER))
    wide = quantile * error + allowance
    p_value = 2 * float(student.sf(max(abs(value) - allowance, 0) / error, degrees))
    return Estimate(value, error, value - wide, value + wide, p_value, wide + power * error)
