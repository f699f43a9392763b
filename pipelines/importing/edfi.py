"""Bring Ed-Fi attendance, as interchange XML or as CSV, in as one delivery folder."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import polars as pl

from models.public_format.edfi import EDFI, ENTRY, EVENT, import_events
from models.public_format.imported import ImportRefused
from models.public_format.registers import KEYS
from pipelines.importing.edfi_xml import read_interchange
from pipelines.importing.folder import dates, morning_after, require_free, write_delivery
from pipelines.importing.report import ImportReport, account
from pipelines.importing.text_table import read_text_table

SCHOOL, SECTION, GRADEBOOK = (
    "school_attendance_events.csv", "section_attendance_tardy_events.csv", "student_gradebook_entries.csv",
)  # fmt: skip
NEEDED = {
    SCHOOL: ["student_id", "school_id", "session", "event_date", "category"],
    SECTION: ["student_id", "school_id", "session", "event_date", "category", "section"],
    GRADEBOOK: ["student_id", "entry_id", "date_fulfilled", "letter", "numeric"],
}
OTHER_KIND = "record of another kind than an attendance event of a school or section"
OTHER_DOCUMENT = "XML documents of another kind beside them, not read"
DATASETS = [name for name in KEYS if name != "period_mark"]


def import_edfi(src: Path, dest: Path) -> ImportReport:
    """Write the Ed-Fi attendance in `src` as the delivery folder `dest`; ImportRefused leaves no delivery."""
    interchanges, tables = _files(src)
    require_free(dest, DATASETS)
    documents = {path.name: read_interchange(path) for path in interchanges}
    read = {name: told for name, told in documents.items() if told}
    read |= {path.name: (_table(path), 0) for path in tables}
    _require_attendance(src, read)
    imported = import_events(*_stacked({name: rows for name, (rows, _) in read.items()}))
    for name, (_, others) in read.items():
        imported.used.setdefault(name, 0)
        imported.left_out.setdefault(name, {}).update({OTHER_KIND: others} if others else {})
    imported.notes[OTHER_DOCUMENT] = len(documents) - sum(name in read for name in documents)
    document = _note(imported.datasets)
    write_delivery(dest, imported.datasets, document)
    counts = {name: rows.height + others for name, (rows, others) in read.items()}
    return account(counts, {name: name for name in read}, imported, document)


def _files(src: Path) -> tuple[list[Path], list[Path]]:
    """Return the interchanges and the tables of the source, which may also be one file."""
    inside = sorted(src.iterdir()) if src.is_dir() else [src]
    interchanges = [path for path in inside if path.suffix.lower() == ".xml" and path.is_file()]
    tables = [path for path in inside if path.name in NEEDED and path.is_file()]
    return interchanges, tables


def _require_attendance(src: Path, read: Collection[str]) -> None:
    if not any(name == SCHOOL or name not in NEEDED for name in read):
        raise ImportRefused(
            f"{src.name}: 0 files tell of attendance; put {SCHOOL} or an interchange such as"
            " StudentSchoolAttendance.xml there"
        )


def _table(path: Path) -> pl.DataFrame:
    return read_text_table(path, NEEDED[path.name], ["section"] if path.name == SCHOOL else [])


def _stacked(read: dict[str, pl.DataFrame]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Lay the rows of all files under each other, each with the name of its file: events, and gradebook entries."""
    marked = {name: rows.with_columns(file=pl.lit(name)) for name, rows in read.items()}
    empty = [pl.DataFrame(schema=dict.fromkeys([*columns, "file"], pl.String)) for columns in (EVENT, ENTRY)]
    events = [rows.select(*EVENT, "file") for name, rows in marked.items() if name != GRADEBOOK]
    if not any(rows.height for rows in events):
        raise ImportRefused(f"{', '.join(read)}: 0 attendance events; export the files again")
    entries = [rows.select(*ENTRY, "file") for name, rows in marked.items() if name == GRADEBOOK]
    return pl.concat([empty[0], *events]), pl.concat([empty[1], *entries])


def _note(datasets: dict[str, pl.DataFrame]) -> dict[str, Any]:
    """Write delivery.yaml's content: all that is known of these schools between the first and the last day."""
    dated = {
        name: rows for name, rows in datasets.items() if name in ("calendar_day", "enrolment", "attendance", "mark")
    }
    first, last = dates(dated)
    schools = datasets["institution"]["school_reg_no"].to_list()
    full = {"mode": "full", "schools": schools, "from": first.isoformat(), "to": last.isoformat()}
    notes = {name: full | {"schools": [*schools]} if name in dated else {"mode": "delta"} for name in datasets}
    notes["attendance"]["shape"] = "exceptions"
    return {"source": EDFI.source, "delivered_on": morning_after(last).isoformat(), "datasets": notes}
