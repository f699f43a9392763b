"""Round what would show a pupil, prove that it no longer does, and seal it; or refuse."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

import numpy as np
import polars as pl

from models.disclosure.attack import DEFAULT, attack, hollow
from models.disclosure.certificate import Knowledge, Witnesses, is_certified
from models.disclosure.chance import wished
from models.disclosure.parameters import DisclosureParameters, DisclosureRefused
from models.disclosure.placing import Place, refuse_contradiction, systems
from models.disclosure.protected import Protected, sealed
from models.disclosure.rounding import Earlier, Rounded, is_additive, round_counts
from models.disclosure.seen import NUMBERS, certificate_of, earlier_of, latest_of, numbers_of
from models.disclosure.system import Flags, System
from models.disclosure.table import (
    HIGH,
    LOW,
    PERIOD,
    PUPILS,
    SHARE,
    STATUS,
    CountTable,
    check_inner,
    check_nested,
    check_table,
    count_columns,
    pairs_of,
)
from models.disclosure.witness import find

ATTEMPTS = 6  # roundings that are tried for a month


@dataclass(frozen=True)
class _Month:
    """A month that is rounded and certified."""

    system: System
    places: list[Place]
    made: Rounded
    known: Knowledge
    certificate: str
    witnesses: Witnesses | None  # none where an earlier release has certified just this month


@dataclass(frozen=True)
class Protection:
    """Tables that may leave, and what stays inside to protect the next release."""

    tables: list[Protected]
    numbers: pl.DataFrame  # NUMBERS: what readers see now for the first time
    witnesses: dict[str, Witnesses]  # by month


def _known(system: System, made: Rounded, earlier: Earlier) -> Knowledge:
    """Return what readers are told: of a count that is still the same what they were told before, of the others anew.

    Of a group that is too small, anything from 0 to all pupils.
    """
    low, high = np.maximum(made.values - made.max_error, 0), np.minimum(made.values + made.max_error, system.cell_sizes)
    low, high = np.where(earlier.is_kept, earlier.low, low), np.where(earlier.is_kept, earlier.high, high)
    return Knowledge(np.where(system.is_rounded, low, 0), np.where(system.is_rounded, high, system.cell_sizes))


def _max_error(month: _Month) -> int:
    """Return the greatest distance from its count that some published value may have."""
    below, above = month.made.values - month.known.low, month.known.high - month.made.values
    return int(np.maximum(below, above)[month.system.is_rounded].max(initial=month.system.base - 1))


def _table_of(places: Sequence[Place], cell: int) -> str:
    return next(place.table.name for place in places if cell in place.cells)


def _refuse(system: System, places: Sequence[Place], proven: Flags) -> NoReturn:
    column, cell = np.argwhere(~proven)[0]
    rule = f"{int((~proven).sum())} counts of {system.period} cannot be certified"
    raise DisclosureRefused(_table_of(places, cell), system.columns[column], rule)


def _protected_month(system: System, places: list[Place], seen: pl.DataFrame, secret: bytes) -> _Month:
    """Round and certify a month; where a rounding cannot be certified, another one is tried."""
    refuse_contradiction(system, places)
    latest = latest_of(system, seen)
    earlier, certificate = earlier_of(system, latest), certificate_of(system, latest)
    proven = np.zeros(system.cell_counts.shape, dtype=bool)
    for attempt in range(ATTEMPTS):
        made = round_counts(system, earlier, wished(system, secret, attempt))
        known = _known(system, made, earlier)
        if certificate is not None:
            return _Month(system, places, made, known, certificate, None)
        witnesses = find(system, known)
        proven = is_certified(system, known, witnesses)
        if proven.all():
            return _Month(system, places, made, known, witnesses.digest(secret), witnesses)
    _refuse(system, places, proven)


def _columns(month: _Month, place: Place) -> pl.DataFrame:
    """Write the counts of a table for one month, each with its status and the values that it may have."""
    system, made, values, published = month.system, month.made, {}, []
    for v, column in enumerate(system.columns):
        if column in place.rows.columns:
            has_data, is_rounded = pl.col(f"{column}|size") > 0, pl.col(f"{column}|rounded") > 0
            values |= {f"{column}|size": system.cell_sizes[v], f"{column}|rounded": system.is_rounded[v]}
            values |= {column: made.values[v], column + LOW: month.known.low[v], column + HIGH: month.known.high[v]}
            status = pl.when(is_rounded).then(pl.lit("rounded")).when(has_data).then(pl.lit("withheld"))
            published += [
                pl.when(is_rounded).then(pl.col(column)).alias(column),
                status.otherwise(pl.lit("no_data")).alias(column + STATUS),
                *(pl.when(has_data).then(pl.col(column + end)).alias(column + end) for end in (LOW, HIGH)),
            ]
    return pl.DataFrame({name: np.append(of, 0)[place.cells] for name, of in values.items()}).select(published)


def _share(column: str, rule: DisclosureParameters) -> pl.Expr:
    """Make a share of the published count and the public pupils: whole percent, halves up."""
    half_up = (200 * pl.col(column) + pl.col(PUPILS)) // (2 * pl.col(PUPILS))
    return pl.when(pl.col(PUPILS) >= rule.min_share_base).then(half_up).alias(column + SHARE)


def _publish(table: CountTable, months: Sequence[_Month], rule: DisclosureParameters) -> CountTable:
    """Put the published columns in the place of the counts; rows by period and group."""
    counts = count_columns(table.frame)
    described = [column for column in table.frame.columns if column not in counts]
    made = {
        column + end: pl.String if end == STATUS else pl.Int64 for column in counts for end in ("", STATUS, LOW, HIGH)
    }
    raw = table.frame.select(described).with_columns(pl.col(PUPILS).cast(pl.Int64))
    parts = [raw.clear().with_columns(pl.lit(None, dtype).alias(column) for column, dtype in made.items())]
    for month in months:
        place = next(place for place in month.places if place.table.name == table.name)
        parts.append(pl.concat([raw[place.at], _columns(month, place).select(*made)], how="horizontal"))
    frame = pl.concat(parts).sort(PERIOD, *table.group_columns).with_columns(_share(c, rule) for c in counts)
    ordered = [column + end for column in counts for end in ("", STATUS, LOW, HIGH, SHARE)]
    return CountTable(table.name, frame.select(*described, *ordered), table.group_columns)


def _refuse_unless_clean(intervals: pl.DataFrame) -> None:
    for table, column in intervals.filter("is_too_narrow").select("table", "column").unique(maintain_order=True).rows():
        raise DisclosureRefused(table, column, "the attack narrows a count too far")


def _terms(months: Sequence[_Month], nested: Sequence[Sequence[str]], rule: DisclosureParameters) -> dict:
    return {
        "method": "rounding",
        **rule.as_dict(),
        "max_error": max(map(_max_error, months), default=rule.base - 1),
        "is_additive": all(is_additive(month.system, month.made.values) for month in months),
        "nested": [*map(list, nested)],
        "certificates": {month.system.period: month.certificate for month in months},
    }


def _agreeing(inner: pl.DataFrame, pairs: Sequence[tuple[str, str]]) -> pl.DataFrame:
    """Count nobody where a larger count knows nobody: whoever reads that nothing is known there knows it of both."""
    for larger, smaller in pairs:
        inner = inner.with_columns(pl.when(pl.col(larger).is_not_null()).then(smaller).alias(smaller))
    return inner


def protect_after(
    seen: pl.DataFrame,
    tables: Sequence[CountTable],
    inner: pl.DataFrame,
    nested: Sequence[Sequence[str]] = (),
    parameters: DisclosureParameters = DEFAULT,
    *,
    secret: bytes,
) -> Protection:
    """Round all counts of all tables together, certify that each keeps enough possible values, or refuse.

    seen: numbers of earlier releases (columns NUMBERS, oldest first); one whose count is the same stays as it was.
    tables: raw counts; a group column that holds `all` leaves its attribute open.
    inner: raw counts of the groups that all tables are sums of: period, the attributes that tables group by (text),
        pupils, counts (null: no records).
    nested: chains of count columns, each counting all pupils of the next.
    secret: what the draws and the certificates are keyed with; without it anybody could repeat them.
    Raises DisclosureRefused where the tables are no sums of the groups or cannot be made safe.
    """
    check_nested(tables, nested)
    for table in tables:
        check_table(table, nested)
    check_inner(inner, tables)
    inner = _agreeing(inner, pairs_of(nested))
    found = systems(inner, tables, pairs_of(nested), parameters)
    months = [_protected_month(system, places, seen, secret) for system, places in found]
    published = [_publish(table, months, parameters) for table in tables]
    _refuse_unless_clean(attack(published, hollow(inner), nested, parameters))
    terms = _terms(months, nested, parameters)
    new = [numbers_of(m.system, m.made, m.known, m.certificate) for m in months if m.witnesses is not None]
    return Protection(
        [sealed(table.name, table.group_columns, table.frame, terms) for table in published],
        pl.concat([pl.DataFrame(schema=NUMBERS), *new]),
        {month.system.period: month.witnesses for month in months if month.witnesses is not None},
    )


def protect(
    tables: Sequence[CountTable],
    inner: pl.DataFrame,
    nested: Sequence[Sequence[str]] = (),
    parameters: DisclosureParameters = DEFAULT,
    *,
    secret: bytes,
) -> list[Protected]:
    """Protect a first release: `protect_after` of nothing seen."""
    return protect_after(pl.DataFrame(schema=NUMBERS), tables, inner, nested, parameters, secret=secret).tables
