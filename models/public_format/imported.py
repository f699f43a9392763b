"""What any public format becomes: the datasets of a delivery and the account of every source row."""

from dataclasses import dataclass, field

import polars as pl


class ImportRefused(Exception):
    """The source is not as its format says, so nothing is imported; the message names file, count, rule, next step."""


@dataclass(frozen=True)
class Imported:
    """The datasets of a delivery and the account of the source rows: used + left out = rows read, per table."""

    datasets: dict[str, pl.DataFrame]
    used: dict[str, int]
    left_out: dict[str, dict[str, int]]
    notes: dict[str, int] = field(default_factory=dict)


def first_reason(*cases: tuple[str, pl.Expr]) -> pl.Expr:
    """Name the first case that holds as `reason`; null for a row that is used."""
    return pl.coalesce(pl.when(holds).then(pl.lit(why)) for why, holds in cases).alias("reason")


def count_reasons(judged: pl.DataFrame) -> dict[str, int]:
    """Count the rows that are left out, by reason."""
    counts = judged.filter(pl.col("reason").is_not_null()).group_by("reason").len().sort("reason")
    return dict(counts.iter_rows())
