"""`pumpurs run`: every new delivery to lists and a release."""

import time
from pathlib import Path
from typing import Any

from assets.home import Home
from pipelines.clock import now
from pipelines.errors import BROKEN, DONE
from pipelines.output import StageProgress, print_json
from pipelines.settings import settings
from pipelines.weekly import (
    Clocks,
    entered_before,
    execute,
    fingerprint,
    is_nothing_new,
    last_report,
    only_run,
    refuse_impossible,
    write_report,
)

_LEDGER = """
    select delivery_id, dataset, status, note, rows_delivered, rows_accepted, rows_quarantined, rows_superseded,
        rows_withdrawn
    from raw.delivery order by delivered_on, delivery_id, dataset
"""


def _ledger(home: Home) -> list[dict[str, Any]]:
    from assets.warehouse import Warehouse

    warehouse = Warehouse(home)
    if not warehouse.exists():
        return []
    with warehouse.connect(read_only=True) as connection:
        is_known = connection.sql("select 1 from duckdb_tables() where table_name = 'delivery'").fetchall()
        return connection.sql(_LEDGER).pl().to_dicts() if is_known else []


def _waiting(home: Home) -> dict[str, int]:
    """Count the rows that wait, whenever they were delivered, and their deliveries."""
    waiting = [row["rows_quarantined"] for row in _ledger(home) if row["rows_quarantined"]]
    return {"rows": sum(waiting), "deliveries": len(waiting)}


def _sums(rows: list[dict[str, Any]]) -> dict[str, int]:
    names = ("rows_delivered", "rows_accepted", "rows_quarantined", "rows_superseded", "rows_withdrawn")
    return {name: sum(row[name] for row in rows) for name in names}


def _facts(home: Home) -> dict[str, Any]:
    from assets.issued import issues
    from assets.publication import Publication
    from assets.warehouse import Warehouse

    warehouse = Warehouse(home)
    stand = warehouse.query("select as_of, known_on from risk.stand").row(0, named=True)
    listed = warehouse.query(
        "select count(*) as pupils from listed.attention_list join risk.stand using (as_of, known_on)"
    )
    current = Publication(home.releases).current()
    newest = warehouse.query("select coalesce(max(part_no), 0) as part from raw.lake_part")["part"][0]
    issued = issues(home, *stand.values())[-1].summary() | {"newest_part": newest}
    release = current.release_id if current else None
    weeks = warehouse.query("select min(as_of) as since, count(*) as weeks from risk.as_of_date where is_listed").row(0)
    backfill = {"since": weeks[0], "weeks": weeks[1]} if weeks[1] > 1 else None
    return {**stand, "backfill": backfill, "pupils_listed": listed["pupils"][0], "release": release, "list": issued}


def run(home: Home, clocks: Clocks) -> dict[str, Any]:
    """Run once; return the report, with `nothing_new` when there was no work."""
    from assets.stage import recorder
    from assets.unread import refusals, remarks

    with only_run(home):
        mark = fingerprint(home, clocks)
        if is_nothing_new(home, mark):
            return {**(last_report(home) or {}), "nothing_new": True}
        refuse_impossible(home, clocks, now().date())
        before = entered_before(home, ((row["delivery_id"], row["dataset"]) for row in _ledger(home)))
        moment, begun = now(), time.perf_counter()
        recorder.stages.clear()
        with StageProgress(recorder):
            success, failures = execute(home, clocks)
        fresh = [row for row in _ledger(home) if (row["delivery_id"], row["dataset"]) not in before]
        outcome = {"success": success, "failures": failures, "seconds": round(time.perf_counter() - begun, 1)}
        outcome |= {"rows": _sums(fresh), "deliveries": fresh, "refusals": refusals(home.landing)}
        outcome |= {"remarks": remarks(home.landing), "waiting": _waiting(home)}
        outcome |= _facts(home) if success else {}
        return write_report(home, moment, mark, outcome, recorder.stages) | {"nothing_new": False}


def exit_code(report: dict[str, Any]) -> int:
    """Return 1 when data broke a promise in this run: a failed check, a refused file, a quarantined row."""
    if report["nothing_new"]:
        return DONE
    refused = any(row["status"] == "refused" for row in report["deliveries"])
    broken = not report["success"] or refused or report["refusals"] or report["rows"]["rows_quarantined"]
    return BROKEN if broken else DONE


def summary(report: dict[str, Any], home: Home) -> list[str]:
    """Write what came of a run, a line a thing."""
    if report["nothing_new"]:
        return [f"Nothing new since run {report['run_id']} (as of {report.get('as_of')}): no work done."]
    rows = report["rows"]
    lines = [
        f"Rows delivered {rows['rows_delivered']:,} = accepted {rows['rows_accepted']:,} + quarantined"
        f" {rows['rows_quarantined']:,} + superseded {rows['rows_superseded']:,}; {report['seconds']} s."
    ]
    for row in report["deliveries"]:
        about = f"  {row['delivery_id']} / {row['dataset']}:"
        if row["rows_quarantined"] and row["status"] != "refused":
            report_file = home.quarantine / row["delivery_id"] / "report.csv"
            lines.append(f"{about} {row['rows_quarantined']:,} rows wait; see {report_file}")
        if row["note"]:
            lines.append(f"{about} {row['status']}: {row['note']}")
    lines += [f"  refused: {text}" for text in report["refusals"]]
    lines += [f"  {text}" for text in report["remarks"]]
    lines += [f"  failed: {text}" for text in report["failures"]]
    if report["waiting"]["rows"]:
        found = report["waiting"]
        lines.append(f"Waiting in all: {found['rows']:,} rows of {found['deliveries']} files; see `pumpurs status`.")
    if report["success"]:
        lines.append(
            f"As of {report['as_of']}, known on {report['known_on']}: {report['pupils_listed']:,} pupils listed."
        )
        if report["backfill"]:
            lines.append("Backfill: lists of {weeks} weeks since {since}.".format(**report["backfill"]))
        lines.append(f"Release {report['release']} in {home.releases / 'current'}.")
    return lines


def command(folder: Path | None, clocks: Clocks, as_json: bool) -> int:
    """Run and say what came of it."""
    home = settings().home_folder(folder)
    report = run(home, clocks)
    if as_json:
        print_json(report)
    else:
        print("\n".join(summary(report, home)))
    return exit_code(report)
