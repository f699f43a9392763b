"""Bring any flat export in as one delivery folder, as a map file says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from assets.settings_file import read_said
from data_contracts.contract import FOLDER, delivered, load
from models.public_format.imported import Imported, ImportRefused
from models.public_format.mapped import (
    EMPTY_CELL,
    MappedTable,
    Table,
    counted,
    in_file_name,
    map_table,
    plain_header,
    without_meaning,
)
from models.public_format.mapped_map import CODE_LISTS, CODED, ENCODINGS, Dataset, Known, Layout, MapFile
from models.public_format.mapped_reading import read_map
from pipelines.importing.folder import require_free, write_delivery
from pipelines.importing.foreign import Foreign, read_foreign
from pipelines.importing.report import ImportReport, account

NO_MEANING = "rows whose {} has no meaning in the map or the common list: they wait in quarantine"
_READABLE = (".csv", ".csv.gz", ".txt", ".xlsx", ".parquet")


@dataclass
class _Account:
    """What was read, used and left out, by file and, of a wide layout, by its cells."""

    read: dict[str, int] = field(default_factory=dict)
    used: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, dict[str, int]] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=dict)

    def add(self, dataset: str, foreign: Foreign, found: MappedTable) -> None:
        """Account for a file: every record, and every cell of a wide layout."""
        name = f"{foreign.name} ({dataset})"
        self.read[name], self.used[name] = foreign.records, found.used
        self.left_out[name] = foreign.unread | found.left_out
        if found.cells is not None:
            name = f"{name}, cells"
            self.read[name], self.used[name] = found.cells, found.cells - found.empty_cells
            self.left_out[name] = {EMPTY_CELL: found.empty_cells} if found.empty_cells else {}
        for what, count in found.notes.items():
            self.note(f"{dataset}.{what}", count)

    def note(self, what: str, count: int) -> None:
        """Count what is delivered with a doubt."""
        self.notes |= {what: self.notes.get(what, 0) + count} if count else {}


@cache
def known() -> Known:
    """Return what a map is checked against: our datasets by their contracts."""
    contracts = {key.split(".")[1]: load(key) for key in delivered()}
    datasets = {
        name: Dataset(
            contract.column_names,
            frozenset(c.name for c in contract.columns if c.logical == "date"),
            tuple(c.name for c in contract.columns if c.required or c.name == CODED.get(name) == "code"),
            contract.natural_key,
        )
        for name, contract in contracts.items()
    }
    return Known(datasets, {name: contracts[name].column("meaning").values for name in CODE_LISTS})


def import_mapped(src: Path, dest: Path, map_path: Path) -> ImportReport:
    """Write the export in `src` as the delivery folder `dest`, as the map says; ImportRefused leaves no delivery."""
    mapped = read_map(read_said(map_path, "--map"), known())
    require_free(dest, known().datasets)
    files = {layout.dataset: _files(src, layout) for layout in mapped.layouts}
    told = _Account()
    datasets = {layout.dataset: _dataset(layout, files[layout.dataset], told) for layout in mapped.layouts}
    codes = {name: _codes(mapped, name) for name in mapped.codes}
    for layout in mapped.layouts:
        _tell_doubts(layout, datasets[layout.dataset], codes, told)
    document = _document(mapped, [path for paths in files.values() for path in paths])
    written = {**codes, **datasets}
    write_delivery(dest, written, document)
    return account(told.read, {name: name for name in told.read}, _imported(written, told), document)


def _imported(datasets: dict[str, pl.DataFrame], told: _Account) -> Imported:
    return Imported(datasets, told.used, told.left_out, told.notes)


def _files(src: Path, layout: Layout) -> list[Path]:
    """Return the files of a layout in order of their names; ImportRefused if there is none that can be read."""
    if not src.exists():
        raise ImportRefused(f"{src.name}: there is no such folder or file; name what holds the exported table")
    inside = [src] if src.is_file() else sorted(src.iterdir())
    found = [p for p in inside if fnmatchcase(p.name, layout.files) and p.is_file() and not p.is_symlink()]
    odd = [path.name for path in found if not path.name.lower().endswith(_READABLE)]
    if odd or not found:
        what = f"{len(odd)} of {len(found)} files are not {', '.join(_READABLE)}" if odd else "0 files are so named"
        raise ImportRefused(
            f"{layout.files}: {what} in the source folder, for dataset {layout.dataset}; correct `files` in the map"
        )
    return found


def _dataset(layout: Layout, paths: list[Path], told: _Account) -> pl.DataFrame:
    names = {plain_header(header) for header in layout.headers()}
    frames = []
    for path in paths:
        foreign = read_foreign(path, lambda cell: plain_header(cell) in names, len(names))
        _check_hints(layout, foreign)
        found = map_table(Table(foreign.name, foreign.header, foreign.rows), layout, known().datasets[layout.dataset])
        told.add(layout.dataset, foreign, found)
        frames.append(found.rows)
    return counted(pl.concat(frames), layout, known().datasets[layout.dataset])


def _check_hints(layout: Layout, foreign: Foreign) -> None:
    """Refuse a file that is not as the map says it is: what was detected is certain, so one of the two is wrong."""
    kind, *detected = foreign.detected.split()
    if kind != "csv":
        return
    encoding, delimiter = detected
    is_plain = all("".join(foreign.header).isascii() and _is_ascii(column) for column in foreign.rows)
    if layout.delimiter not in ("", delimiter):
        raise ImportRefused(
            f"{foreign.name}: its delimiter is {delimiter}, the map says {layout.delimiter}; correct one"
        )
    if layout.encoding and encoding not in ENCODINGS[layout.encoding] and not is_plain:
        raise ImportRefused(f"{foreign.name}: its encoding is {encoding}, the map says {layout.encoding}; correct one")


def _is_ascii(column: pl.Series) -> bool:
    return not column.str.contains(r"[^\x00-\x7f]").any()


def _codes(mapped: MapFile, name: str) -> pl.DataFrame:
    columns = known().datasets[name].columns
    rows = [{"source": mapped.source} | code for code in mapped.codes[name]]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String)).with_columns(
        pl.when(pl.col("valid_to") != "").then("valid_to").alias("valid_to")
    )


@cache
def _common_codes(name: str) -> pl.DataFrame:
    """Read the codes that mean the same in every system, as they are built in."""
    (path,) = FOLDER.glob(f"reference/*/{name}.csv")
    return pl.read_csv(path, infer_schema=False)


def _tell_doubts(layout: Layout, rows: pl.DataFrame, codes: Mapping[str, pl.DataFrame], told: _Account) -> None:
    """Count the codes without a meaning, and the rows outside the dates that a full delivery replaces."""
    column = CODED.get(layout.dataset)
    if column:
        name = {"code": "attendance_code", "exit_status": "exit_status_code"}[column]
        own = [codes[name]] if name in codes else []
        every = pl.concat([_common_codes(name), *own], how="diagonal").rename({column: "code"})
        if "school_reg_no" not in every.columns:
            every = every.with_columns(school_reg_no=pl.lit("*"))
        meanings = every.select("code", "school_reg_no", "valid_from", pl.col("valid_to").fill_null(""))
        told.note(NO_MEANING.format(f"{layout.dataset}.{column}"), without_meaning(rows, layout.dataset, meanings))
    first, last = layout.scope
    dated = next((n for n in known().datasets[layout.dataset].key if n in known().datasets[layout.dataset].dates), None)
    if first and last and dated:
        outside = ~pl.col(dated).is_between(pl.lit(str(first)), pl.lit(str(last)))
        told.note(f"{layout.dataset}: rows outside the days said with from and to", rows.filter(outside).height)


def _document(mapped: MapFile, paths: list[Path]) -> dict[str, Any]:
    notes: dict[str, Any] = {name: {"mode": "delta"} for name in mapped.codes}
    notes |= {layout.dataset: layout.note for layout in mapped.layouts}
    return {"source": mapped.source, "delivered_on": _moment(mapped, paths), "datasets": notes}


def _moment(mapped: MapFile, paths: list[Path]) -> str:
    """Return the moment of delivery: as said, or noon of the latest day that a file's name holds."""
    said = mapped.delivered_on
    if said.form is None:
        return said.moment
    texts = pl.DataFrame({"text": [in_file_name(path.name, said.file_name) for path in paths]})
    days = texts.select(said.form.read(pl.col("text"))).to_series()
    if days.null_count():
        raise ImportRefused(
            f"{said.file_name}: {days.null_count()} of {days.len()} file names do not hold a date of the form that"
            " `delivered_on` says; correct the map or the names"
        )
    return datetime.combine(max(days.to_list()), time(12), UTC).isoformat()
