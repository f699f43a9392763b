"""Round what would show a pupil, prove that it no longer does, and seal it; or refuse."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import Any

import polars as pl

from models.disclosure.attack import DEFAULT, attack
from models.disclosure.certificate import Witnesses
from models.disclosure.families import max_error, protected_families, table_of
from models.disclosure.lasting import Lasting
from models.disclosure.parameters import DisclosureParameters, DisclosureRefused
from models.disclosure.placing import Place, refuse_contradiction, refuse_wrong_pupils, systems
from models.disclosure.protected import Protected, sealed
from models.disclosure.publishing import Family, publish
from models.disclosure.records import settled
from models.disclosure.rounding import is_additive
from models.disclosure.seen import NUMBERS, numbers_of
from models.disclosure.system import System
from models.disclosure.table import (
    CountTable,
    check_inner,
    check_nested,
    check_table,
    count_columns,
    pairs_of,
)
from models.disclosure.withholding import withhold


@dataclass(frozen=True)
class Protection:
    """Tables that may leave, and what stays inside to protect the next release."""

    tables: list[Protected]
    numbers: pl.DataFrame  # NUMBERS: what readers see now for the first time
    witnesses: dict[str, list[Witnesses]]  # by month


def _refuse_unless_clean(intervals: pl.DataFrame) -> None:
    for table, column in intervals.filter("is_too_narrow").select("table", "column").unique(maintain_order=True).rows():
        raise DisclosureRefused(table, column, "the attack narrows a count too far")


def _by_month(found: Iterable[tuple[str, Any]]) -> dict[str, list[Any]]:
    months: dict[str, list[Any]] = {}
    for period, one in found:
        months.setdefault(period, []).append(one)
    return months


def _terms(families: Sequence[Family], nested: Sequence[Sequence[str]], rule: DisclosureParameters) -> dict[str, Any]:
    return {
        **rule.as_dict(),
        "nested": [*map(list, nested)],
        "certificates": _by_month((family.system.period, family.certificate) for family in families),
    }


def _of_rounding(families: Sequence[Family], rule: DisclosureParameters) -> dict[str, Any]:
    return {
        "method": "rounding",
        "max_error": max(map(max_error, families), default=rule.base - 1),
        "is_additive": all(is_additive(family.system, family.values) for family in families),
    }


def _of_withholding(families: Sequence[Family]) -> dict[str, Any]:
    """Say how much was withheld, and, where an integer program found out, how much had to be."""
    known = [family.at_least for family in families if family.at_least is not None]
    return {
        "method": "withholding",
        "withheld": sum(int((f.system.is_published & ~f.is_told).sum()) for f in families),
        "must_withhold_at_least": ceil(sum(known) - 0.5) if len(known) == len(families) else None,
    }


def _checked(
    tables: Sequence[CountTable],
    inner: pl.DataFrame,
    nested: Sequence[Sequence[str]],
    rule: DisclosureParameters,
    *,
    tells_records: bool = True,
) -> Iterator[tuple[System, list[Place]]]:
    """Refuse what cannot be what it says; yield the related counts of each month."""
    check_nested(tables, nested)
    for table in tables:
        check_table(table, nested)
    check_inner(inner, tables)
    for table in tables:
        if not count_columns(table.frame):
            refuse_wrong_pupils(table, inner)
    pairs = pairs_of(nested)
    counted = settled(inner, tables if tells_records else [], pairs, rule.base)
    for system, places in systems(counted, tables, pairs, rule):
        refuse_contradiction(system, places)
        yield system, places


def _sealed(
    tables: Sequence[CountTable],
    families: Sequence[Family],
    inner: pl.DataFrame,
    nested: Sequence[Sequence[str]],
    rule: DisclosureParameters,
    terms: dict[str, Any],
) -> list[Protected]:
    """Write the tables, attack them as any reader could, and seal them."""
    published = [publish(table, families, rule) for table in tables]
    _refuse_unless_clean(attack(published, inner, nested, rule))
    whole = terms | _terms(families, nested, rule)
    return [sealed(table.name, table.group_columns, table.frame, whole) for table in published]


def protect_after(
    seen: pl.DataFrame,
    tables: Sequence[CountTable],
    inner: pl.DataFrame,
    nested: Sequence[Sequence[str]] = (),
    parameters: DisclosureParameters = DEFAULT,
    *,
    lasting: Lasting | None = None,
    secret: bytes,
) -> Protection:
    """Round all counts of all tables together, certify that each keeps enough possible values, or refuse.

    seen: numbers of earlier releases (columns NUMBERS, oldest first); one whose count is the same stays as it was.
    tables: raw counts; a group column that holds `all` leaves its attribute open.
    inner: raw counts of the groups that all tables are sums of: period, the attributes that tables group by (text),
        pupils, counts (null: no records).
    nested: chains of count columns, each counting all pupils of the next.
    lasting: columns that count whom they counted before, or another column did: of a month, the month and column; none
        is told as having fallen where it did not.
    secret: what the draws and the certificates are keyed with; without it anybody could repeat them.
    Raises DisclosureRefused where the tables are no sums of the groups or cannot be made safe.
    """
    told, untold = (partial(_checked, tables, inner, nested, parameters, tells_records=t) for t in (True, False))
    families = [*protected_families(told(), untold, seen, lasting or {}, secret)]
    new = [f for f in families if f.witnesses is not None]
    numbers = [numbers_of(f.system, f.values, f.known, f.certificate) for f in new]
    return Protection(
        _sealed(tables, families, inner, nested, parameters, _of_rounding(families, parameters)),
        pl.concat([pl.DataFrame(schema=NUMBERS), *numbers]),
        _by_month((f.system.period, f.witnesses) for f in new),
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


def _refuse_remainder(system: System, places: Sequence[Place]) -> None:
    """Refuse counts that others divide but for a remainder: two counts told exactly would tell it, however small."""
    for column, level in enumerate(system.levels):
        for number, (parts, rest) in enumerate(level.parts):
            if len(parts) and len(rest):
                cell = int(level.cells[number])
                raise DisclosureRefused(
                    table_of(places, cell), system.columns[column], "others do not divide it wholly"
                )


def protect_exactly(
    tables: Sequence[CountTable],
    inner: pl.DataFrame,
    parameters: DisclosureParameters = DEFAULT,
    *,
    secret: bytes,
) -> list[Protected]:
    """Tell counts as they are and withhold as few as need be: for tables that are published once and never again.

    Nothing else may be published of these months, before or after: neither rounded counts nor a corrected table.
    Arguments and errors as those of `protect_after`. No counts that contain each other: differences would be told.
    """
    families = []
    for system, places in _checked(tables, inner, (), parameters):
        _refuse_remainder(system, places)
        made = withhold(system)
        certificate = made.witnesses.digest(secret)
        counts = system.cell_counts
        families.append(
            Family(
                system, places, counts, made.is_told, made.known, certificate, made.witnesses, "shown", made.at_least
            )
        )
    return _sealed(tables, families, inner, (), parameters, _of_withholding(families))
