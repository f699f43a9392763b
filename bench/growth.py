"""How a run's cost grows: with pupils, and with the school years that lie behind it; drawn into the docs."""

import json
import tempfile
from pathlib import Path
from typing import Any

import altair as alt
import polars as pl

from bench import week
from bench.command import ROOT

PUPILS = (3_000, 6_000, 12_000, 24_000)
SCHOOL_YEARS = (1, 2)
DRAWING = ROOT / "docs" / "methods" / "cost.svg"
FIGURES = ROOT / "docs" / "measured" / "cost.csv"
_NAMED = {"first": "first run, all history", "week": "weekly run"}


def measure() -> list[dict[str, Any]]:
    """Run every size of country with one and with two school years, first whole, then a week on top."""
    found = []
    for pupils in PUPILS:
        for school_years in SCHOOL_YEARS:
            with tempfile.TemporaryDirectory(prefix="pumpurs-growth-") as place:
                found.append(week.measure(pupils, school_years, Path(place)))
    return found


def points(found: list[dict[str, Any]]) -> pl.DataFrame:
    """Return CPU seconds by pupils, school years and kind of run: `pupils`, `history`, `run`, `cpu_seconds`."""
    rows = [
        {
            "pupils": one["pupils"],
            "history": f"{one['school_years']} school year{'s' if one['school_years'] > 1 else ''}",
            "run": _NAMED[kind],
            "cpu_seconds": one[kind]["cpu_seconds"],
        }
        for one in found
        for kind in _NAMED
    ]
    return pl.DataFrame(rows)


def draw(table: pl.DataFrame, target: Path = DRAWING) -> None:
    """Draw the curves as SVG, and keep the figures beside the docs."""
    if target == DRAWING:
        table.write_csv(FIGURES, float_precision=1)
    chart = (
        alt.Chart(table.with_columns(series=pl.format("{}, {} behind it", "run", "history")))
        .mark_line(point=True)
        .encode(
            x=alt.X("pupils:Q", title="pupils", scale=alt.Scale(domainMin=0)),
            y=alt.Y("cpu_seconds:Q", title="CPU seconds"),
            color=alt.Color("series:N", title=None, legend=alt.Legend(labelLimit=300)),
        )
        .properties(width=520, height=300)
    )
    chart.save(target, format="svg")


def report(table: pl.DataFrame) -> list[str]:
    """Write the figures as lines of text, and what another school year adds to a weekly run."""
    lines = [
        f"  {row['pupils']:7,} pupils, {row['history']:14} {row['run']:23} {row['cpu_seconds']:8.1f} CPU s"
        for row in table.iter_rows(named=True)
    ]
    weekly = table.filter(run=_NAMED["week"]).pivot("history", index="pupils", values="cpu_seconds").sort("pupils")
    largest = weekly.row(-1)
    return [*lines, f"  weekly run, two school years / one, {largest[0]:,} pupils: {largest[2] / largest[1]:.2f}"]


def main() -> None:
    """Measure, draw and print."""
    table = points(measure())
    draw(table)
    print("\n".join(report(table)))
    print(json.dumps(table.to_dicts()))


if __name__ == "__main__":
    main()
