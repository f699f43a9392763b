"""A panel as a grid, pupils by weeks, and spans of weeks around the week in which support began."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

Numbers = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
NEVER = 1_000_000  # a start that lies beyond every panel
YOUNGEST = (1, 4, 7, 10)  # the first grade of each band
DAYS = 7


class Span(NamedTuple):
    """Weeks counted from the week of the start, both ends in, and how many of them must be known."""

    first: int
    last: int
    least: int


class Cohort(NamedTuple):
    """Pupils of one group of pupils alike: who began in `week`, and who had not begun by then. Rows of the grid."""

    week: int
    starters: Rows
    others: Rows


@dataclass(frozen=True)
class Grid:
    """Outcome (pupils, weeks), NaN where not known; of each pupil the week index of the start, group, and school."""

    outcome: Numbers
    start: Rows
    group: Rows
    school: Rows
    programme: tuple[str | None, ...]

    @property
    def weeks(self) -> int:
        """Count the weeks."""
        return self.outcome.shape[1]

    def around(self, rows: Rows, week: int, span: Span) -> Numbers:
        """Return the outcome of `rows` in the span around `week`; NaN beyond the panel."""
        weeks = np.arange(week + span.first, week + span.last + 1)
        inside = (weeks >= 0) & (weeks < self.weeks)
        found = np.full((len(rows), len(weeks)), np.nan)
        found[:, inside] = self.outcome[np.ix_(rows, weeks[inside])]
        return found

    def started(self, programme: str | None) -> npt.NDArray[np.bool_]:
        """Tell who began within the weeks, in one programme or, for None, in any."""
        of_it = np.array([programme in (None, one) for one in self.programme], dtype=bool)
        return of_it & (self.start >= 0) & (self.start < self.weeks)

    def cohorts(self, chosen: npt.NDArray[np.bool_]) -> Iterator[Cohort]:
        """Yield, for each week and group in which some of the chosen began, them and those who had not begun.

        Who begins later stays: those are the pupils who got worse later, and without them the others look better.
        """
        starting = np.flatnonzero(chosen)
        for week in np.unique(self.start[starting]):
            waiting = np.flatnonzero(self.start > week)
            here = starting[self.start[starting] == week]
            for group in np.unique(self.group[here]):
                yield Cohort(int(week), here[self.group[here] == group], waiting[self.group[waiting] == group])


def grid(panel: pl.DataFrame, starts: pl.DataFrame) -> Grid:
    """Make the grid of a panel; the order of rows is of no consequence, a pupil is where the newest row says.

    panel: pupil_key, week (date, the same weekday), outcome, school_reg_no, school_kind, grade.
    starts: pupil_key, started_on, programme; the first start of each pupil, one row a pupil.
    """
    rows = panel.sort("pupil_key", "week")
    newest = rows.group_by("pupil_key", maintain_order=True).last()
    begun = starts.select("pupil_key", "started_on", "programme")
    newest = newest.join(begun, on="pupil_key", how="left", validate="1:1", maintain_order="left")
    week = _weeks_since(rows, "week")
    pupil = rows["pupil_key"].rle_id().to_numpy()
    outcome = np.full((len(newest), int(week.max(initial=-1)) + 1), np.nan)
    outcome[pupil, week] = rows["outcome"].cast(pl.Float64).to_numpy()
    first = rows["week"].min()
    start = (pl.col("started_on") - pl.lit(first)).dt.total_days().floordiv(DAYS).fill_null(NEVER)
    return Grid(
        outcome,
        newest.select(start)["started_on"].cast(pl.Int64).to_numpy(),
        _ranks(newest.select(pl.concat_str("school_kind", _band(), separator="/", ignore_nulls=True))),
        _ranks(newest.select("school_reg_no")),
        tuple(newest["programme"].to_list()),
    )


def _weeks_since(rows: pl.DataFrame, column: str) -> Rows:
    first: Any = rows["week"].min()
    return ((rows[column] - first).dt.total_days() // DAYS).cast(pl.Int64).to_numpy()


def _band() -> pl.Expr:
    return pl.sum_horizontal((pl.col("grade").fill_null(1) >= grade).cast(pl.Int64) for grade in YOUNGEST)


def _ranks(one: pl.DataFrame) -> Rows:
    return one.to_series().fill_null("").rank("dense").cast(pl.Int64).to_numpy() - 1
