"""Bring data in a public format in as one delivery folder; delivery.yaml, written last, makes it complete."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from assets.home import swap_in, write_text
from models.delivery import DeliveryRefused, parse_delivery
from models.public_format.oulad import KEYS, Imported, import_tables, rows_read
from models.public_format.oulad_source import LOG_ROWS, SOURCES, FormatRefused, Source

OULAD = "oulad"
NOTE = "delivery.yaml"
LARGE = {"attendance", "mark"}  # Parquet; the others are CSV, which a person can open
CLICK_FILES = ("student_daily_clicks.parquet", "studentVle.csv")  # clicks by day, or the log as published
MISSING = ["?", ""]
GET = "take it from the Open University Learning Analytics Dataset and put it in the source folder"


class ImportRefused(Exception):
    """Nothing was imported; the message names file, count, rule and next step."""


@dataclass(frozen=True)
class ImportReport:
    """What became of every source row: per file, read = used + left out by reason."""

    source: str
    delivered_on: str
    rows_read: dict[str, int]
    rows_used: dict[str, int]
    rows_left_out: dict[str, dict[str, int]]
    rows_written: dict[str, int]
    notes: dict[str, int]

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values, ready for JSON."""
        return asdict(self)


def import_oulad(src: Path, dest: Path) -> ImportReport:
    """Write the Open University data in `src` as the delivery folder `dest`; ImportRefused leaves no delivery."""
    files = _oulad_files(src)
    _require_free(dest)
    tables = {name: _read(path, SOURCES[name]) for name, path in files.items()}
    try:
        imported = import_tables(tables)
    except FormatRefused as refusal:
        raise ImportRefused(str(refusal)) from None
    if not imported.datasets["enrolment"].height:
        raise ImportRefused(
            f"studentInfo.csv: 0 of its {tables['studentInfo'].height} students belong to a cohort; {GET}"
        )
    document = _delivery(OULAD, imported.datasets)
    _write(dest, imported.datasets, document)
    return _report(files, tables, imported, document)


def _oulad_files(src: Path) -> dict[str, Path]:
    """Return the file of each source table; ImportRefused names those that are not there."""
    found = next((name for name in CLICK_FILES if (src / name).is_file()), CLICK_FILES[0])
    files = {name: src / (found if name == "clicks" else f"{name}.csv") for name in SOURCES}
    absent = [path.name for path in files.values() if not path.is_file()]
    if absent:
        raise ImportRefused(
            f"{', '.join(absent)}: not in the source folder ({len(absent)} of {len(files)} files); {GET}"
        )
    return files


def _require_free(dest: Path) -> None:
    """Refuse a folder that holds anything but the unfinished files of an earlier import."""
    if dest.exists() and not dest.is_dir():
        raise ImportRefused(f"{dest.name}: it is a file; name a new folder")
    present = {path.name for path in dest.iterdir() if not path.name.startswith(".")} if dest.exists() else set()
    foreign = present - {_file_name(name) for name in KEYS}
    if foreign:
        what = "a delivery" if NOTE in foreign else f"{len(foreign)} other files"
        raise ImportRefused(f"{dest.name}: the folder already holds {what}; name a new folder")


def _read(path: Path, source: Source) -> pl.DataFrame:
    """Read the columns of a source table as their types; ImportRefused names file, count and rule."""
    try:
        scan = _scan(path)
        absent = [name for name in source.columns if name not in scan.collect_schema().names()]
        if absent:
            raise ImportRefused(f"{path.name}: {len(absent)} columns are missing, {', '.join(absent)}; {GET}")
        rows = _rows(scan, source).collect(engine="streaming")
    except (pl.exceptions.PolarsError, OSError) as error:
        raise ImportRefused(f"{path.name}: it cannot be read ({type(error).__name__}); {GET}") from None
    typed = _typed(path, rows, source)
    _require_whole(path, typed, source)
    return typed


def _scan(path: Path) -> pl.LazyFrame:
    if path.suffix == ".parquet":
        return pl.scan_parquet(path)
    return pl.scan_csv(path, infer_schema=False, null_values=MISSING)


def _rows(scan: pl.LazyFrame, source: Source) -> pl.LazyFrame:
    """Choose the columns; of a log without a key, which may name a day many times, each row once with its count."""
    chosen = scan.select(source.columns)
    return chosen if source.key else chosen.group_by(source.columns).agg(pl.len().alias(LOG_ROWS))


def _typed(path: Path, rows: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Read numbers, whole ones also where they are written as `19.0`; ImportRefused where a value is none."""
    for name in (*source.whole, *source.number):
        wrong = _unread_numbers(rows[name], name in source.whole)
        if wrong:
            raise ImportRefused(f"{path.name}: {wrong} values of {name} are not the numbers they should be; {GET}")
    numbers = pl.col(*source.whole, *source.number).cast(pl.Float64)
    return rows.with_columns(numbers).with_columns(
        pl.col(source.text).cast(pl.String), pl.col(source.whole).cast(pl.Int64)
    )


def _unread_numbers(values: pl.Series, is_whole: bool) -> int:
    number = values.drop_nulls().cast(pl.Float64, strict=False)
    good = number.is_finite() & ((number == number.floor()) if is_whole else True)
    return number.len() - number.filter(good).len()


def _require_whole(path: Path, rows: pl.DataFrame, source: Source) -> None:
    """Refuse a table with a repeated key, or with an empty value where none may be."""
    for name in source.columns:
        empty = 0 if name in source.may_be_empty else rows[name].null_count()
        if empty:
            raise ImportRefused(f"{path.name}: {empty} values of {name} are empty, which may not be; {GET}")
    repeated = rows.height - rows.n_unique(source.key) if source.key else 0
    if repeated:
        raise ImportRefused(f"{path.name}: {repeated} rows repeat the key {', '.join(source.key)}; {GET}")


def _dates(datasets: Mapping[str, pl.DataFrame]) -> tuple[date, date]:
    """Return the first and the last date in any dataset."""
    columns = [frame[name] for frame in datasets.values() for name, kind in frame.schema.items() if kind == pl.Date]
    days = pl.concat([column.alias("day") for column in columns]).drop_nulls().unique().sort().to_list()
    return days[0], days[-1]


def _delivery(source: str, datasets: Mapping[str, pl.DataFrame]) -> dict[str, Any]:
    """Write delivery.yaml's content: everything of this source, delivered on the morning after its last date."""
    first, last = _dates(datasets)
    moment = datetime.combine(last + timedelta(days=1), time(6), UTC)
    scope: dict[str, Any] = {"mode": "full", "from": first.isoformat(), "to": last.isoformat()}
    shaped = {name: scope | ({"shape": "roll"} if name == "attendance" else {}) for name in datasets}
    return {"source": source, "delivered_on": moment.isoformat(), "datasets": shaped}


def _file_name(dataset: str) -> str:
    return f"{dataset}.{'parquet' if dataset in LARGE else 'csv'}"


def _write(dest: Path, datasets: Mapping[str, pl.DataFrame], document: dict[str, Any]) -> None:
    """Write every dataset in one step each and, when all are there, delivery.yaml."""
    try:
        parse_delivery(dest.resolve().name, document)
        dest.mkdir(parents=True, exist_ok=True)
        for dataset, frame in datasets.items():
            _write_dataset(dest / _file_name(dataset), frame)
        write_text(dest / NOTE, yaml.safe_dump(document, sort_keys=False, allow_unicode=True))
    except DeliveryRefused as refusal:
        raise ImportRefused(str(refusal)) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ImportRefused(f"{dest.name}: the folder cannot be written ({reason}); name another folder") from None


def _write_dataset(final: Path, frame: pl.DataFrame) -> None:
    temporary = final.with_name(f".{final.name}.part")
    if final.suffix == ".parquet":
        frame.write_parquet(temporary)
    else:
        frame.write_csv(temporary)
    swap_in(temporary, final)


def _report(
    files: Mapping[str, Path], tables: Mapping[str, pl.DataFrame], imported: Imported, document: dict[str, Any]
) -> ImportReport:
    return ImportReport(
        source=document["source"],
        delivered_on=document["delivered_on"],
        rows_read={files[name].name: rows_read(table) for name, table in tables.items()},
        rows_used={files[name].name: count for name, count in imported.used.items()},
        rows_left_out={files[name].name: reasons for name, reasons in imported.left_out.items()},
        rows_written={name: frame.height for name, frame in imported.datasets.items()},
        notes=imported.notes,
    )
