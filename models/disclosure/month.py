"""Tables of the same pupils side by side for one month, and what their relations tell."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.disclosure.table import PERIOD, PUPILS, Grouped, count_columns, in_order, no_data, pairs_in

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Bounds = tuple[Ints, Ints]  # lowest and highest possible count of each cell


@dataclass(frozen=True)
class Month:
    """Cells of one month: groups of all tables down, count columns across."""

    period: str
    frames: list[pl.DataFrame]  # one a table, rows in the order of the cells
    pupils: Ints  # (groups, 1), public
    counts: Ints  # (groups, columns); 0 where unknown
    is_null: Flags
    signs: list[Ints]  # one a pair of linked tables: +1 and -1 at their groups, 0 elsewhere
    nested: list[tuple[int, int]]  # columns of which the first counts all pupils of the second

    @property
    def has_data(self) -> Flags:
        """Tell the cells that count somebody's records."""
        return ~self.is_null & (self.pupils > 0)

    def split(self, cells: NDArray) -> list[NDArray]:
        """Cut an array of cells into one a table."""
        return np.split(cells, np.cumsum([frame.height for frame in self.frames])[:-1])


def _signs(heights: Sequence[int]) -> list[Ints]:
    owner = np.repeat(np.arange(len(heights)), heights)
    return [(owner == 0).astype(np.int64) - (owner == other) for other in range(1, len(heights))]


def _month(period: str, frames: list[pl.DataFrame], columns: list[str], nested: list[tuple[int, int]]) -> Month:
    rows = pl.concat([frame.select(pl.col(PUPILS, *columns).cast(pl.Int64)) for frame in frames])
    counts = rows.select(columns)
    return Month(
        period,
        frames,
        pupils=rows.select(PUPILS).to_numpy(),
        counts=counts.fill_null(0).to_numpy(),
        is_null=pl.concat([frame.select(no_data(frame, column) for column in columns) for frame in frames]).to_numpy(),
        signs=_signs([frame.height for frame in frames]),
        nested=nested,
    )


def months(family: Sequence[Grouped], nested: Sequence[Sequence[str]]) -> Iterator[Month]:
    """Yield the months of linked tables in order."""
    columns = count_columns(family[0].frame)
    pairs = [(columns.index(larger), columns.index(smaller)) for larger, smaller in pairs_in(family[0], nested)]
    parts = [in_order(table).partition_by(PERIOD, as_dict=True, include_key=True) for table in family]
    for (period,) in sorted(set().union(*parts)):
        frames = [part.get((period,), table.frame.clear()) for part, table in zip(parts, family, strict=True)]
        yield _month(str(period), frames, columns, pairs)


def _by_total(signs: Ints, low: Ints, high: Ints) -> Bounds:
    """Narrow by `signed sum of a column = 0`: each cell is what all others leave."""
    sign = signs[:, None]
    least, most = np.where(sign > 0, low, -high) * (sign != 0), np.where(sign > 0, high, -low) * (sign != 0)
    at_least, at_most = np.maximum(least, most - most.sum(axis=0)), np.minimum(most, least - least.sum(axis=0))
    new_low, new_high = np.where(sign > 0, at_least, -at_most), np.where(sign > 0, at_most, -at_least)
    return np.where(sign, new_low, low), np.where(sign, new_high, high)


def _by_difference(larger: int, smaller: int, rest: int, low: Ints, high: Ints) -> None:
    """Narrow by `larger = smaller + rest`, in place."""
    low[:, larger] = np.maximum(low[:, larger], low[:, smaller] + low[:, rest])
    high[:, larger] = np.minimum(high[:, larger], high[:, smaller] + high[:, rest])
    for part, other in ((smaller, rest), (rest, smaller)):
        low[:, part] = np.maximum(low[:, part], low[:, larger] - high[:, other])
        high[:, part] = np.minimum(high[:, part], high[:, larger] - low[:, other])


def _with_rests(month: Month, low: Ints, high: Ints) -> Bounds:
    """Add a column for each nesting: pupils in the larger count and not in the smaller, who add up as all others do."""
    larger, smaller = [pair[0] for pair in month.nested], [pair[1] for pair in month.nested]
    is_nested = month.has_data[:, larger] & month.has_data[:, smaller]
    most = np.broadcast_to(month.pupils, is_nested.shape)
    return np.hstack([low, np.where(is_nested, 0, -most)]), np.hstack([high, most])


def _once(month: Month, low: Ints, high: Ints) -> Bounds:
    low, high = low.copy(), high.copy()
    for signs in month.signs:
        low, high = _by_total(signs, low, high)
    for i, (larger, smaller) in enumerate(month.nested):
        _by_difference(larger, smaller, month.counts.shape[1] + i, low, high)
    return low, high


def narrowed(month: Month, low: Ints, high: Ints) -> Bounds:
    """Narrow intervals by every relation until none moves; stops where low > high, which no table can be."""
    count, now = month.counts.shape[1], _with_rests(month, low, high)
    while (now[0] <= now[1]).all():
        before, now = now, _once(month, *now)
        if all(map(np.array_equal, before, now)):
            break
    return now[0][:, :count], now[1][:, :count]
