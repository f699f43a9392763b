"""The supported week by week around the start, beside what those alike let expect: an interrupted series."""

from typing import NamedTuple

import numpy as np

from models.support_effect.estimate import Estimate, interval
from models.support_effect.grid import Grid, Numbers, Span
from models.support_effect.matching import Matched
from models.support_effect.result import Week

LEAST = 5  # pupils in a week; a mean of fewer is not shown


class _Lines(NamedTuple):
    """Of each matched supported pupil and week: the outcome, and what those alike let expect."""

    supported: Numbers
    expected: Numbers


def means(grid: Grid, matched: Matched, span: Span) -> float:
    """Return the mean over the matched supported pupils of their means over the known weeks of a span."""
    parts = []
    for week, pair in zip(matched.weeks, matched.pairs, strict=True):
        parts.append(_mean(grid.around(pair.supported, week, span), axis=1))
    return round(float(np.nanmean(np.concatenate(parts))), 6)


def series(grid: Grid, matched: Matched, found: Estimate, span: Span, before: Span) -> tuple[Week, ...]:
    """Return each week of the span that enough pupils have; intervals are as wide, per pupil, as the estimate's own."""
    lines = _lines(grid, matched, span, before)
    gaps = lines.supported - lines.expected
    # How much wider the whole estimate's error is than its pupils alone would make it: schools, those alike, dips.
    spread = found.error * np.sqrt(len(gaps)) / _spread_of_change(matched)
    weeks = []
    for number, gap in enumerate(gaps.T):
        known = ~np.isnan(gap)
        if known.sum() < LEAST:
            continue
        error = float(gap[known].std(ddof=1) * spread / np.sqrt(known.sum()))
        around = interval(float(gap[known].mean()), error, float(known.sum() - 1))
        if around:
            ends = [float(line[known, number].mean()) for line in lines]
            told = [round(float(value), 6) for value in (*ends, around.value, around.low, around.high)]
            weeks.append(Week(span.first + number, int(known.sum()), *told))
    return tuple(weeks)


def _spread_of_change(matched: Matched) -> float:
    return float(np.concatenate([pair.differences for pair in matched.pairs]).std(ddof=1))


def _lines(grid: Grid, matched: Matched, span: Span, before: Span) -> _Lines:
    """Shift those alike to the level that each supported pupil had in the weeks compared before."""
    supported, expected = [], []
    usual = slice(before.first - span.first, before.last - span.first + 1)
    for week, pair in zip(matched.weeks, matched.pairs, strict=True):
        one, other = grid.around(pair.supported, week, span), grid.around(pair.alike, week, span)
        known = ~np.isnan(other)
        weight = pair.of_alike(known.astype(float))
        alike = np.where(
            weight > 0, pair.of_alike(np.where(known, other, 0.0)) / np.where(weight > 0, weight, 1), np.nan
        )
        both = ~np.isnan(one[:, usual]) & ~np.isnan(alike[:, usual])
        shift = _mean(np.where(both, one[:, usual] - alike[:, usual], np.nan), axis=1)
        supported.append(one)
        expected.append(alike + shift[:, None])
    return _Lines(np.concatenate(supported), np.concatenate(expected))


def _mean(values: Numbers, axis: int) -> Numbers:
    """Return means over what is known, NaN where nothing is."""
    known = (~np.isnan(values)).sum(axis=axis)
    return np.where(known > 0, np.nansum(values, axis=axis) / np.maximum(known, 1), np.nan)
