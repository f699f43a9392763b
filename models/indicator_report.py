"""Write how each indicator did, for readers who ask whom it found: plain numbers, beside those of the literature."""

from typing import Any

import polars as pl

from models.disclosure.parameters import DisclosureParameters

COUNTS = ("raised_left", "raised_stayed", "not_raised_left", "not_raised_stayed", "no_data_left", "no_data_stayed")
SHARES = ("sensitivity", "specificity", "precision", "base_rate")
HEADS = (
    "indicator", "raised, of all", "raised, of those who left", "left, of those raised", "no data",
    "published: caught", "right", "left", "nearest in the literature",
)  # fmt: skip
ENDS = ((min, "first"), (max, "last"))
_LEAST = DisclosureParameters().base
_WITHHELD = f"withheld: health, fewer than {_LEAST}"
_NOTE = (
    "*Of all* is of all pupils whose measure is known. An indicator that raises many finds many: read both shares. "
    "*Published* are the figures of the nearest indicator in the literature: of those who left, the share it *caught*; "
    "of those it flagged, how often it was *right* (computed from sensitivity, specificity and base rate); and of all, "
    "who *left*. Other schools, other years, leaving within years instead of weeks: an order of size, not a target. "
    "Figures: Bowers, Sprott and Taff (2013), The High School Journal 96(2), 77-100. An indicator of health shows no "
    f"numbers where one of its counts is 1 to {_LEAST - 1}. This is for the analyst: the whole country, never a "
    "part of it, and not a publication."
)


def without_small_health_counts(rows: pl.DataFrame) -> pl.DataFrame:
    """Empty all numbers of an indicator of health where one of its counts is small, so that none can be worked out."""
    small = pl.any_horizontal(pl.col(name).is_between(1, _LEAST - 1) for name in COUNTS)
    kept = [pl.when(~pl.col("is_withheld")).then(name).alias(name) for name in (*COUNTS, *SHARES)]
    return rows.with_columns(is_withheld=pl.col("is_health") & small).with_columns(kept)


def indicator_text(rows: pl.DataFrame, horizon_days: int) -> str:
    """Write one row an indicator as Markdown; `rows` has gone through without_small_health_counts."""
    told = rows.to_dicts()
    days = max((row["as_of_days"] for row in told), default=0)
    body = [_about(told, days, horizon_days)]
    if days:
        body += [aligned([list(HEADS), *map(_line, told)]), _NOTE]
    return "\n\n".join(["## The indicators, one by one", *body]) + "\n"


def _about(told: list[dict[str, Any]], days: int, horizon_days: int) -> str:
    if not days:
        return (
            "What became of the pupils is not known yet of any day that ends a first semester: the outcome of such a "
            f"day is known {horizon_days} days after it."
        )
    first, last = (pick(row[f"{end}_as_of"] for row in told if row["as_of_days"]) for pick, end in ENDS)
    span = f"on {first}" if first == last else f"on {days} days from {first} to {last}, one a school year"
    return (
        f"Every pupil counts once a school year, {span}: the month's close that ends the first semester. "
        f"*Left* is left early within {horizon_days} days after it: {_left_of_all(told)}. That is what a lot would "
        "find."
    )


def _left_of_all(told: list[dict[str, Any]]) -> str:
    everybody = max(told, key=lambda row: sum(row[name] or 0 for name in COUNTS))
    left = sum(everybody[name] for name in COUNTS if name.endswith("_left"))
    return share(left, sum(everybody[name] for name in COUNTS))


def share(part: int, whole: int) -> str:
    """Write a part of a whole as people say it: 9 of 28 (32.1 %)."""
    return f"{part:,} of {whole:,} ({percent(part / whole)})" if whole else f"0 of {whole}"


def percent(value: float) -> str:
    """Write a share in percent, with a decimal only where it is small."""
    return f"{100 * value:.1f} %" if value < 0.1 else f"{100 * value:.0f} %"


def found(row: dict[str, Any]) -> list[str]:
    """Write raised of all, caught of those who left, left of those raised, and how many are not known."""
    if row["is_withheld"]:
        return [_WITHHELD, "", "", ""]
    raised, left = row["raised_left"] + row["raised_stayed"], row["raised_left"] + row["not_raised_left"]
    known = raised + row["not_raised_left"] + row["not_raised_stayed"]
    return [
        share(raised, known),
        share(row["raised_left"], left),
        share(row["raised_left"], raised),
        f"{row['no_data_left'] + row['no_data_stayed']:,}",
    ]


def published(row: dict[str, Any]) -> list[str]:
    """Write the same shares of the nearest published indicator, and whose they are."""
    if row["study"] is None:
        return ["", "", "", "no published figures found"]
    shares = [percent(row[f"published_{name}"]) for name in ("sensitivity", "precision", "base_rate")]
    return [*shares, f"{row['nearness']}: {row['measured']} ({row['study']} {row['study_year']})"]


def _line(row: dict[str, Any]) -> list[str]:
    name = row["indicator"] + (f" version {row['version']}" if row["version"] > 1 else "")
    return [name, *found(row), *published(row)]


def aligned(rows: list[list[str]]) -> str:
    """Write rows as a Markdown table that a reader of plain text can follow, too; numbers stand to the right."""
    wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
    last = len(wide) - 1
    places = [str.ljust if at in (0, last) else str.rjust for at in range(len(wide))]
    lines = [[put(cell, width) for put, cell, width in zip(places, row, wide, strict=True)] for row in rows]
    rule = ["-" * width if at in (0, last) else "-" * (width - 1) + ":" for at, width in enumerate(wide)]
    return "\n".join(f"| {' | '.join(line)} |" for line in [lines[0], rule, *lines[1:]])
