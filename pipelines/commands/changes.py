"""`pumpurs status --since RUN`: who entered or left a run's list by what was learnt since, and by which delivery."""

import sys
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from assets.changes import Span, fresh_parts, touches
from assets.replay import first_and_newest, replayed
from assets.stand import Days
from assets.warehouse import Warehouse
from models.list_change import differences
from pipelines.errors import DONE, UsageError
from pipelines.output import print_json, tell, told_stages
from pipelines.standing import issue_of, opened, report_of, reports
from pipelines.weekly import only_run

_LISTED = "select * from listed.attention_list join risk.stand using (as_of, known_on)"
_LEDGER = """
    select delivery_id, dataset, delivered_on, status, rows_delivered, rows_accepted, rows_quarantined,
        rows_superseded, rows_withdrawn
    from raw.delivery where list_contains($wanted, delivery_id) order by delivered_on, delivery_id, dataset
"""
_NO_PART = 1 << 30


def _span(warehouse: Warehouse, report: dict[str, Any], known_on: date | None) -> Span:
    as_of, known_then = (date.fromisoformat(report[name]) for name in ("as_of", "known_on"))
    _, newest = first_and_newest(warehouse)
    now = known_on or max(newest, known_then)
    if now < known_then:
        raise UsageError(
            f"run {report['run_id']} knew what was delivered by {known_then}; --known-on must not be earlier"
        )
    return Span(as_of, known_then, report.get("list", {}).get("newest_part", _NO_PART), now)


def _deliveries(warehouse: Warehouse, report: dict[str, Any], span: Span) -> list[dict[str, Any]]:
    """Gather the ledger's rows of what was taken in since the run, or began to count since its knowledge."""
    later = [other for other in reports(warehouse.home) if other["run_id"] > report["run_id"]]
    taken = {row["delivery_id"] for other in later for row in other["deliveries"]}
    days = dict(fresh_parts(warehouse, span).group_by("delivery_id").agg(pl.col("known_from").min()).rows())
    rows = warehouse.query(_LEDGER, {"wanted": sorted(taken | set(days))}).to_dicts()
    return [row | {"counts_from": days.get(row["delivery_id"])} for row in rows]


def _with_deliveries(changed: pl.DataFrame, touched: pl.DataFrame) -> list[dict[str, Any]]:
    by_pupil: dict[str, list[dict[str, Any]]] = {}
    for touch in touched.drop("version").to_dicts():
        by_pupil.setdefault(touch.pop("pupil_key"), []).append(touch)
    return [row | {"deliveries": by_pupil.get(row["pupil_key"], [])} for row in changed.to_dicts()]


class Tracing:
    """Find the day of knowledge from which a pupil's entry is as it is now, replaying as few days as needed."""

    def __init__(self, warehouse: Warehouse, span: Span, now: pl.DataFrame) -> None:
        self.warehouse, self.span = warehouse, span
        self.lists = {span.known_now: now}

    def _list(self, day: date) -> pl.DataFrame:
        if day not in self.lists:
            with replayed(self.warehouse, Days(self.span.as_of, day)) as aside:
                self.lists[day] = aside.query(_LISTED)
        return self.lists[day]

    def _is_final(self, pupil_key: str, day: date) -> bool:
        pair = (
            frame.filter(pl.col("pupil_key") == pupil_key)
            for frame in (self._list(day), self._list(self.span.known_now))
        )
        return differences(*pair).is_empty()

    def first_day(self, pupil_key: str, days: list[date]) -> date:
        """Return the first of the days, in order, on which the entry was as it is now; by halving."""
        low, high = 0, len(days) - 1
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if self._is_final(pupil_key, days[middle]) else (middle + 1, high)
        return days[low]

    def add_to(self, row: dict[str, Any]) -> None:
        """Add the day, and mark the deliveries that count from it. What arrived late counts from the list's own day."""
        known = self.span.known_on
        days = sorted({max(touch["known_from"], known) for touch in row["deliveries"]})
        row["since"] = self.first_day(row["pupil_key"], days) if days else None
        for touch in row["deliveries"]:
            touch["is_decisive"] = max(touch["known_from"], known) == row["since"]


def gather(warehouse: Warehouse, run: str, known_on: date | None, is_traced: bool) -> dict[str, Any]:
    """Compare the list that a run issued with the list of the same day as known now."""
    report = report_of(warehouse.home, run)
    then, span = issue_of(warehouse.home, report).rows, _span(warehouse, report, known_on)
    with only_run(warehouse.home), told_stages():
        with replayed(warehouse, Days(span.as_of, span.known_now)) as aside:
            now = aside.query(_LISTED)
        changed = differences(then, now)
        rows = _with_deliveries(changed, touches(warehouse, changed, span))
        if is_traced:
            tracing = Tracing(warehouse, span, now)
            for row in rows:
                tracing.add_to(row)
    counts = dict(changed.group_by("change").len().sort("change").rows())
    return {
        "run_id": report["run_id"],
        "as_of": span.as_of,
        "known_on": span.known_on,
        "known_now": span.known_now,
        "pupils_then": then.height,
        "pupils_now": now.height,
        "counts": counts,
        "changes": rows,
        "deliveries": _deliveries(warehouse, report, span),
    }


def _because(row: dict[str, Any]) -> str:
    if not row["deliveries"]:
        return "no delivered row: the rules or the program changed"
    marks = {True: " ◀", False: "", None: ""}
    return "\n".join(
        f"{touch['delivery_id']}: {touch['rows']} {touch['dataset']}{marks[touch.get('is_decisive')]}"
        for touch in row["deliveries"]
    )


def _print(found: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(width=None if sys.stdout.isatty() else 160)
    counts = ", ".join(f"{count} {change}" for change, count in found["counts"].items()) or "nothing changed"
    console.print(
        f"Run {found['run_id']}, as of {found['as_of']}: {found['pupils_then']} pupils as known on {found['known_on']},"
        f" {found['pupils_now']} as known on {found['known_now']}: {counts}"
    )
    table = Table("school", "pupil", "change", "reasons then", "reasons now", "deliveries: rows", show_lines=True)
    for row in found["changes"]:
        reasons = (row[f"reasons_en_{side}"] or "–" for side in ("then", "now"))
        table.add_row(row["school_reg_no"], row["pupil_key"], row["change"], *reasons, _because(row))
    if found["changes"]:
        console.print(table)
    taken = Table("delivery", "dataset", "counts from", "delivered", "accepted", "quarantined", "superseded", "status")
    for row in found["deliveries"]:
        counted = (f"{row[f'rows_{n}']:,}" for n in ("delivered", "accepted", "quarantined", "superseded"))
        taken.add_row(row["delivery_id"], row["dataset"], str(row["counts_from"] or "–"), *counted, row["status"])
    console.print(taken if found["deliveries"] else "No delivery since.")


def command(
    folder: Path | None, run: str, as_of: date | None, known_on: date | None, is_traced: bool, as_json: bool
) -> int:
    """Show what was learnt since a run, for its own day; keys only, no names."""
    if as_of:
        raise UsageError("--since compares lists of the run's own day; leave --as-of out")
    found = gather(opened(folder), run, known_on, is_traced)
    if found["changes"] and not is_traced and any(len(row["deliveries"]) > 1 for row in found["changes"]):
        tell("several deliveries touch some pupils; --trace replays the days between and marks the decisive ones")
    print_json(found) if as_json else _print(found)
    return DONE
