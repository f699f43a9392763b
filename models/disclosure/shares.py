"""Shares of lessons missed: told so coarsely that no pupil can move one by more than a step.

A sum of lessons is no count of pupils: one pupil alone can make most of it. So a share is told as the step that it lies
in, and a step is at least as wide as what one pupil could change, had he missed every lesson or none. Groups of fewer
than 10 pupils get none; nor do as many others as it takes for those 10 not to follow from sums.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import polars as pl
from scipy.optimize import linprog

from models.disclosure.parameters import DisclosureParameters, DisclosureRefused
from models.disclosure.protected import Protected, sealed
from models.disclosure.table import ALL, DESCRIBING, HIGH, LOW, PERIOD, PUPILS, STATUS, CountTable, in_order

HELD, MOST, KNOWN = "lessons_held", "most_lessons_held", "pupils_with_lessons"
STEP, PERCENT = "step_percent", "_percent"
STEPS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
SLACK = 1e-3  # lessons: what decimals of percents leave open
DEFAULT = DisclosureParameters()


def is_of_shares(frame: pl.DataFrame) -> bool:
    """Tell whether a table tells shares of lessons, raw or published."""
    return HELD in frame.columns or STEP in frame.columns


def measures(frame: pl.DataFrame) -> list[str]:
    """Name what is told as a share of the lessons held, raw or published."""
    if STEP in frame.columns:
        return [c.removesuffix(PERCENT) for c in frame.columns if c.endswith(PERCENT) and c != STEP]
    return [c for c in frame.columns if c.startswith("lessons_missed_")]


@dataclass(frozen=True)
class _Lines:
    """Which finest groups each row of a month sums, and where rows divide another one."""

    frame: pl.DataFrame  # one month
    groups: Sequence[str]
    pupils: np.ndarray  # of each row; those of whom lessons are known, for whoever knows them
    whole: np.ndarray  # what each row could miss at most: lessons held, or pupils where lessons are not known
    one: float  # what one pupil could miss at most, in the same measure

    @property
    def finest(self) -> list[int]:
        """Return the rows that leave no attribute open."""
        return (
            self.frame.select(pl.all_horizontal(pl.col(c) != ALL for c in self.groups)).to_series().arg_true().to_list()
        )

    def members(self) -> np.ndarray:
        """Return 1 where a row holds a finest group: (rows, finest)."""
        found = np.ones((self.frame.height, len(self.finest)))
        for group in self.groups:
            values = self.frame[group].to_numpy()
            found *= (values[:, None] == ALL) | (values[:, None] == values[None, self.finest])
        return found

    def divided(self) -> Iterator[tuple[int, list[int]]]:
        """Yield each row that leaves an attribute open, and the rows that name it; those that leave fewest open first.

        What follows from a finer row is withheld there, and the coarser ones are still told.
        """
        keys = {key: number for number, key in enumerate(self.frame.select(self.groups).rows())}
        finer_first = sorted(keys.items(), key=lambda pair: pair[0].count(ALL))
        for (key, number), (at, group) in product(finer_first, enumerate(self.groups)):
            if key[at] == ALL:
                values = self.frame[group].unique(maintain_order=True)
                named = [(*key[:at], value, *key[at + 1 :]) for value in values if value != ALL]
                yield number, [keys[one] for one in named if one in keys]


def _rest(lines: _Lines, is_told: np.ndarray, least: int) -> Iterator[tuple[list[int], list[int]]]:
    """Yield rows of whom too few pupils are left to tell of, and the rows that could be withheld: those beside first.

    A small group must not follow by any way, whether or not a row that holds it is told.
    """
    told = sorted(np.flatnonzero(is_told).tolist(), key=lambda one: lines.pupils[one])
    small = np.flatnonzero(~is_told & (lines.pupils > 0) & (lines.pupils < least)).tolist()
    seen: set[tuple[int, ...]] = set()
    for parent, parts in [*lines.divided(), *((row, [row]) for row in small)]:
        hidden = tuple(part for part in parts if not is_told[part] and lines.pupils[part])
        if hidden and hidden not in seen and lines.pupils[list(hidden)].sum() < least:
            seen.add(hidden)
            beside = [row for row in told if row in parts] + [row for row in told if row == parent]
            yield [*hidden], [*beside, *told]


def _width(lines: _Lines, low: np.ndarray, high: np.ndarray, rows: Sequence[int]) -> float:
    """Return how far apart the sums of some rows can be, as told; DisclosureRefused where no sums fit what is told."""
    members = lines.members()
    least, most = low * lines.whole / 100 - SLACK, high * lines.whole / 100 + SLACK
    bounds = np.column_stack([np.zeros(len(lines.finest)), lines.whole[lines.finest]])
    weights = members[rows].sum(axis=0)
    ends = []
    for sign in (1, -1):
        found = linprog(sign * weights, A_ub=np.vstack([members, -members]), b_ub=np.r_[most, -least], bounds=bounds)
        if found.status != 0:
            raise DisclosureRefused("of shares", STEP, f"no sums of {lines.frame[PERIOD][0]} fit what is told")
        ends.append(sign * found.fun)
    return ends[1] - ends[0]


def _narrow(
    lines: _Lines, measure: str, least: int, *, is_guess: bool = False
) -> Iterator[tuple[list[int], list[int]]]:
    """Yield the rests that are told closer than one pupil, with what could be withheld beside them.

    is_guess: whether lessons are guessed by pupils; where no sums fit, the guess is wrong and finds nothing.
    """
    is_told = (lines.frame[measure + STATUS] == "rounded").to_numpy()
    low = np.where(is_told, lines.frame[measure + LOW].fill_null(0).to_numpy(), 0)
    high = np.where(is_told, lines.frame[measure + HIGH].fill_null(100).to_numpy(), 100)
    for hidden, others in _rest(lines, is_told, least):
        try:
            width = _width(lines, low, high, hidden)
        except DisclosureRefused:
            if not is_guess:
                raise
            continue
        if width < min(lines.one, lines.whole[hidden].sum()) * (1 - 1e-6) - 4 * SLACK:
            yield hidden, others


def attack_shares(table: CountTable, rule: DisclosureParameters = DEFAULT) -> pl.DataFrame:
    """Return what published shares tell too closely of groups that are not told: period, column, pupils.

    table: published columns. Who reads it knows how many pupils each group has, and takes their lessons to be alike.
    """
    found = []
    for month, frame in table.frame.group_by(PERIOD, maintain_order=True):
        pupils = frame[PUPILS].to_numpy().astype(float)
        lines = _Lines(frame, table.group_columns, pupils, pupils, 1)
        for measure in measures(frame):
            for hidden, _ in _narrow(lines, measure, rule.min_mean_base, is_guess=True):
                found.append((month[0], measure, int(pupils[hidden].sum())))
    return pl.DataFrame(found, schema={PERIOD: pl.String, "column": pl.String, PUPILS: pl.Int64}, orient="row")


def share_summary(table: CountTable, rule: DisclosureParameters = DEFAULT) -> dict[str, Any]:
    """Return table, protected_cells and too_narrow of published shares, as `summary` does of counts."""
    statuses = [table.frame[measure + STATUS] for measure in measures(table.frame)]
    protected = sum(int((status != "no_data").sum()) for status in statuses)
    return {"table": table.name, "protected_cells": protected, "too_narrow": attack_shares(table, rule).height}


def _step() -> pl.Expr:
    """Choose the narrowest step that one pupil's lessons do not exceed, of all that were held; none if none is."""
    of_one = 100 * pl.col(MOST) / pl.col(HELD)
    wide = [pl.when(of_one <= step).then(pl.lit(step)) for step in STEPS]
    return pl.when(pl.col(HELD) > 0).then(pl.coalesce(wide))


def _told(measure: str, rule: DisclosureParameters) -> list[pl.Expr]:
    """Tell the step that a share lies in, its ends and its middle."""
    has_data, is_enough = pl.col(HELD) > 0, (pl.col(KNOWN) >= rule.min_mean_base) & pl.col(STEP).is_not_null()
    share = 100 * pl.col(measure) / pl.col(HELD)
    at = (share / pl.col(STEP) + 1e-9).floor().clip(0, (100 / pl.col(STEP)).round() - 1)
    status = pl.when(~has_data).then(pl.lit("no_data")).when(is_enough).then(pl.lit("rounded"))
    return [
        pl.when(is_enough).then(((at + 0.5) * pl.col(STEP)).round(2)).alias(measure + PERCENT),
        status.otherwise(pl.lit("withheld")).alias(measure + STATUS),
        pl.when(is_enough).then((at * pl.col(STEP)).round(2)).alias(measure + LOW),
        pl.when(is_enough).then(((at + 1) * pl.col(STEP)).round(2)).alias(measure + HIGH),
    ]


def _without(frame: pl.DataFrame, row: int, named: Sequence[str]) -> pl.DataFrame:
    """Withhold a row."""
    is_row = pl.int_range(pl.len()) == row
    return frame.with_columns(
        pl.when(is_row).then(pl.lit("withheld") if of.endswith(STATUS) else None).otherwise(of).alias(of)
        for measure in named
        for of in (measure + PERCENT, measure + STATUS, measure + LOW, measure + HIGH)
    )


def _protected(
    frame: pl.DataFrame, table: CountTable, named: Sequence[str], rule: DisclosureParameters
) -> pl.DataFrame:
    """Withhold rows of a month until no small rest is told closer than one pupil; each time the smallest beside it.

    Whoever tries knows more than a reader: how many lessons were held in each group.
    """
    for _ in range(frame.height):
        known, held = (frame[column].to_numpy().astype(float) for column in (KNOWN, HELD))
        lines = _Lines(frame, table.group_columns, known, held, float(frame[MOST].to_numpy().max()))
        pupils = frame[PUPILS].to_numpy().astype(float)
        guessed = _Lines(frame, table.group_columns, pupils, pupils, 1)  # what any reader tries
        found = (
            others
            for measure in named
            for tried, is_guess in ((lines, False), (guessed, True))
            for _, others in _narrow(tried, measure, rule.min_mean_base, is_guess=is_guess)
        )
        narrow = next((others for others in found if others), None)
        if narrow is None:
            return frame
        frame = _without(frame, narrow[0], named)
    raise DisclosureRefused(table.name, named[0], "small groups follow from sums whatever is withheld")


def _refuse_wrong(table: CountTable, named: Sequence[str]) -> None:
    sums = (PUPILS, KNOWN, HELD, MOST, *named)
    for column in (PERIOD, *sums, *table.group_columns):
        if column not in table.frame.columns or table.frame[column].null_count():
            raise DisclosureRefused(table.name, column, "is missing")
    for column in set(table.frame.columns) - DESCRIBING - {*sums, *table.group_columns}:
        raise DisclosureRefused(table.name, column, "is neither group, description nor sum of lessons; leave it out")
    broken = {
        HELD: (pl.sum_horizontal(named) > pl.col(HELD)) | (pl.col(MOST) * pl.col(KNOWN) < pl.col(HELD)),
        KNOWN: (pl.col(KNOWN) > pl.col(PUPILS)) | pl.any_horizontal(pl.col(sums) < 0),
        table.group_columns[-1]: pl.struct(PERIOD, *table.group_columns).is_duplicated(),
    }
    for column, is_broken in broken.items():
        if rows := table.frame.filter(is_broken).height:
            raise DisclosureRefused(table.name, column, f"cannot be what it says (rows: {rows})")


def _refuse_unsummed(month: pl.DataFrame, table: CountTable, named: Sequence[str]) -> None:
    """Refuse rows that are not the sums of the finest ones: what has no row of its own would be tried by nobody."""
    summed = month.select(KNOWN, HELD, *named).to_numpy()
    lines = _Lines(month, table.group_columns, summed[:, 0], summed[:, 1], 0)
    wrong = int((summed != lines.members() @ summed[lines.finest]).any(axis=1).sum())
    if wrong:
        raise DisclosureRefused(table.name, HELD, f"is not the sum of its parts (rows: {wrong})")


def protect_shares(table: CountTable, rule: DisclosureParameters = DEFAULT) -> Protected:
    """Tell sums of lessons as shares in steps, or withhold them.

    table: raw sums; a group column that holds `all` leaves its attribute open, and all sums of the finest rows stand in
        it. Columns: pupils (public), pupils_with_lessons, lessons_held, most_lessons_held (of one pupil),
        lessons_missed_<reason>, each at most lessons_held together.
    Raises DisclosureRefused where rows cannot be what they say, or cannot be made safe.
    """
    named = measures(table.frame)
    _refuse_wrong(table, named)
    told = table.frame.with_columns(_step().alias(STEP)).with_columns(e for m in named for e in _told(m, rule))
    in_months = told.sort(PERIOD, *in_order(table.group_columns)).partition_by(PERIOD, maintain_order=True)
    for month in in_months:
        _refuse_unsummed(month, table, named)
    months = [_protected(month, table, named, rule) for month in in_months]
    shown = pl.concat([told.clear(), *months]).select(pl.exclude(KNOWN, HELD, MOST, *named))
    is_told = pl.any_horizontal(pl.col(measure + STATUS) == "rounded" for measure in named)
    frame = shown.with_columns(pl.col(PUPILS).cast(pl.Int64), pl.when(is_told).then(STEP).alias(STEP))
    if attack_shares(CountTable(table.name, frame, table.group_columns), rule).height:
        raise DisclosureRefused(table.name, named[0], "the attack finds a group too closely")
    terms: dict[str, Any] = {**rule.as_dict(), "method": "steps", "steps": list(STEPS), "certificates": {}}
    return sealed(table.name, table.group_columns, frame, terms)
