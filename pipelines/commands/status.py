"""`pumpurs status`: is everything in, what waits, what ran last."""

import sys
from pathlib import Path
from typing import Any

from assets.warehouse import Warehouse
from pipelines.errors import DONE, UsageError
from pipelines.output import print_json
from pipelines.settings import settings
from pipelines.weekly import last_report

_DELIVERIES = """
    select delivery_id, min(delivered_on) as delivered_on, sum(rows_delivered)::bigint as rows_delivered,
        sum(rows_accepted)::bigint as rows_accepted, sum(rows_quarantined)::bigint as rows_quarantined,
        sum(rows_superseded)::bigint as rows_superseded, string_agg(distinct status, ', ' order by status) as status
    from raw.delivery group by delivery_id order by delivered_on, delivery_id
"""
_WAITING = "select delivery_id, dataset, rule, rows from raw.waiting order by delivery_id, dataset, rule"
_SCHOOLS = """
    select cohort.school_reg_no, max(institution.name) as name, count(*) as pupils,
        max(measure.data_to) as data_to, round(100 * (1 - avg(measure.unrecorded_share_4w)))::integer
            as recorded_percent_4w
    from risk.pupil_week_cohort as cohort
    join risk.stand on cohort.as_of = stand.as_of
    join risk.pupil_week_measure as measure
        on cohort.pupil_key = measure.pupil_key and cohort.as_of = measure.as_of
    left join (select school_reg_no, max_by(name, valid_from) as name from core.institution group by school_reg_no)
        as institution on cohort.school_reg_no = institution.school_reg_no
    group by cohort.school_reg_no order by recorded_percent_4w nulls first, cohort.school_reg_no
"""
_DOUBTS = "select school_reg_no, doubt, records, pupils from core.school_doubt order by school_reg_no, doubt"
_CHANGED = """
    select change, count(*) as pupils from listed.attention_list join risk.stand using (as_of, known_on)
    group by change order by change
"""


def gather(warehouse: Warehouse) -> dict[str, Any]:
    """Collect what an analyst asks first on a Monday."""
    last = last_report(warehouse.home) or {}
    kept = ("run_id", "started_at", "success", "seconds", "as_of", "known_on", "release", "failures")
    return {
        "last_run": {name: last.get(name) for name in kept},
        "deliveries": warehouse.query(_DELIVERIES).to_dicts(),
        "quarantine": warehouse.query(_WAITING).to_dicts(),
        "changed": dict(warehouse.query(_CHANGED).rows()) if last.get("success") else {},
        "schools": warehouse.query(_SCHOOLS).to_dicts() if last.get("success") else [],
        "doubts": warehouse.query(_DOUBTS).to_dicts() if last.get("success") else [],
    }


def _print(found: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    console, run = Console(width=None if sys.stdout.isatty() else 140), found["last_run"]
    console.print(f"Last run {run['run_id']}, as of {run['as_of']}, known on {run['known_on']}, {run['seconds']} s")
    changed = ", ".join(f"{pupils} {change}" for change, pupils in found["changed"].items())
    console.print(f"Pupils listed, against the week before: {changed or 'none'}")
    table = Table("delivery", "delivered", "accepted", "quarantined", "superseded", "status", title="Deliveries")
    for row in found["deliveries"]:
        counts = (f"{row[f'rows_{n}']:,}" for n in ("delivered", "accepted", "quarantined", "superseded"))
        table.add_row(row["delivery_id"], *counts, row["status"])
    console.print(table)
    waiting = Table("delivery", "dataset", "rule", "rows", title="Waiting in quarantine")
    for row in found["quarantine"]:
        waiting.add_row(row["delivery_id"], row["dataset"], row["rule"], f"{row['rows']:,}")
    console.print(waiting if found["quarantine"] else "Nothing waits in quarantine.")
    doubts = Table("school", "what only several rows show", "records", "pupils", title="Doubtful, though let in")
    for row in found["doubts"]:
        doubts.add_row(row["school_reg_no"], row["doubt"], f"{row['records']:,}", f"{row['pupils']:,}")
    console.print(doubts if found["doubts"] else "Nothing doubtful was let in.")
    schools = Table("school", "name", "pupils", "data to", "recorded, last 4 weeks", title="Completeness by school")
    for row in found["schools"]:
        share = "no school days" if row["recorded_percent_4w"] is None else f"{row['recorded_percent_4w']} %"
        schools.add_row(row["school_reg_no"], row["name"], str(row["pupils"]), str(row["data_to"] or "no data"), share)
    console.print(schools)


def command(folder: Path | None, as_json: bool) -> int:
    """Show deliveries, quarantine, completeness and the last run."""
    chosen = settings()
    warehouse = Warehouse(chosen.home_folder(folder), chosen.memory_limit, chosen.threads)
    if not warehouse.exists():
        raise UsageError(f"{warehouse.home.root} holds no warehouse yet; put a delivery into landing/, `pumpurs run`")
    found = gather(warehouse)
    print_json(found) if as_json else _print(found)
    return DONE
