"""Counts of groups by month: the shape in which tables come in, and what is refused at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import polars as pl

from models.disclosure.parameters import DisclosureRefused

PERIOD, PUPILS = "period", "pupils"
ALL = "all"  # in a group column: whatever the value
DESCRIBING = {
    PERIOD, PUPILS, "as_of", "school_year", "semester", "name", "name_lv", "name_en", "atvk_code", "kind", "band",
}  # fmt: skip
STATUS, LOW, HIGH, SHARE = "_status", "_low", "_high", "_share_percent"
MADE = (STATUS, LOW, HIGH, SHARE)  # columns that protection adds beside each count


class Grouped(Protocol):
    """What raw and protected tables have in common."""

    @property
    def name(self) -> str:
        """Name of the table."""
        ...

    @property
    def frame(self) -> pl.DataFrame:
        """One row a period and group."""
        ...

    @property
    def group_columns(self) -> tuple[str, ...]:
        """Columns that, with the period, make the key."""
        ...


@dataclass(frozen=True)
class CountTable:
    """Counts by month and group: raw before protection, or published columns read back for the attack."""

    name: str
    frame: pl.DataFrame
    group_columns: tuple[str, ...]


def count_columns(frame: pl.DataFrame) -> list[str]:
    """Name the columns that count pupils with something in common, in table order."""
    return [c for c in frame.columns if c.startswith("pupils_") and not c.endswith(MADE)]


def in_order(groups: Iterable[str]) -> list[pl.Expr]:
    """Order groups as people do: all first, then by number where there is one."""
    names = [pl.col(group) for group in groups]
    keys = (
        (n != ALL, n.str.extract(r"^(\D*)"), n.str.extract(r"(\d+)").cast(pl.Int64, strict=False), n) for n in names
    )
    return [key for of_group in keys for key in of_group]


def _above(column: str, pairs: Sequence[tuple[str, str]]) -> set[str]:
    larger = {a for a, b in pairs if b == column}
    return larger.union(*(_above(one, pairs) for one in larger))


def _refuse_diamonds(pairs: Sequence[tuple[str, str]]) -> None:
    """Refuse a count that lies in another one by two ways: finer groups could not share both out one after another."""
    for column in {smaller for _, smaller in pairs}:
        ways = [{larger, *_above(larger, pairs)} for larger, smaller in set(pairs) if smaller == column]
        if sum(map(len, ways)) > len(set().union(*ways)):
            raise ValueError(f"nested leads to {column} by two ways; leave one of them out")


def check_nested(tables: Sequence[Grouped], nested: Iterable[Sequence[str]]) -> None:
    """Refuse a chain that names no column: a misspelt relation would weaken the attack unseen."""
    known = {column for table in tables for column in count_columns(table.frame)}
    unknown = {column for chain in nested for column in chain} - known
    if unknown:
        raise ValueError(f"nested names columns of no table: {', '.join(sorted(unknown))}")
    _refuse_diamonds([*pairs_of(nested)])


def pairs_of(nested: Iterable[Sequence[str]]) -> list[tuple[str, str]]:
    """Return the neighbours of each chain, larger first."""
    return [pair for chain in nested for pair in pairwise(chain)]


def pairs_in(table: Grouped, nested: Iterable[Sequence[str]]) -> list[tuple[str, str]]:
    """Return the neighbours of each chain, larger first, as far as the table has the columns."""
    columns = set(count_columns(table.frame))
    return pairs_of([column for column in chain if column in columns] for chain in nested)


def _refuse_where(table: Grouped, column: str, broken: pl.Expr, rule: str) -> None:
    rows = table.frame.select(broken.fill_null(value=True).sum()).item()
    if rows:
        raise DisclosureRefused(table.name, column, f"{rule} (rows: {rows})")


def _check_columns(table: Grouped) -> None:
    counts, schema = count_columns(table.frame), table.frame.schema
    for column in (PERIOD, PUPILS, *table.group_columns):
        if column not in schema:
            raise DisclosureRefused(table.name, column, "is missing")
    for column in set(schema) - DESCRIBING - set(table.group_columns) - set(counts):
        raise DisclosureRefused(table.name, column, "is neither group, description nor count; leave it out")
    for column in (PUPILS, *counts):
        if not schema[column].is_integer():
            raise DisclosureRefused(table.name, column, "is not a whole number")
    if schema[PERIOD] != pl.String:
        raise DisclosureRefused(table.name, PERIOD, "is not text YYYY-MM")
    for column in table.group_columns:
        if schema[column] not in (pl.String, pl.Categorical, pl.Enum):
            raise DisclosureRefused(table.name, column, "is not text")


def _check_rows(table: Grouped) -> None:
    key = (PERIOD, *table.group_columns)
    _refuse_where(table, PERIOD, ~pl.col(PERIOD).str.contains(r"^\d{4}-\d{2}$"), "is not a month YYYY-MM")
    for column in table.group_columns:
        _refuse_where(table, column, pl.col(column).is_null(), "is missing")
    _refuse_where(table, PUPILS, pl.col(PUPILS) < 0, "is below 0 or missing")
    _refuse_where(table, key[-1], pl.struct(key).is_duplicated(), "has the same group twice in a month")
    for column in count_columns(table.frame):
        outside = ~pl.col(column).is_between(0, pl.col(PUPILS)) & pl.col(column).is_not_null()
        _refuse_where(table, column, outside, "lies outside 0 to the number of pupils")


def check_table(table: Grouped, nested: Sequence[Sequence[str]]) -> None:
    """Refuse a table whose columns or counts cannot be what they say."""
    _check_columns(table)
    _check_rows(table)
    for larger, smaller in pairs_in(table, nested):
        broken = (pl.col(larger) < pl.col(smaller)).fill_null(value=False)
        _refuse_where(table, smaller, broken, f"counts more pupils than {larger}, which should contain them")


def check_inner(inner: pl.DataFrame, tables: Sequence[Grouped]) -> None:
    """Refuse groups of pupils that cannot be placed, and months that only one side has."""
    named = [PERIOD, *dict.fromkeys(column for table in tables for column in table.group_columns)]
    for column in (*named, PUPILS):
        if column not in inner.columns or inner[column].null_count():
            raise DisclosureRefused("of all pupils", column, "is missing")
    for table in tables:
        if set(table.frame[PERIOD]) - set(inner[PERIOD]):
            raise DisclosureRefused(table.name, PERIOD, "has months without pupils")
