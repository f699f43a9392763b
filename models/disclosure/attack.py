"""The attacker: what somebody who has every published number can still conclude about a withheld one."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from models.disclosure.month import Bounds, Flags, Ints, Month, months, narrowed
from models.disclosure.parameters import DisclosureParameters, DisclosureRefused
from models.disclosure.table import PERIOD, PUPILS, STATUS, Grouped, check_nested, count_columns, families

DEFAULT = DisclosureParameters()
INTERVALS = {
    "table": pl.String,
    PERIOD: pl.String,
    "group": pl.String,
    "column": pl.String,
    PUPILS: pl.Int64,
    "low": pl.Int64,
    "high": pl.Int64,
    "possible_values": pl.Int64,
    "is_too_narrow": pl.Boolean,
}


def promised(month: Month, rule: DisclosureParameters) -> Ints:
    """Return how many values a withheld count must keep: of fewer pupils than that, none may be excluded."""
    return np.minimum(rule.min_possible_values, month.pupils + 1)


def possible(low: Ints, high: Ints) -> Ints:
    """Count the values between two bounds."""
    return high - low + 1


def breaks_primary_rule(month: Month, rule: DisclosureParameters) -> Flags:
    """Tell the counts with too few pupils in, or too few out."""
    return month.has_data & ((month.counts < rule.min_in) | (month.pupils - month.counts < rule.min_out))


def _withheld(month: Month, columns: list[str]) -> Flags:
    statuses = pl.concat([frame.select(pl.col(c + STATUS) == "withheld" for c in columns) for frame in month.frames])
    return statuses.to_numpy()


def _bounds(month: Month, withheld: Flags) -> Bounds:
    """Read exact counts as they stand and withheld ones as 0 to all pupils; a group without data adds nothing."""
    return np.where(withheld, 0, month.counts), np.where(withheld, month.pupils, month.counts)


def _refuse_contradiction(family: Sequence[Grouped], columns: list[str], low: Ints, high: Ints) -> None:
    impossible = (low > high).any(axis=0)
    if impossible.any():
        raise DisclosureRefused(family[0].name, columns[int(impossible.argmax())], "published counts contradict")


def _rows(
    month: Month, family: Sequence[Grouped], columns: list[str], cells: Flags, bounds: Bounds, narrow: Flags
) -> list[tuple]:
    keys = [
        (table.name, month.period, "|".join(map(str, group)))
        for table, frame in zip(family, month.frames, strict=True)
        for group in frame.select(table.group_columns).iter_rows()
    ]
    low, high = bounds
    return [
        (*keys[g], columns[c], month.pupils[g, 0], low[g, c], high[g, c], high[g, c] - low[g, c] + 1, narrow[g, c])
        for g, c in np.argwhere(cells)
    ]


def _attack_month(month: Month, family: Sequence[Grouped], rule: DisclosureParameters) -> list[tuple]:
    columns = count_columns(family[0].frame)
    withheld = _withheld(month, columns)
    low, high = narrowed(month, *_bounds(month, withheld))
    _refuse_contradiction(family, columns, low, high)
    protected = withheld | (month.has_data & breaks_primary_rule(month, rule))
    return _rows(month, family, columns, protected, (low, high), possible(low, high) < promised(month, rule))


def attack(
    tables: Sequence[Grouped],
    links: Sequence[Sequence[str]] = (),
    nested: Sequence[Sequence[str]] = (),
    parameters: DisclosureParameters = DEFAULT,
) -> pl.DataFrame:
    """Return the interval of each protected cell: withheld, or shown although too few pupils are in or out.

    tables: published columns, each count with its status.
    links: names of tables that partition the same pupils, so that their totals are equal in each month.
    nested: chains of count columns, each counting all pupils of the next.
    """
    check_nested(tables, nested)
    found = [
        row
        for family in families(tables, links)
        for month in months(family, nested)
        for row in _attack_month(month, family, parameters)
    ]
    return pl.DataFrame(found, schema=INTERVALS, orient="row")


def summary(intervals: pl.DataFrame) -> dict[str, Any]:
    """Return protected_cells, too_narrow and narrowest (possible values), in all and by table."""
    of_table = [{"table": name, **_figures(part)} for (name,), part in intervals.group_by("table", maintain_order=True)]
    return {**_figures(intervals), "tables": of_table}


def _figures(intervals: pl.DataFrame) -> dict[str, Any]:
    return {
        "protected_cells": intervals.height,
        "too_narrow": int(intervals["is_too_narrow"].sum()),
        "narrowest": intervals["possible_values"].min(),
    }
