"""Ask whether support changed an outcome, of each pupil every week, and say so only where the data can tell.

Pupils get support because something went wrong just before (a dip) or has been wrong for long (a level). A dip passes
by itself; before-and-after takes that for an effect. To match on the weeks before does not help: where the supported
are worse for long, those alike are pupils who had a bad spell, and who get better when it passes. So:

- **The same distance on both sides.** Schools choose by the last weeks (-4 to -1). What passes is as small so many
  weeks before the middle of these as after it: weeks 4 to 15 after the start are compared with weeks -20 to -9
  (Chabe-Ferret 2015, Journal of Econometrics 185(1)). A lasting level goes out with the difference.
- **Alike in just the weeks compared.** Those alike are of the same week, kind of school and band of grades, and near in
  the *mean* of both spans. A mean over two spans says nothing of the difference between them, so that nothing
  regresses; but a season that weighs more on pupils who are often absent weighs on both alike.
- **What remains of a dip** (a spell comes at once and fades slowly) is a line through pupils without support.
- **Who begins later stays.** To leave these out would leave out just those who got worse. The share of their weeks
  after their own start is taken into account, as if support did the same for them.
- **Intervals by school**, by Student's distribution with as many degrees as there are schools of equal size, and wide
  enough that all programmes asked about together are told a false effect of once in twenty times (Bonferroni).
  An allowance for what the method leaves behind is in them.
- **Refusals**: a made-up start twelve weeks earlier must show nothing, nor the two halves of the weeks before; records
  must be missing alike; there must be enough pupils, schools, weeks.

Pure: frames in, results out. See docs/methods/support-effect.md.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.support_effect.estimate import SURE, Estimate, estimate
from models.support_effect.grid import Grid, Span, grid
from models.support_effect.matching import CHOOSING, Matched, match
from models.support_effect.missing import missing_difference
from models.support_effect.result import ALL, SupportEffect, table
from models.support_effect.series import means, series

__all__ = ["ALL", "SupportEffect", "assess", "table"]

BEFORE, AFTER = Span(-20, -9, 4), Span(4, 15, 4)
EARLIER = Span(-32, -21, 4)
HALVES = Span(-20, -15, 2), Span(-14, -9, 2)
LEAST_PUPILS = 30
LEAST_SCHOOLS = 10
MOST_EXPOSED = 0.3  # where those alike have that much support themselves, they show no life without it
LEAST_SHARE = 0.5  # of those with enough weeks: an effect on fewer would be one on other pupils


def assess(panel: pl.DataFrame, starts: pl.DataFrame, outcome: str) -> list[SupportEffect]:
    """Return the result for all support and for each programme; frames as `grid` wants them.

    starts: the first start of each pupil, in whatever programme. Same rows in any order, same result.
    """
    programmes = starts["programme"].drop_nulls().unique().sort().to_list()
    if panel.is_empty():
        return [SupportEffect(outcome, name, "too_few_supported", 0) for name in (ALL, *programmes)]
    made = grid(panel, starts)
    # One programme alone is the same question as all support.
    questions = 1 + len(programmes) if len(programmes) > 1 else 1
    return [_assessed(made, outcome, name, 1 - (1 - SURE) / questions) for name in (None, *programmes)]


def _assessed(made: Grid, outcome: str, programme: str | None, sure: float) -> SupportEffect:
    chosen = made.started(programme)
    result = SupportEffect(outcome, programme or ALL, None, int(chosen.sum()), confidence=round(sure, 6))
    if result.supported < LEAST_PUPILS:
        return replace(result, reason="too_few_supported")
    matched = match(made, BEFORE, AFTER, chosen)
    first = estimate(made, matched)
    if first:
        matched = match(made, BEFORE, AFTER, chosen, first.value)
    rows = matched.supported
    result = replace(
        result,
        with_weeks=matched.with_weeks,
        matched=len(rows),
        alike=matched.alike,
        schools=len(np.unique(made.school[rows])),
    )
    found = estimate(made, matched, sure)
    reason = _too_little(result, matched)
    if reason or found is None:
        return replace(result, reason=reason or "too_few_schools")
    return _judged(made, chosen, _described(made, result, matched), found, matched)


def _too_little(result: SupportEffect, matched: Matched) -> str | None:
    if result.with_weeks < LEAST_PUPILS:
        return "not_enough_weeks"
    if result.matched < max(LEAST_PUPILS, LEAST_SHARE * result.with_weeks) or matched.exposed > MOST_EXPOSED:
        return "too_few_matched"
    return "too_few_schools" if result.schools < LEAST_SCHOOLS else None


def _described(made: Grid, result: SupportEffect, matched: Matched) -> SupportEffect:
    usual, at_start, after = (means(made, matched, span) for span in (BEFORE, CHOOSING, AFTER))
    return replace(result, usual=usual, at_start=at_start, after=after, naive=round(after - at_start, 6))


def _judged(
    made: Grid, chosen: NDArray[np.bool_], result: SupportEffect, found: Estimate, matched: Matched
) -> SupportEffect:
    """Try the assumptions; the effect is told only where none of them fails."""
    gone = missing_difference(made, BEFORE, AFTER, chosen)
    trend = estimate(made, match(made, *HALVES, chosen))
    earlier = match(made, EARLIER, BEFORE, chosen)
    # A placebo of a few pupils says nothing, and must not look as if it did.
    placebo = estimate(made, earlier) if len(earlier.supported) >= LEAST_PUPILS else None
    tried = replace(
        result,
        **_numbers("trend", trend),
        **_numbers("placebo", placebo),
        placebo_pupils=len(earlier.supported) if placebo else 0,
        missing_difference=round(gone.value, 6),
        detectable=round(found.detectable, 6),
        series=series(made, matched, found, Span(EARLIER.first, AFTER.last, 1), BEFORE),
    )
    if gone.is_unlike:
        return replace(tried, reason="missing_not_alike")
    if trend and not trend.is_zero:
        return replace(tried, reason="trends_differ")
    if placebo and not placebo.is_zero:
        return replace(tried, reason="placebo_not_zero")
    return replace(tried, **_numbers("effect", found), p_value=round(found.p_value, 6))


def _numbers(name: str, found: Estimate | None) -> dict[str, Any]:
    if found is None:
        return {}
    ends = ("low", "high") if name == "effect" else (f"{name}_low", f"{name}_high")
    return {name: round(found.value, 6), ends[0]: round(found.low, 6), ends[1]: round(found.high, 6)}
