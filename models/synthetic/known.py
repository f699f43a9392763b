"""What a register tells on a day: only years that have begun, and no value before the day that it speaks of."""

from collections.abc import Callable
from datetime import date
from functools import lru_cache

import polars as pl

from models.synthetic.country import Country

# Every delivery of registers asks for the same tables of the year: draw them once.
once_a_year = lru_cache(maxsize=4)


def if_past(column: str, day: date, told_by: str | None = None) -> pl.Expr:
    """Hide a value until the day that it speaks of."""
    return pl.when(pl.col(told_by or column) <= day).then(column).otherwise(None).alias(column)


def begun(country: Country, day: date) -> list[int]:
    """List the numbers of the school years that have begun."""
    return [number for number, year in enumerate(country.years) if year.first <= day]


def of_years(table: Callable[[Country, int], pl.DataFrame], country: Country, day: date) -> pl.DataFrame:
    """Put the tables of all years that have begun below each other."""
    return pl.concat([table(country, number) for number in begun(country, day)])
