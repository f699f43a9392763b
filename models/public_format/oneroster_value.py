"""Read OneRoster's values: dates in whatever form, statuses, grades, lists of ids."""

from collections.abc import Mapping

import polars as pl

from models.public_format.day_order import decide

ACTIVE, DELETED = "active", "tobedeleted"
GRADES = {**{str(n): n for n in range(1, 13)}, **{f"{n:02d}": n for n in range(1, 10)}}
_ISO, _SLASHED = r"^\d{4}-\d{2}-\d{2}", r"^(\d{1,2})/(\d{1,2})/(\d{4})(?: .*)?$"
_FORMS = ((r"^\d{8}$", "%Y%m%d"), (r"^\d{1,2}\.\d{1,2}\.\d{4}\.?$", "%d.%m.%Y"))


def date_orders(columns: Mapping[str, pl.Series], chosen: str | None) -> dict[str, str]:
    """Decide for every column whether 03/04/2025 has the day or the month first, which its other dates must tell.

    Only slashes leave that open: with dots the day stands first. ImportRefused if nothing tells: a guess would move
    marks by months.
    """
    slashed = {name: values.filter(values.str.contains(_SLASHED)) for name, values in columns.items()}
    return decide({name: values for name, values in slashed.items() if values.len()}, chosen)


def read_dates(rows: pl.DataFrame, orders: Mapping[str, str]) -> pl.DataFrame:
    """Turn columns into dates, slashed ones in the order given, and add `<name>_odd`: what stands there is no date.

    A moment with a zone is the day in Latvia.
    """
    days = {name: _day(pl.col(name), order == "mdy") for name, order in orders.items()}
    return rows.with_columns(
        *[(pl.col(name).is_not_null() & day.is_null()).alias(f"{name}_odd") for name, day in days.items()],
        *[day.alias(name) for name, day in days.items()],
    )


def _day(text: pl.Expr, month_first: bool) -> pl.Expr:
    iso = text.str.contains(_ISO)
    zoned = text.str.to_datetime("%+", time_zone="UTC", strict=False).dt.convert_time_zone("Europe/Riga").dt.date()
    local = text.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    slashed = text.str.extract(r"^(\S+)").str.to_date("%m/%d/%Y" if month_first else "%d/%m/%Y", strict=False)
    others = [
        pl.when(text.str.contains(form)).then(text.str.strip_chars_end(".").str.to_date(pattern, strict=False))
        for form, pattern in _FORMS
    ]
    return pl.coalesce(
        pl.when(iso).then(pl.coalesce(zoned, local)), pl.when(text.str.contains(_SLASHED)).then(slashed), *others
    )


def status() -> pl.Expr:
    """Read a row's status; empty, as bulk files have it, is active."""
    return pl.col("status").fill_null(ACTIVE).str.to_lowercase()


def grade() -> pl.Expr:
    """Read the grade from a list of grades; null where it is none of 1 to 12, or several."""
    return pl.col("grades").str.strip_chars('" []').replace_strict(GRADES, default=None, return_dtype=pl.Int64)


def listed(name: str) -> pl.Expr:
    """Read a quoted list of ids as a list."""
    return (
        pl.col(name)
        .fill_null("")
        .str.strip_chars('"[] ')
        .str.split(",")
        .list.eval(pl.element().str.strip_chars('" ').filter(pl.element().str.strip_chars('" ') != ""))
    )
