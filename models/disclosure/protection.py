"""Withhold what would show a pupil, then whatever else would give it back."""

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from models.disclosure.attack import DEFAULT, attack, breaks_primary_rule, possible, promised
from models.disclosure.month import Bounds, Flags, Ints, Month, months, narrowed
from models.disclosure.parameters import DisclosureParameters, DisclosureRefused
from models.disclosure.protected import Protected, sealed
from models.disclosure.table import (
    PUPILS,
    SHARE,
    STATUS,
    CountTable,
    Grouped,
    check_family,
    check_nested,
    check_table,
    count_columns,
    families,
    in_order,
)


def _told(month: Month, hidden: Flags, rule: DisclosureParameters) -> Bounds:
    """Bound the cells for a reader who was told of each withheld count whether it is small, large or in between.

    The printed rule says as much of most withheld counts; nobody can know more before relating cells. Where the
    reason alone would leave too few values, or nothing of the column is shown to reason from, it stays untold.
    """
    few, many = month.counts < rule.min_in, month.pupils - month.counts < rule.min_out
    low = np.where(few, 0, np.where(many, month.pupils - rule.min_out + 1, rule.min_in))
    high = np.where(few, rule.min_in - 1, np.where(many, month.pupils, month.pupils - rule.min_out))
    is_dark = ~(month.has_data & ~hidden).any(axis=0)
    untold = (high - low + 1 < rule.min_possible_values) | (few & many) | is_dark
    low, high = np.where(untold, 0, low), np.where(untold, month.pupils, high)
    return np.where(hidden, low, month.counts), np.where(hidden, high, month.counts)


def _missing(month: Month, hidden: Flags, rule: DisclosureParameters) -> Ints:
    """Count the values that each withheld count lacks to as many as are promised."""
    low, high = narrowed(month, *_told(month, hidden, rule))
    return np.where(hidden, np.maximum(0, promised(month, rule) - possible(low, high)), 0)


def _related(month: Month) -> Flags:
    """Tell of each pair of columns whether a chain of nesting joins them."""
    joined = np.eye(month.counts.shape[1], dtype=bool)
    for larger, smaller in month.nested:
        joined[larger, smaller] = joined[smaller, larger] = True
    for _ in joined:
        joined = joined @ joined
    return joined


def _candidates(month: Month, hidden: Flags, missing: Ints) -> Iterator[tuple[int, int]]:
    """Yield shown cells whose withholding may help: same column first, then small groups first.

    The order looks at public sizes and keys alone: ordered by count, the choice would itself bound the chosen count.
    """
    in_need: Flags = np.any(missing, axis=0)
    reachable = _related(month)[in_need].any(axis=0)
    groups, columns = np.nonzero(month.has_data & ~hidden & reachable)
    for i in np.lexsort((columns, groups, month.pupils[groups, 0], ~in_need[columns])):
        yield int(groups[i]), int(columns[i])


def _with(hidden: Flags, cell: tuple[int, int]) -> Flags:
    more = hidden.copy()
    more[cell] = True
    return more


def _one_more(month: Month, hidden: Flags, missing: Ints, rule: DisclosureParameters) -> Flags | None:
    """Withhold the first cell after which less is missing; if none does alone, one beside a count that lacks values.

    A count that others of its row bound from both sides is freed by two steps: the bound goes first, and the link of
    its column next.
    """
    candidates = list(_candidates(month, hidden, missing))
    for cell in candidates:
        tried = _with(hidden, cell)
        if _missing(month, tried, rule).sum() < missing.sum():
            return tried
    beside = [cell for cell in candidates if missing[cell[0]].any()]
    return _with(hidden, (beside or candidates)[0]) if candidates else None


def _hidden(month: Month, rule: DisclosureParameters) -> Flags:
    """Choose the cells of a month to withhold; at worst all of the related columns."""
    hidden = breaks_primary_rule(month, rule)
    while (missing := _missing(month, hidden, rule)).any():
        more = _one_more(month, hidden, missing, rule)
        if more is None:  # the attack on the published tables decides, and refuses
            break
        hidden = more
    return hidden


def _published(count: str, rule: DisclosureParameters) -> list[pl.Expr]:
    """Write a count, its status and its share, which is made from the published count and the public pupils."""
    value, pupils, hidden = pl.col(count).cast(pl.Int64), pl.col(PUPILS).cast(pl.Int64), pl.col(f"{count}_hidden")
    has_data = value.is_not_null() & (pupils > 0)
    shown = pl.when(has_data & ~hidden).then(value)
    status = pl.when(~has_data).then(pl.lit("no_data")).when(hidden).then(pl.lit("withheld")).otherwise(pl.lit("shown"))
    half_up = (200 * shown + pupils) // (2 * pupils)
    share = pl.when(pupils >= rule.min_share_base).then(half_up)
    return [shown.alias(count), status.alias(count + STATUS), share.alias(count + SHARE)]


def _publish(table: Grouped, hidden: Flags, rule: DisclosureParameters) -> pl.DataFrame:
    """Put the status in the place of each hidden count; rows by period and group."""
    counts = count_columns(table.frame)
    described = [column for column in table.frame.columns if column not in counts]
    flags = pl.DataFrame(hidden, schema=[f"{count}_hidden" for count in counts])
    columns = [expression for count in counts for expression in _published(count, rule)]
    return pl.concat([in_order(table), flags], how="horizontal").select(*described, *columns)


def _protect_family(
    family: Sequence[Grouped], nested: Sequence[Sequence[str]], rule: DisclosureParameters
) -> Iterator[CountTable]:
    """Protect tables of the same pupils together: what one shows can give away what another withholds."""
    check_family(family)
    none = np.zeros((0, len(count_columns(family[0].frame))), dtype=bool)
    cut = [month.split(_hidden(month, rule)) for month in months(family, nested)]
    for i, table in enumerate(family):
        hidden = np.concatenate([none, *(parts[i] for parts in cut)])
        yield CountTable(table.name, _publish(table, hidden, rule), table.group_columns)


def _refuse_unless_clean(intervals: pl.DataFrame) -> None:
    for table, column in intervals.filter("is_too_narrow").select("table", "column").unique(maintain_order=True).rows():
        raise DisclosureRefused(table, column, "the attack narrows a withheld count too far")


def protect(
    tables: Sequence[CountTable],
    links: Sequence[Sequence[str]] = (),
    nested: Sequence[Sequence[str]] = (),
    parameters: DisclosureParameters = DEFAULT,
) -> list[Protected]:
    """Withhold counts until the attack finds none of them, or refuse.

    tables: raw counts; a null count or a group without pupils is no data.
    links: names of tables that partition the same pupils, so that their totals are equal in each month.
    nested: chains of count columns, each counting all pupils of the next.
    Raises DisclosureRefused where the tables contradict these relations or cannot be made safe.
    """
    check_nested(tables, nested)
    for table in tables:
        check_table(table, nested)
    made = {t.name: t for family in families(tables, links) for t in _protect_family(family, nested, parameters)}
    published = [made[table.name] for table in tables]
    _refuse_unless_clean(attack(published, links, nested, parameters))
    relations = {"links": [*map(list, links)], "nested": [*map(list, nested)]}
    terms = {"method": "withholding", **parameters.as_dict(), **relations}
    return [sealed(table.name, table.group_columns, table.frame, terms) for table in published]
