"""Read dates such as 4/2/2004: day first or month first is decided by a whole column, never by a single value."""

from collections.abc import Mapping

import polars as pl

from models.public_format.imported import ImportRefused

ORDERS = ("dmy", "mdy")
_SLASHED = r"^(?<first>\d{1,2})[/.\-](?<second>\d{1,2})[/.\-](?<year>\d{4})(?:[ T].*)?$"
_ISO = r"^(?<year>\d{4})-(?<month>\d{2})-(?<day>\d{2})(?:[ T].*)?$"


def decide(columns: Mapping[str, pl.Series], chosen: str | None = None) -> dict[str, str]:
    """Return the order of every column: as chosen, as its own values tell, or else as the other columns' values do.

    ImportRefused if a column tells both orders, or if no value of any column tells one where it matters.
    """
    for name, values in columns.items():
        there = values.drop_nulls()
        is_date = there.str.contains(_SLASHED) | there.str.contains(_ISO)
        _refuse_unread(name, int((~is_date).sum()), "day/month/year or month/day/year")
    told = {name: chosen or _told(name, values) for name, values in columns.items()}
    known = sorted({order for order in told.values() if order})
    open_columns = {name: count_open(columns[name]) for name, order in told.items() if not order}
    if len(known) == 1:
        return {name: order or known[0] for name, order in told.items()}
    for name, count in open_columns.items():
        if count:
            raise ImportRefused(
                f"{name}: {count} dates can be read day first or month first, and nothing in the files tells which;"
                " say it with --date-order dmy or --date-order mdy"
            )
    return {name: order or ORDERS[0] for name, order in told.items()}


def read_dates(name: str, values: pl.Series, order: str) -> pl.Series:
    """Return the dates of a column, null where it is empty; ImportRefused counts the values that are no date."""
    parts = values.str.extract_groups(_SLASHED).struct
    first, second = parts.field("first").str.zfill(2), parts.field("second").str.zfill(2)
    day, month = (first, second) if order == "dmy" else (second, first)
    slashed = (parts.field("year") + "-" + month + "-" + day).str.to_date("%Y-%m-%d", strict=False)
    iso = values.str.extract_groups(_ISO).struct
    written = iso.field("year") + "-" + iso.field("month") + "-" + iso.field("day")
    dates = slashed.zip_with(slashed.is_not_null(), written.str.to_date("%Y-%m-%d", strict=False))
    wrong = dates.null_count() - values.null_count()
    _refuse_unread(name, wrong, "day/month/year" if order == "dmy" else "month/day/year")
    return dates.alias(values.name)


def _refuse_unread(name: str, count: int, form: str) -> None:
    if count:
        raise ImportRefused(
            f"{name}: {count} values are no date written as {form} or year-month-day; correct them and export again"
        )


def _parts(values: pl.Series) -> tuple[pl.Series, pl.Series]:
    parts = values.drop_nulls().str.extract_groups(_SLASHED).struct
    return parts.field("first").cast(pl.Int8), parts.field("second").cast(pl.Int8)


def _told(name: str, values: pl.Series) -> str | None:
    first, second = _parts(values)
    day_first, month_first = int((first > 12).sum()), int((second > 12).sum())
    if day_first and month_first:
        raise ImportRefused(
            f"{name}: {day_first} dates can only be day first and {month_first} only month first; export the column"
            " again in one form"
        )
    return "dmy" if day_first else "mdy" if month_first else None


def count_open(values: pl.Series) -> int:
    """Count the dates that mean another day if day and month change places."""
    first, second = _parts(values)
    return int(((first <= 12) & (second <= 12) & (first != second)).sum())
