"""Municipalities of Latvia with ATVK codes and their validity."""

from datetime import date
from functools import cache
from importlib import resources

import polars as pl

COLUMNS = ("atvk_code", "valid_from", "name_lv", "name_en", "kind", "valid_to", "successor_atvk")


@cache
def _table() -> pl.DataFrame:
    text = resources.files("models.reference").joinpath("municipalities.csv").read_bytes()
    types = {"atvk_code": pl.String, "successor_atvk": pl.String, "valid_from": pl.Date, "valid_to": pl.Date}
    return pl.read_csv(text, schema_overrides=types)


def municipalities() -> pl.DataFrame:
    """Return all 44 dated rows (43 units since July 2021, 42 since July 2025) in code order."""
    return _table().select(COLUMNS)


def units(on: date) -> pl.DataFrame:
    """Return code, successor, kind and residents_thousand (rounded: a weight only) of the units valid on a day."""
    valid = (pl.col("valid_from") <= on) & (pl.col("valid_to").is_null() | (pl.col("valid_to") >= on))
    return _table().filter(valid).select("atvk_code", "successor_atvk", "kind", "residents_thousand")
