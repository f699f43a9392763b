"""Write an invented country as delivery folders: one file per dataset, delivery.yaml last."""

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from models.synthetic import Country, Delivery, Parameters, build_country, contents, schedule

Rows = pl.DataFrame | pa.Table
Append = Callable[[Rows], None]
Progress = Callable[[str, int, int], None]
Job = tuple[Parameters, int, Path, str, str]
SHAPES = ("roll", "exceptions")
FILE_FORMATS = ("parquet", "csv")
MANIFEST = "delivery.yaml"
PROCESSES = 2
WORTH_A_POOL = 5000  # pupils from which a second process pays for its start


def _parquet(path: Path, schema: pa.Schema, stack: ExitStack) -> Append:
    """Open a Parquet file; every piece becomes a row group of its own."""
    # Without the Arrow schema, readers see plain text columns instead of dictionaries.
    writer = pq.ParquetWriter(path, schema, compression="zstd", compression_level=1, store_schema=False)
    return stack.enter_context(writer).write_table


def _plain_text(table: pa.Table) -> pl.DataFrame:
    """Turn dictionary columns into text; an empty text becomes an empty field."""
    coded = [name for name in table.column_names if pa.types.is_dictionary(table.schema.field(name).type)]
    frame = pl.DataFrame(pl.from_arrow(table)).with_columns(pl.col(coded).cast(pl.String))
    return frame.with_columns(pl.col(coded).replace("", None))


def _csv(path: Path, stack: ExitStack) -> Append:
    """Open a CSV file (UTF-8, comma, one header)."""
    file = stack.enter_context(path.open("wb"))
    headers = iter((True,))

    def append(rows: Rows) -> None:
        frame = _plain_text(rows) if isinstance(rows, pa.Table) else rows
        frame.write_csv(file, include_header=next(headers, False))

    return append


def _open(folder: Path, dataset: str, rows: Rows, file_format: str, stack: ExitStack) -> Append:
    """Open the file of a dataset: registers are always CSV, the journal is what was asked for."""
    if isinstance(rows, pa.Table) and file_format == "parquet":
        return _parquet(folder / f"{dataset}.parquet", rows.schema, stack)
    return _csv(folder / f"{dataset}.csv", stack)


def _write_datasets(country: Country, delivery: Delivery, folder: Path, shape: str, file_format: str) -> list[str]:
    """Write one file per dataset, piece by piece, and return the datasets written."""
    files: dict[str, Append] = {}
    with ExitStack() as stack:
        for dataset, rows in contents(country, delivery, shape):
            if dataset not in files:
                files[dataset] = _open(folder, dataset, rows, file_format, stack)
            files[dataset](rows)
    return list(files)


def _described(delivery: Delivery, dataset: str, shape: str) -> dict[str, object]:
    """Say in the manifest how a dataset is to be read."""
    said: dict[str, object] = {"mode": "delta"}
    if dataset == "attendance":
        said["shape"] = shape
    if delivery.first and delivery.last:
        said |= {"from": delivery.first.isoformat(), "to": delivery.last.isoformat()}
    return said


def _write_manifest(folder: Path, delivery: Delivery, datasets: list[str], shape: str) -> None:
    """Write delivery.yaml in one step: a folder without it is not yet there."""
    manifest = {
        "source": delivery.source,
        "delivered_on": delivery.delivered_on.isoformat(),
        "datasets": {dataset: _described(delivery, dataset, shape) for dataset in datasets},
    }
    part = folder / f".{MANIFEST}.part"
    part.write_text(yaml.safe_dump(manifest, sort_keys=False, allow_unicode=True), encoding="utf-8")
    part.replace(folder / MANIFEST)


def _write_delivery(country: Country, delivery: Delivery, dest: Path, shape: str, file_format: str) -> Path:
    folder = dest / delivery.name
    folder.mkdir(parents=True)
    datasets = _write_datasets(country, delivery, folder, shape, file_format)
    _write_manifest(folder, delivery, datasets, shape)
    return folder


@cache
def _country(parameters: Parameters) -> Country:
    """Build the country once in each process; it is a matter of a second, sending it over would take as long."""
    return build_country(parameters)


def _write_numbered(parameters: Parameters, number: int, dest: Path, shape: str, file_format: str) -> Path:
    delivery = schedule(parameters)[number]
    return _write_delivery(_country(parameters), delivery, dest, shape, file_format)


def _check(dest: Path, shape: str, file_format: str) -> None:
    for value, known in ((shape, SHAPES), (file_format, FILE_FORMATS)):
        if value not in known:
            raise ValueError(f"{value} is not one of {', '.join(known)}")
    held = len(list(dest.iterdir())) if dest.exists() else 0
    if held:
        raise FileExistsError(f"{dest} already holds {held} entries: name a new or empty folder for the deliveries")


def _written(jobs: list[Job], processes: int) -> Iterator[Path]:
    """Write deliveries one after the other, or side by side in processes; yield the folders in order."""
    if processes == 1:
        yield from (_write_numbered(*job) for job in jobs)
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        yield from pool.map(_write_numbered, *zip(*jobs, strict=True))


def write_country(
    dest: Path,
    pupils: int,
    school_years: int,
    seed: int,
    shape: str,
    file_format: str = "parquet",
    progress: Progress | None = None,
    processes: int | None = None,
) -> list[Path]:
    """Write the deliveries of an invented country and return their folders in order.

    `shape` is roll or exceptions, `file_format` parquet or csv, `progress` is told (folder, written, all).
    Raises ValueError if the country cannot be built as asked, FileExistsError if `dest` is not empty.
    The bytes depend on pupils, school_years, seed, shape and file_format alone, never on `processes`.
    """
    _check(dest, shape, file_format)
    parameters = Parameters(pupils, school_years, seed)
    count = len(schedule(parameters))
    jobs = [(parameters, number, dest, shape, file_format) for number in range(count)]
    folders: list[Path] = []
    for folder in _written(jobs, processes or (PROCESSES if pupils >= WORTH_A_POOL else 1)):
        folders.append(folder)
        if progress:
            progress(folder.name, len(folders), count)
    return folders
