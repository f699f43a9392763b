"""Write protected counts into their tables, with what each may stand for, and shares made of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from models.disclosure.certificate import Knowledge, Witnesses
from models.disclosure.parameters import DisclosureParameters
from models.disclosure.placing import Place
from models.disclosure.system import Flags, Ints, System
from models.disclosure.table import HIGH, LOW, PERIOD, PUPILS, SHARE, STATUS, CountTable, count_columns, in_order


@dataclass(frozen=True)
class Family:
    """Counts of a month that relations join, protected and certified."""

    system: System
    places: list[Place]
    values: Ints  # (V, C) what is told
    is_told: Flags  # (V, C) whether anything is
    known: Knowledge
    certificate: str
    witnesses: Witnesses | None  # none where an earlier release has certified just these
    word: str = "rounded"  # the status of what is told
    at_least: float | None = None  # how many counts must be withheld at least, where that is known


def _columns(family: Family, place: Place) -> pl.DataFrame:
    """Write the counts of a table for one month, each with its status and the values that it may have."""
    system, values, published = family.system, {}, []
    for v, column in enumerate(system.columns):
        if column in place.rows.columns:
            has_data, is_told = pl.col(f"{column}|size") > 0, pl.col(f"{column}|told") > 0
            values |= {f"{column}|size": system.cell_sizes[v], f"{column}|told": family.is_told[v]}
            values |= {column: family.values[v], column + LOW: family.known.low[v], column + HIGH: family.known.high[v]}
            status = pl.when(is_told).then(pl.lit(family.word)).when(has_data).then(pl.lit("withheld"))
            published += [
                pl.when(is_told).then(pl.col(column)).alias(column),
                status.otherwise(pl.lit("no_data")).alias(column + STATUS),
                *(pl.when(has_data).then(pl.col(column + end)).alias(column + end) for end in (LOW, HIGH)),
            ]
    return pl.DataFrame({name: np.append(of, 0)[place.cells] for name, of in values.items()}).select(published)


def _share(column: str, rule: DisclosureParameters) -> pl.Expr:
    """Make a share of the published count and the public pupils: whole percent, halves up."""
    half_up = (200 * pl.col(column) + pl.col(PUPILS)) // (2 * pl.col(PUPILS))
    return pl.when(pl.col(PUPILS) >= rule.min_share_base).then(half_up).alias(column + SHARE)


def _published_month(raw: pl.DataFrame, shown: Sequence[tuple[Family, Place]], made: Iterable[str]) -> pl.DataFrame:
    """Put the columns of all families beside the rows of a month, which they show in the same order."""
    rows = raw[shown[0][1].at]
    return pl.concat([rows, *(_columns(*one) for one in shown)], how="horizontal").select(*raw.columns, *made)


def publish(table: CountTable, families: Sequence[Family], rule: DisclosureParameters) -> CountTable:
    """Put the published columns in the place of the counts; rows by period and group."""
    counts = count_columns(table.frame)
    described = [column for column in table.frame.columns if column not in counts]
    made = {
        column + end: pl.String if end == STATUS else pl.Int64 for column in counts for end in ("", STATUS, LOW, HIGH)
    }
    raw = table.frame.select(described).with_columns(pl.col(PUPILS).cast(pl.Int64))
    parts = [raw.clear().with_columns(pl.lit(None, dtype).alias(column) for column, dtype in made.items())]
    shown: dict[str, list[tuple[Family, Place]]] = {}
    for family in families:
        for place in family.places:
            if place.table.name == table.name:
                shown.setdefault(family.system.period, []).append((family, place))
    parts += [_published_month(raw, of_month, made) for of_month in shown.values()] if counts else [raw]
    frame = pl.concat(parts).sort(PERIOD, *in_order(table.group_columns)).with_columns(_share(c, rule) for c in counts)
    ordered = [column + end for column in counts for end in ("", STATUS, LOW, HIGH, SHARE)]
    return CountTable(table.name, frame.select(*described, *ordered), table.group_columns)
