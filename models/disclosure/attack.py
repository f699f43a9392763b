"""The attacker: what somebody who has every published number can still conclude about a protected one."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from models.disclosure.audit import audited
from models.disclosure.bounds import narrowed
from models.disclosure.certificate import Knowledge, promised_values
from models.disclosure.parameters import DisclosureParameters, DisclosureRefused
from models.disclosure.placing import Place, systems
from models.disclosure.records import hollow
from models.disclosure.system import System
from models.disclosure.table import (
    HIGH,
    LOW,
    PERIOD,
    PUPILS,
    STATUS,
    Grouped,
    check_nested,
    pairs_of,
)

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
PROTECTED, SHOWN = ("rounded", "withheld"), "shown"


def _shown(system: System, place: Place) -> list[tuple[int, str]]:
    """Return the columns of a system that a table shows, with their number."""
    return [(v, column) for v, column in enumerate(system.columns) if column in place.rows.columns]


def _told(system: System, places: Sequence[Place]) -> Knowledge:
    """Gather what the tables say of each count; where two say something of the same, both hold."""
    low, high = np.zeros_like(system.cell_sizes), system.cell_sizes.copy()
    is_exact = np.zeros(low.shape, dtype=bool)
    everybody = int(system.pupils.sum())
    for place in places:
        columns = [name for _, name in _shown(system, place)]
        lowest = place.rows.select(pl.col(c + LOW).cast(pl.Int64).fill_null(0) for c in columns).to_numpy()
        highest = place.rows.select(pl.col(c + HIGH).cast(pl.Int64).fill_null(everybody) for c in columns).to_numpy()
        at = place.cells >= 0
        for number, (v, _) in enumerate(_shown(system, place)):
            np.maximum.at(low[v], place.cells[at], lowest[at, number])
            np.minimum.at(high[v], place.cells[at], highest[at, number])
            is_shown = (place.rows[columns[number] + STATUS] == SHOWN).fill_null(value=False).to_numpy()
            is_exact[v, place.cells[at & is_shown]] = True
    return Knowledge(low, high, is_exact)


def _refuse_contradiction(system: System, place: Place, left: Knowledge) -> None:
    impossible = (left.low > left.high).any(axis=1)
    if impossible.any():
        column = system.columns[int(impossible.argmax())]
        raise DisclosureRefused(place.table.name, column, "published counts contradict")


def _intervals(system: System, place: Place, left: Knowledge) -> pl.DataFrame:
    """Return one row for each protected count of a table in one month."""
    groups = place.table.group_columns
    name = pl.concat_str([pl.col(c).cast(pl.String) for c in groups], separator="|") if groups else pl.lit("")
    keys = place.rows.select(pl.col(PERIOD), name.alias("group"), pl.col(PUPILS).cast(pl.Int64))
    promised = promised_values(system, left)
    parts = [
        keys.with_columns(
            place.rows[column + STATUS].alias("status"),
            *(
                pl.Series(end, np.append(values[v], 0)[place.cells])
                for end, values in (("low", left.low), ("high", left.high), ("promised", promised))
            ),
            table=pl.lit(place.table.name),
            column=pl.lit(column),
            has_cell=pl.Series(place.cells >= 0),
        )
        for v, column in _shown(system, place)
    ]
    is_protected = pl.col("status").is_in(PROTECTED) | ((pl.col("status") == SHOWN) & (pl.col("promised") > 0))
    found = pl.concat(parts).filter(is_protected & pl.col("has_cell"))
    found = found.with_columns(possible_values=pl.col("high") - pl.col("low") + 1)
    return found.with_columns(is_too_narrow=pl.col("possible_values") < pl.col("promised")).select(*INTERVALS)


def attack(
    tables: Sequence[Grouped],
    groups: pl.DataFrame,
    nested: Sequence[Sequence[str]] = (),
    parameters: DisclosureParameters = DEFAULT,
    *,
    is_thorough: bool = False,
) -> pl.DataFrame:
    """Return the interval that relations leave to each protected count.

    tables: published columns, each count with its status and the lowest and highest value that is stated.
    groups: the public number of pupils of each inner group; counts that stand beside it are not looked at.
    nested: chains of count columns, each counting all pupils of the next.
    is_thorough: whether a solver looks for what arithmetic does not find; takes as long as a certificate.
    """
    check_nested(tables, nested)
    found = [pl.DataFrame(schema=INTERVALS)]
    pairs = pairs_of(nested)
    for system, places in systems(hollow(groups, tables, pairs, parameters.base), tables, pairs, parameters):
        left = narrowed(system, _told(system, places))
        for place in places:
            _refuse_contradiction(system, place, left)
        left = audited(system, left) if is_thorough else left
        found += [_intervals(system, place, left) for place in places]
    return pl.concat(found)


def excluding(intervals: pl.DataFrame) -> pl.DataFrame:
    """Return the counts of which some value is excluded: of three pupils, four values are all there are."""
    return intervals.filter(pl.col("possible_values") <= pl.col(PUPILS))


def as_insider(intervals: pl.DataFrame, pupils: int) -> pl.DataFrame:
    """Return the intervals for as many pupils of a group who put together what they know of themselves.

    Each knows whether the count has him in it. How many of them it has is unknown here: the worst case is taken.
    """
    low, high, size = (intervals[name].to_numpy() for name in ("low", "high", PUPILS))
    fewest = high - low + 1
    for counted in range(pupils + 1):
        least, most = np.maximum(low, counted), np.minimum(high, size - (pupils - counted))
        is_possible = (least <= most) & (pupils <= size)
        fewest = np.where(is_possible, np.minimum(fewest, most - least + 1), fewest)
    return intervals.with_columns(possible_values=pl.Series(fewest))


def summary(intervals: pl.DataFrame) -> dict[str, Any]:
    """Return protected_cells, too_narrow and narrowest (where a value is excluded), in all and by table."""
    of_table = [{"table": name, **_figures(part)} for (name,), part in intervals.group_by("table", maintain_order=True)]
    return {**_figures(intervals), "tables": of_table}


def _figures(intervals: pl.DataFrame) -> dict[str, Any]:
    return {
        "protected_cells": intervals.height,
        "too_narrow": int(intervals["is_too_narrow"].sum()),
        "narrowest": excluding(intervals)["possible_values"].min(),
    }
