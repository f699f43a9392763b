"""Bring a feed of OpenEduAnalytics in: one delivery folder for each of its days."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from models.public_format.day_order import ORDERS
from models.public_format.imported import Imported, ImportRefused
from models.public_format.lesson_slot import natural
from models.public_format.oea import OEA, import_days
from models.public_format.oea_source import ATTENDANCE, COLUMNS, MAY_BE_HIDDEN, STUDENTS
from models.public_format.registers import KEYS
from pipelines.importing.folder import NOTE, morning_after, require_free, write_delivery
from pipelines.importing.report import ImportReport, account
from pipelines.importing.text_table import read_text_table

METADATA = "metadata.csv"
DATASETS = [name for name in KEYS if name != "mark"]
BESIDE = "earlier days beside this one, read with it for lesson numbers and enrolments"
MODES = {"enrolment": "full", "period_mark": "full"}  # all that is known so far; the others add and correct


@dataclass(frozen=True)
class Day:
    """One day of the feed: its folder, and where its delivery goes (nowhere for an earlier day beside the source)."""

    src: Path
    dest: Path | None


def import_oea(src: Path, dest: Path, date_order: str | None = None) -> ImportReport:
    """Write the day or the days in `src` as deliveries: `dest` of one day, `dest/<day>` of a folder of days.

    ImportRefused leaves no delivery. `date_order` is dmy or mdy, for dates that do not tell it themselves.
    """
    if date_order not in (None, *ORDERS):
        raise ImportRefused(f"--date-order: it must be {' or '.join(ORDERS)}; choose one of the two")
    days = _days(src, dest)
    for day in days:
        if day.dest:
            require_free(day.dest, DATASETS)
    tables = {name: _read(days, name) for name in COLUMNS}
    imported = import_days(tables, date_order, _hidden(src))
    documents = _notes(imported)
    reports = {}
    for number, day in enumerate(days):
        if day.dest:
            write_delivery(day.dest, imported[number].datasets, documents[number])
            reports[day.src.name] = _report(tables, number, imported[number], documents[number])
    if days[-1].dest != dest:
        return _together(reports)
    alone = reports[days[-1].src.name]
    return replace(alone, notes=alone.notes | {BESIDE: len(days) - 1})


def _days(src: Path, dest: Path) -> list[Day]:
    """Return the days in order; those before a single one are read with it, for its lesson numbers follow theirs."""
    if (src / f"{ATTENDANCE}.csv").is_file():
        source = src.resolve()
        beside = [path for path in _day_folders(source.parent) if natural(path.name) < natural(source.name)]
        return [*(Day(path, None) for path in beside), Day(source, dest)]
    found = _day_folders(src)
    if not found:
        raise ImportRefused(
            f"{src.name}: 0 days of a feed; name the folder of one day, with {ATTENDANCE}.csv, or that of all days"
        )
    if (dest / NOTE).exists():
        raise ImportRefused(f"{dest.name}: the folder already holds a delivery; name a new folder")
    return [Day(path, dest / path.name) for path in found]


def _day_folders(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    found = [path for path in folder.iterdir() if (path / f"{ATTENDANCE}.csv").is_file()]
    return sorted(found, key=lambda path: natural(path.name))


def _read(days: list[Day], table: str) -> pl.DataFrame:
    """Lay a table of all days under each other, each row with the number of its day."""
    names = COLUMNS[table]
    frames = [
        read_text_table(day.src / f"{table}.csv", list(names), name=f"{day.src.name}/{table}.csv")
        .rename(names)
        .with_columns(pl.lit(number, pl.Int64).alias("arrival"))
        for number, day in enumerate(days)
    ]
    if table == ATTENDANCE and not frames[0].height:
        raise ImportRefused(
            f"{days[0].src.name}/{table}.csv: 0 lessons on the first day; begin with a day that has some"
        )
    return pl.concat(frames)


def _hidden(src: Path) -> set[str]:
    """Return the columns of students that metadata.csv, in the source or beside it, marks for hiding."""
    path = next((folder / METADATA for folder in (src, src.resolve().parent) if (folder / METADATA).is_file()), None)
    if path is None:
        return set()
    rows = read_text_table(path, ["Entity Name", "Attribute Name", "Pseudonymization"])
    told = rows.with_columns(pl.col("Entity Name").forward_fill()).filter(pl.col("Entity Name") == STUDENTS)
    marked = told.filter(pl.col("Pseudonymization").str.to_lowercase().is_in(["hash", "mask"]))
    return set(marked["Attribute Name"].drop_nulls()) & set(MAY_BE_HIDDEN)


def _notes(imported: list[Imported]) -> list[dict[str, Any]]:
    """Write each day's delivery.yaml: delivered on the morning after its last lesson, later than the day before it."""
    documents, before = [], date.min
    for told in imported:
        last = told.datasets["attendance"]["lesson_date"].max()
        before = max(last if isinstance(last, date) else date.min, before + timedelta(days=1))
        documents.append(_note(told.datasets, before))
    return documents


def _note(datasets: Mapping[str, pl.DataFrame], last: date) -> dict[str, Any]:
    schools = datasets["institution"]["school_reg_no"].to_list()
    notes: dict[str, Any] = {name: {"mode": MODES.get(name, "delta")} for name in datasets}
    for name in MODES:
        notes[name]["schools"] = [*schools]
    notes["attendance"]["shape"] = "roll"
    return {"source": OEA.source, "delivered_on": morning_after(last).isoformat(), "datasets": notes}


def _report(tables: Mapping[str, pl.DataFrame], arrival: int, told: Imported, document: dict[str, Any]) -> ImportReport:
    counts = {name: rows.filter(pl.col("arrival") == arrival).height for name, rows in tables.items()}
    return account(counts, {name: f"{name}.csv" for name in tables}, told, document)


def _together(reports: Mapping[str, ImportReport]) -> ImportReport:
    """Report several days as one: every file and dataset under the name of its day."""
    last = list(reports.values())[-1]

    def laid(part: str) -> dict[str, Any]:
        told = {day: getattr(report, part) for day, report in reports.items()}
        return {f"{day}/{key}": count for day, counts in told.items() for key, count in counts.items()}

    return ImportReport(
        source=last.source,
        delivered_on=last.delivered_on,
        rows_read=laid("rows_read"),
        rows_used=laid("rows_used"),
        rows_left_out=laid("rows_left_out"),
        rows_written=laid("rows_written"),
        notes=laid("notes"),
    )
