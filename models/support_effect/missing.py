"""Whether records after the start are missing of the supported as often as of the others."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models.support_effect.grid import Grid, Span

UNLIKE = 0.05  # a share of the weeks; less moves no mean that is told here
BEYOND_CHANCE = 1.96


class Missing(NamedTuple):
    """Share of the later weeks known, supported minus others, in the same weeks and groups."""

    value: float
    is_unlike: bool


def missing_difference(grid: Grid, before: Span, after: Span, chosen: npt.NDArray[np.bool_]) -> Missing:
    """Compare all whose earlier weeks are known and whose later weeks lie within the panel."""
    differences = [np.zeros(0)]
    for cohort in grid.cohorts(chosen):
        if cohort.week + after.last >= grid.weeks:
            continue
        shares = []
        for rows in (cohort.starters, cohort.others):
            known = (~np.isnan(grid.around(rows, cohort.week, before))).sum(axis=1) >= before.least
            later = ~np.isnan(grid.around(rows[known], cohort.week, after))
            # Of holidays nothing is missing.
            shares.append(later.sum(axis=1))
        most = max((int(share.max(initial=0)) for share in shares), default=0)
        if len(shares[1]) and most:
            differences.append((shares[0] - shares[1].mean()) / most)
    found = np.concatenate(differences)
    if len(found) < 2:
        return Missing(0.0, is_unlike=False)
    error = float(found.std(ddof=1) / np.sqrt(len(found)))
    value = float(found.mean())
    return Missing(value, is_unlike=abs(value) > max(UNLIKE, BEYOND_CHANCE * error))
