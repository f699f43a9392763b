"""Of which groups there are records: what everybody may know of it is what the tables say.

A count is empty where nothing is known of all its pupils. Only that is public; whether a single group within a larger
one has records is nobody's business.
"""

from collections.abc import Iterable, Sequence

import polars as pl

from models.disclosure.table import ALL, PERIOD, PUPILS, STATUS, Grouped, count_columns

_AT = "at"


def _empty(table: Grouped, column: str, least: int) -> pl.DataFrame:
    """Return the groups of which a table says that there are no records, raw or as it was published.

    Of a few pupils nothing is said at all: that there are no records would be said of each of them.
    """
    published = column + STATUS
    is_empty = pl.col(published) == "no_data" if published in table.frame.columns else pl.col(column).is_null()
    return table.frame.filter(is_empty & (pl.col(PUPILS) >= least)).select(PERIOD, *table.group_columns)


def _within(groups: pl.DataFrame, table: Grouped, column: str, least: int) -> Iterable[pl.Series]:
    """Yield the row numbers of the groups that lie in one without records."""
    rows, named = _empty(table, column, least), table.group_columns
    patterns = rows.group_by(pl.col(c) == ALL for c in named) if named else [((), rows)]
    for is_all, part in patterns:
        on = [PERIOD, *(c for c, is_left_open in zip(named, is_all, strict=True) if not is_left_open)]
        yield groups.join(part, on=on, how="semi")[_AT]


def _has_records(groups: pl.DataFrame, tables: Sequence[Grouped], column: str, least: int) -> pl.Series:
    numbered = groups.with_row_index(_AT)
    telling = [table for table in tables if column in table.frame.columns]
    told = [at for table in telling for at in _within(numbered, table, column, least)]
    return ~numbered[_AT].is_in(pl.concat([numbered[_AT].clear(), *told]).implode())


def _agreeing(groups: pl.DataFrame, pairs: Sequence[tuple[str, str]]) -> pl.DataFrame:
    """Count nobody where a larger count knows nobody: whoever reads that nothing is known there knows it of both."""
    for larger, smaller in pairs:
        groups = groups.with_columns(pl.when(pl.col(larger).is_not_null()).then(smaller).alias(smaller))
    return groups


def _counts(tables: Iterable[Grouped]) -> list[str]:
    return list(dict.fromkeys(column for table in tables for column in count_columns(table.frame)))


def settled(
    inner: pl.DataFrame, tables: Sequence[Grouped], pairs: Sequence[tuple[str, str]], least: int
) -> pl.DataFrame:
    """Count 0 in a group without records, unless a table says that it has none: then its count stays empty.

    inner: raw counts of the groups; tables: raw counts; pairs: nested columns, larger first; least: pupils below which
        nothing is said of a group.
    """
    columns = {
        column: pl.when(_has_records(inner, tables, column, least)).then(pl.col(column).fill_null(0)).otherwise(column)
        for column in count_columns(inner)
    }
    return _agreeing(inner.with_columns(**columns), pairs)


def hollow(
    groups: pl.DataFrame, tables: Sequence[Grouped], pairs: Sequence[tuple[str, str]], least: int
) -> pl.DataFrame:
    """Return what everybody may know of the groups: pupils, and 0 for each count that has records, else null.

    groups: period, what tables group by, pupils; counts that stand in it are not looked at.
    tables: raw or published counts; pairs: nested columns, larger first; least: pupils below which nothing is said.
    """
    counts = _counts(tables)
    kept = [c for c in groups.columns if c == PUPILS or not c.startswith(f"{PUPILS}_")]
    columns = {c: pl.when(_has_records(groups, tables, c, least)).then(pl.lit(0, pl.Int64)) for c in counts}
    return _agreeing(groups.select(kept).with_columns(**columns), pairs)
