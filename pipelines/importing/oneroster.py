"""Bring a OneRoster export in as a delivery folder and, where results are withdrawn, a second one beside it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from models.public_format.day_order import ORDERS
from models.public_format.imported import ImportRefused
from models.public_format.oneroster import NEEDS, RosterImport, import_export
from models.public_format.oneroster_source import (
    FILES,
    MANIFEST,
    UNUSED,
    Manifest,
    misspelt,
    plain,
    read_header,
    read_manifest,
)
from models.public_format.oneroster_table import Export, merge
from pipelines.importing.archive import opened_source
from pipelines.importing.folder import morning_after, require_free, write_delivery
from pipelines.importing.foreign import Foreign, read_foreign
from pipelines.importing.report import ImportReport, account

ONEROSTER = "oneroster"
_REGISTERS = ("municipality", "institution", "calendar_day", "pupil")


@dataclass(frozen=True)
class Wanted:
    """How an export is to be taken: who sends it, whose identifiers it bears, when it was delivered, onto what."""

    source: str = ONEROSTER
    is_latvian: bool = False
    delivered_on: date | None = None
    date_order: str | None = None
    onto: tuple[Path, ...] = ()


@dataclass
class _Read:
    """An export with what reading it showed."""

    export: Export
    records: dict[str, int]
    unread: dict[str, dict[str, int]]
    notes: dict[str, int]


def import_oneroster(src: Path, dest: Path, wanted: Wanted | None = None) -> ImportReport:
    """Write a OneRoster folder or .zip as the delivery folder `dest`; ImportRefused leaves no delivery.

    Results to be deleted become `<dest>-withdrawn`, a delivery of keys to withdraw, a second after the other.
    """
    wanted = wanted or Wanted()
    if wanted.date_order not in (None, *ORDERS):
        raise ImportRefused(f"--date-order: it must be {' or '.join(ORDERS)}; choose one of the two")
    beside = dest.with_name(f"{dest.name}-withdrawn")
    require_free(dest, NEEDS)
    require_free(beside, NEEDS)
    read = _onto([_read_export(path, wanted) for path in (*wanted.onto, src)])
    found = import_export(read.export)
    moment = morning_after(_last_change(found, wanted))
    if found.withdrawn.height:
        note = {"mark": {"mode": "delta", "deleted": True}}
        write_delivery(beside, {"mark": found.withdrawn}, _document(wanted, moment.replace(second=1), note))
    document = _document(wanted, moment, _notes(read.export, found))
    write_delivery(dest, found.imported.datasets, document)
    return _report(read, found, document)


def _onto(exports: Sequence[_Read]) -> _Read:
    """Put each export onto those before it: the whole state, and the account of every row of every file."""
    whole = exports[0]
    for later in exports[1:]:
        export, replaced = merge(whole.export, later.export)
        whole.notes = whole.notes | later.notes
        for file in later.export.tables:
            is_whole = later.export.is_bulk(file)
            before = {} if is_whole else whole.unread.get(file, {})
            aside = before | later.unread[file]
            if replaced.get(file):
                why = "replaced by a later export"
                aside[why] = before.get(why, 0) + replaced[file]
            earlier = 0 if is_whole else whole.records.get(file, 0)
            whole.unread[file], whole.records[file] = aside, earlier + later.records[file]
        whole = replace(whole, export=export)
    return whole


def _read_export(src: Path, wanted: Wanted) -> _Read:
    with opened_source(src, f"{MANIFEST}.csv") as folder:
        present = {path.stem.casefold(): path for path in folder.iterdir() if path.suffix.casefold() == ".csv"}
        named = {name: present[name.casefold()] for name in (*FILES, *UNUSED) if name.casefold() in present}
        manifest = _manifest(present[MANIFEST], named)
        tables, read = {}, _Read(Export({}, {}, manifest.version), {}, {}, {})
        for name in manifest.files():
            foreign = read_foreign(named[name], lambda cell, name=name: _is_column(name, cell), len(FILES[name].needed))
            tables[name] = _table(name, foreign, read)
    read.export = Export(
        tables, manifest.files(), manifest.version, wanted.source, wanted.is_latvian, wanted.date_order
    )
    return read


def _is_column(file: str, cell: str) -> bool:
    return plain(cell) in {plain(name) for name in FILES[file].columns}


def _manifest(path: Path, present: dict[str, Path]) -> Manifest:
    foreign = read_foreign(path, lambda cell: plain(cell) in ("propertyname", "value"))
    places = read_header(path.name, foreign.header, ("propertyName", "value"), ())
    names, values = (foreign.rows[f"cell_{places[name]}"].fill_null("") for name in ("propertyName", "value"))
    return read_manifest(dict(zip(names, values, strict=True)), present)


def _table(name: str, foreign: Foreign, read: _Read) -> pl.DataFrame:
    """Choose the known columns, under their own names."""
    source = FILES[name]
    places = read_header(foreign.name, foreign.header, source.needed, source.optional)
    read.records[name], read.unread[name] = foreign.records, foreign.unread
    wrong = misspelt(foreign.header, places)
    read.notes |= {f"{name}.csv: columns not written as the specification says": wrong} if wrong else {}
    absent = [pl.lit(None, pl.String).alias(column) for column in source.columns if column not in places]
    chosen = [pl.col(f"cell_{place}").alias(column) for column, place in places.items()]
    return foreign.rows.select(*chosen).with_columns(absent).select(source.columns)


def _last_change(found: RosterImport, wanted: Wanted) -> date:
    day = wanted.delivered_on or found.last_change
    if day is None:
        raise ImportRefused("manifest.csv: no row tells when it was changed; say the day of the export: --delivered-on")
    return day


def _document(wanted: Wanted, moment: datetime, datasets: dict[str, Any]) -> dict[str, Any]:
    return {"source": wanted.source, "delivered_on": moment.isoformat(), "datasets": datasets}


def _notes(export: Export, found: RosterImport) -> dict[str, Any]:
    """Write how each dataset is meant: a bulk file is everything of its schools, but a register only adds."""
    datasets = found.imported.datasets
    schools = datasets["institution"]["school_reg_no"].to_list()
    since = {"from": found.first_day.isoformat()} if found.first_day else {}
    is_full = {name: export.is_bulk(NEEDS[name]) and name not in _REGISTERS for name in datasets}
    return {
        name: {"mode": "full", "schools": list(schools), **since} if is_full[name] else {"mode": "delta"}
        for name in datasets
    }


def _report(read: _Read, found: RosterImport, document: dict[str, Any]) -> ImportReport:
    imported = found.imported
    left_out = {file: read.unread[file] | reasons for file, reasons in imported.left_out.items()}
    notes = read.notes | imported.notes
    if found.withdrawn.height:
        notes |= {"marks withdrawn, in the delivery beside this one": found.withdrawn.height}
    told = replace(imported, left_out=left_out, notes=notes)
    return account(read.records, {name: f"{name}.csv" for name in read.records}, told, document)
