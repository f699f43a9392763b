"""Bring the Open University data in as one delivery folder."""

from pathlib import Path

import polars as pl

from models.public_format.imported import ImportRefused
from models.public_format.oulad import KEYS, import_tables, rows_read
from models.public_format.oulad_source import LOG_ROWS, SOURCES, Source
from pipelines.importing.folder import full_note, require_free, write_delivery
from pipelines.importing.report import ImportReport, account

OULAD = "oulad"
CLICK_FILES = ("student_daily_clicks.parquet", "studentVle.csv")  # clicks by day, or the log as published
MISSING = ["?", ""]
GET = "take it from the Open University Learning Analytics Dataset and put it in the source folder"


def import_oulad(src: Path, dest: Path) -> ImportReport:
    """Write the Open University data in `src` as the delivery folder `dest`; ImportRefused leaves no delivery."""
    files = _oulad_files(src)
    require_free(dest, KEYS)
    tables = {name: _read(path, SOURCES[name]) for name, path in files.items()}
    imported = import_tables(tables)
    if not imported.datasets["enrolment"].height:
        raise ImportRefused(
            f"studentInfo.csv: 0 of its {tables['studentInfo'].height} students belong to a cohort; {GET}"
        )
    document = full_note(OULAD, imported.datasets, "roll")
    write_delivery(dest, imported.datasets, document)
    read = {name: rows_read(table) for name, table in tables.items()}
    return account(read, {name: path.name for name, path in files.items()}, imported, document)


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
