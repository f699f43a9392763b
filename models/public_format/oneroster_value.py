"""Read OneRoster's values: dates in whatever form, statuses, grades, lists of ids."""

from collections.abc import Sequence

import polars as pl

from models.public_format.imported import ImportRefused

ACTIVE, DELETED = "active", "tobedeleted"
GRADES = {**{str(n): n for n in range(1, 13)}, **{f"{n:02d}": n for n in range(1, 10)}}
_ISO, _SLASHED = r"^\d{4}-\d{2}-\d{2}", r"^(\d{1,2})/(\d{1,2})/(\d{4})(?: .*)?$"
_FORMS = ((r"^\d{8}$", "%Y%m%d"), (r"^\d{1,2}\.\d{1,2}\.\d{4}\.?$", "%d.%m.%Y"))


def read_dates(file: str, rows: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Turn columns into dates and add `<name>_odd`, whether what stands there is none.

    A moment with a zone is the day in Latvia. Of 03/04/2025 the file itself must tell whether the month stands first:
    if no date in it does, ImportRefused, for a guess would move absences and marks by months.
    """
    month_first = _month_first(file, rows, names)
    days = [_day(pl.col(name), month_first) for name in names]
    return rows.with_columns(
        *[
            (pl.col(name).is_not_null() & day.is_null()).alias(f"{name}_odd")
            for name, day in zip(names, days, strict=True)
        ],
        *[day.alias(name) for name, day in zip(names, days, strict=True)],
    )


def _month_first(file: str, rows: pl.DataFrame, names: Sequence[str]) -> bool:
    texts = pl.concat([rows[name].alias("text") for name in names]).drop_nulls()
    parts = texts.to_frame().select(
        pl.col("text").str.extract(_SLASHED, 1).cast(pl.Int32).alias("first"),
        pl.col("text").str.extract(_SLASHED, 2).cast(pl.Int32).alias("second"),
    ).drop_nulls()  # fmt: skip
    day_first, month_first = bool((parts["first"] > 12).any()), bool((parts["second"] > 12).any())
    if parts.height and day_first == month_first:
        why = "both orders occur" if day_first else "none tells which is the month"
        raise ImportRefused(
            f"{file}.csv: {parts.height} dates are written with slashes, and {why}; export dates as yyyy-mm-dd"
        )
    return month_first


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
