"""Plots in the Dagster UI, for those who would rather look than read: what is missing, waits, is counted, changed.

They count, and show no pupil. A run without a place to look at them makes none: drawing costs a second.
"""

import base64
from collections.abc import Callable
from typing import Any

import dagster as dg
import polars as pl

from assets.warehouse import Warehouse

SCHOOLS, WEEKS = 60, 26  # that fit a plot; more schools are summed
STATES = {
    "complete": "#aac6e4",
    "late": "#f2c572",
    "small": "#e08b3a",
    "large": "#8a6fb0",
    "missing": "#a32015",
    "no_calendar": "#444444",
}
_COMPLETENESS = """
    select school_reg_no, week_starts_on, dataset, state
    from risk.school_week_completeness
    cross join risk.stand
    where week_starts_on >= stand.as_of - 7 * $weeks
        and state in ('complete', 'late', 'small', 'large', 'missing', 'no_calendar')
    order by dataset, school_reg_no, week_starts_on
"""
_WAITING = """
    select dataset, rule, sum(rows)::bigint as rows
    from raw.waiting group by dataset, rule order by rows desc, dataset, rule limit 40
"""
_COUNTED = "select * from risk.group_week_count join risk.stand using (as_of)"
_CHANGED = """
    select as_of, coalesce(change, 'none') as change, count(*) as pupils
    from listed.attention_list group by as_of, change order by as_of, change
"""


def _heat_map(alt: Any, frame: pl.DataFrame) -> Any:
    """Show each school and week; where there are too many schools, how many of them are in each state."""
    color = alt.Color(
        "state:N", scale=alt.Scale(domain=[*STATES], range=[*STATES.values()]), legend=alt.Legend(orient="bottom")
    )
    week = alt.X("yearmonthdate(week_starts_on):O", title="week")
    if frame["school_reg_no"].n_unique() <= SCHOOLS:
        base = alt.Chart(frame).mark_rect().encode(week, alt.Y("school_reg_no:N", title="school"), color)
    else:
        summed = frame.group_by("dataset", "week_starts_on", "state").len("schools")
        base = alt.Chart(summed).mark_bar().encode(week, alt.Y("schools:Q"), color)
    return base.properties(width=460).facet(row="dataset:N")


def completeness(alt: Any, warehouse: Warehouse) -> Any:
    """Draw which schools' weeks are complete, late, small or missing."""
    frame = warehouse.query(_COMPLETENESS, {"weeks": WEEKS})
    return _heat_map(alt, frame) if frame.height else None


def waiting(alt: Any, warehouse: Warehouse) -> Any:
    """Draw the rows that wait in quarantine, by rule."""
    frame = warehouse.query(_WAITING)
    if not frame.height:
        return None
    bars = alt.Chart(frame).mark_bar(color="#a32015")
    return bars.encode(alt.X("rows:Q"), alt.Y("rule:N", sort="-x"), alt.Row("dataset:N")).resolve_scale(y="independent")


def counted(alt: Any, warehouse: Warehouse) -> Any:
    """Draw which share of all pupils each published indicator raises on the day of the run."""
    frame = warehouse.query(_COUNTED)
    counts = [c for c in frame.columns if c.startswith(("pupils_raised", "pupils_at_risk"))]
    if not frame.height:
        return None
    sums = frame.select(pl.col(counts).sum() * 100 / pl.col("pupils").sum())
    shares = sums.transpose(include_header=True, header_name="indicator", column_names=["percent"])
    return alt.Chart(shares).mark_bar(color="#1d4f91").encode(alt.X("percent:Q"), alt.Y("indicator:N", sort=None))


def changed(alt: Any, warehouse: Warehouse) -> Any:
    """Draw how many pupils came on the lists, stayed and left, by day."""
    frame = warehouse.query(_CHANGED)
    bars = alt.Chart(frame).mark_bar()
    return (
        bars.encode(alt.X("yearmonthdate(as_of):O", title="day"), alt.Y("pupils:Q"), alt.Color("change:N"))
        if frame.height
        else None
    )


PICTURES: dict[str, Callable[[Any, Warehouse], Any]] = {
    "raw.delivery": waiting,
    "risk.school_week_completeness": completeness,
    "risk.group_week_count": counted,
    "listed.attention_list": changed,
}


def drawn(key: str, warehouse: Warehouse) -> bytes | None:
    """Draw the plot of a table as PNG; None where there is nothing to show."""
    import altair as alt
    import vl_convert

    chart = PICTURES[key](alt, warehouse)
    return None if chart is None else vl_convert.vegalite_to_png(chart.to_dict(), scale=1.2)


def pictured(context: dg.AssetExecutionContext, key: str, warehouse: Warehouse) -> dict[str, dg.MetadataValue]:
    """Return the plot of a table as metadata, where somebody can look at it later."""
    if key not in PICTURES or context.instance.is_ephemeral:
        return {}
    picture = drawn(key, warehouse)
    if picture is None:
        return {}
    code = base64.b64encode(picture).decode()
    return {"plot": dg.MetadataValue.md(f"![{PICTURES[key].__doc__}](data:image/png;base64,{code})")}
