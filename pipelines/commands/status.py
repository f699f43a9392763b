"""`pumpurs status`: is everything in, what waits, what ran last."""

import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

from assets.coverage import rank, state_text
from assets.replay import LIST
from assets.unread import refusals, remarks
from assets.warehouse import Warehouse
from pipelines.errors import DONE
from pipelines.output import print_json
from pipelines.standing import opened, standing
from pipelines.weekly import last_report

_DELIVERIES = """
    select delivery_id, min(delivered_on) as delivered_on, sum(rows_delivered)::bigint as rows_delivered,
        sum(rows_accepted)::bigint as rows_accepted, sum(rows_quarantined)::bigint as rows_quarantined,
        sum(rows_superseded)::bigint as rows_superseded, string_agg(distinct status, ', ' order by status) as status
    from raw.delivery group by delivery_id order by delivered_on, delivery_id
"""
_WAITING = """
    select delivery_id, dataset, rule, (waiting.rows - coalesce(cleared.rows, 0))::bigint as rows from raw.waiting
    left join (
        select delivery_id, dataset, rule, sum(rows) as rows from raw.cleared group by delivery_id, dataset, rule
    ) as cleared using (delivery_id, dataset, rule)
    where cleared.rows is null or waiting.rows > cleared.rows order by delivery_id, dataset, rule
"""
_SCHOOLS = """
    select coverage.school_reg_no, institution.name, coverage.pupils, coverage.pupils_no_data, coverage.data_to,
        coverage.state, coverage.dataset, coverage.weeks, measured.recorded_percent_4w
    from listed.school_week_coverage as coverage
    join risk.stand using (as_of, known_on)
    left join (
        select cohort.school_reg_no,
            round(100 * (1 - avg(measure.unrecorded_share_4w)))::integer as recorded_percent_4w
        from risk.pupil_week_cohort as cohort
        join risk.stand on cohort.as_of = stand.as_of
        join risk.pupil_week_measure as measure
            on cohort.pupil_key = measure.pupil_key and cohort.as_of = measure.as_of
        group by cohort.school_reg_no) as measured using (school_reg_no)
    left join (select school_reg_no, max_by(name, valid_from) as name from core.institution group by school_reg_no)
        as institution using (school_reg_no)
    order by coverage.school_reg_no
"""
# Every week that lacks something, and of the weeks behind the measures also those that do not.
_WEEKS = """
    select completeness.* from risk.school_week_completeness as completeness cross join risk.stand
    where state in ('no_calendar', 'missing', 'small', 'late', 'large')
        or week_starts_on >= stand.as_of - 7 * (select max(value)::integer from risk.policy_parameter
            where parameter = 'completeness_shown_weeks'
                and stand.as_of between valid_from and coalesce(valid_to, date '9999-12-31'))
    order by week_starts_on desc, school_reg_no, dataset
"""
_DOUBTS = "select school_reg_no, doubt, records, pupils from core.school_doubt order by school_reg_no, doubt"
_CHANGED = """
    select change, count(*) as pupils from listed.attention_list join risk.stand using (as_of, known_on)
    where reasons is not null
    group by change order by change
"""


_MOST, _NEWEST = 40, 10
_MEANS = {"more": "with more severe reasons", "less": "with less severe reasons", "same": "the same"}


def gather(warehouse: Warehouse) -> dict[str, Any]:
    """Collect what an analyst asks first on a Monday."""
    last = last_report(warehouse.home) or {}
    kept = ("run_id", "started_at", "success", "seconds", "as_of", "known_on", "release", "failures")
    return {
        "last_run": {name: last.get(name) for name in kept},
        "deliveries": warehouse.query(_DELIVERIES).to_dicts(),
        "refused": refusals(warehouse.home.landing),
        "remarks": remarks(warehouse.home.landing),
        "quarantine": warehouse.query(_WAITING).to_dicts(),
        "changed": dict(warehouse.query(_CHANGED).rows()) if last.get("success") else {},
        "schools": sorted(warehouse.query(_SCHOOLS).to_dicts(), key=_worst_first) if last.get("success") else [],
        "weeks": warehouse.query(_WEEKS).to_dicts() if last.get("success") else [],
        "doubts": warehouse.query(_DOUBTS).to_dicts() if last.get("success") else [],
    }


def _print(found: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    console, run = Console(width=None if sys.stdout.isatty() else 140), found["last_run"]
    console.print(f"Last run {run['run_id']}, as of {run['as_of']}, known on {run['known_on']}, {run['seconds']} s")
    if replay := found.get("replay"):
        console.print(f"Below: as of {replay['as_of']}, as known on {replay['known_on']}")
    changed = ", ".join(f"{pupils:,} {_MEANS.get(change, change)}" for change, pupils in found["changed"].items())
    console.print(f"Pupils listed, against the week before: {changed or 'none'}")
    for text in [*(f"refused: {text}" for text in found["refused"]), *found["remarks"]]:
        console.print(text, markup=False)
    waiting = Table("delivery", "dataset", "rule", "rows", title="Waiting in quarantine")
    for row in found["quarantine"]:
        waiting.add_row(row["delivery_id"], row["dataset"], row["rule"], f"{row['rows']:,}")
    console.print(waiting if found["quarantine"] else "Nothing waits in quarantine.")
    doubts = Table("school", "what only several rows show", "records", "pupils", title="Doubtful, though let in")
    for row in found["doubts"]:
        doubts.add_row(row["school_reg_no"], row["doubt"], f"{row['records']:,}", f"{row['pupils']:,}")
    console.print(doubts if found["doubts"] else "Nothing doubtful was let in.")
    _print_schools(console, found["schools"])
    _print_deliveries(console, found["deliveries"])


def _print_deliveries(console: Any, deliveries: list[dict[str, Any]]) -> None:
    """Print the newest deliveries, and every one of which rows wait."""
    from rich.table import Table

    table = Table(title="Deliveries")
    table.add_column("delivery", overflow="fold")
    for head in ("delivered", "accepted", "quarantined", "superseded"):
        table.add_column(head, justify="right")
    table.add_column("status")
    earlier, newest = deliveries[:-_NEWEST], deliveries[-_NEWEST:]
    shown = [row for row in earlier if row["rows_quarantined"]][-_MOST:] + newest
    for row in shown:
        counts = (f"{row[f'rows_{n}']:,}" for n in ("delivered", "accepted", "quarantined", "superseded"))
        table.add_row(row["delivery_id"], *counts, row["status"])
    console.print(table)
    if len(deliveries) > len(shown):
        console.print(f"… and {len(deliveries) - len(shown):,} earlier deliveries; --json lists all.")


def _print_schools(console: Any, schools: list[dict[str, Any]]) -> None:
    """Print a line a school, the worst first; of very many only the first, and how many stand how."""
    from rich.table import Table

    table = Table("school", "name", title="Completeness by school, last weeks")
    for head in ("pupils", "no data", "data to", "stāvoklis / state"):
        table.add_column(head, justify="right" if head in ("pupils", "no data") else "left", overflow="fold")
    for row in schools[:_MOST]:
        pupils, without = f"{row['pupils']:,}", f"{row['pupils_no_data']:,}"
        table.add_row(
            row["school_reg_no"], row["name"], pupils, without, str(row["data_to"] or "nav / none"), state_text(row)
        )
    console.print(table)
    if len(schools) > _MOST:
        left = Counter(row["state"].replace("_", " ") for row in schools[_MOST:])
        more = ", ".join(f"{count:,} {state}" for state, count in left.items())
        console.print(f"… and {len(schools) - _MOST:,} more schools: {more}; --json lists all.")


def _worst_first(row: dict[str, Any]) -> tuple[Any, ...]:
    return rank(row["state"]), -row["pupils_no_data"] / row["pupils"], -row["weeks"], row["school_reg_no"]


def command(folder: Path | None, as_json: bool, as_of: date | None = None, known_on: date | None = None) -> int:
    """Show deliveries, quarantine, completeness and the last run; with clocks, as known and standing then."""
    with standing(opened(folder), as_of, known_on, (*LIST, "core.school_doubt")) as warehouse:
        found = gather(warehouse)
        if as_of or known_on:
            found["replay"] = warehouse.query("select as_of, known_on from risk.stand").row(0, named=True)
    print_json(found) if as_json else _print(found)
    return DONE
