"""Write an invented country as delivery folders: one file per dataset, delivery.yaml last."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import IO, Literal, Protocol

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from models.synthetic import Country, Delivery, Parameters, build_country, contents, schedule

Shape = Literal["roll", "exceptions"]
FileFormat = Literal["parquet", "csv"]
Progress = Callable[[str, int, int], None]
JOURNAL_DATASETS = ("attendance", "lesson", "mark", "period_mark")
MANIFEST = "delivery.yaml"
PROCESSES = 2
WORTH_A_POOL = 5000  # pupils from which a second process pays for its start


class _Sink(Protocol):
    def write(self, rows: pl.DataFrame | pa.Table) -> None: ...


class _ParquetSink:
    """Append pieces of a dataset to one Parquet file, each as row groups of its own."""

    def __init__(self, path: Path, stack: ExitStack) -> None:
        self._path, self._stack, self._writer = path, stack, None

    def write(self, rows: pl.DataFrame | pa.Table) -> None:
        table = rows if isinstance(rows, pa.Table) else rows.to_arrow()
        if self._writer is None:
            # Without the Arrow schema, readers see plain text columns instead of dictionaries.
            writer = pq.ParquetWriter(
                self._path, table.schema, compression="zstd", compression_level=1, store_schema=False
            )
            self._writer = self._stack.enter_context(writer)
        self._writer.write_table(table)


class _CsvSink:
    """Append pieces of a dataset to one CSV file; an empty text is an empty field."""

    def __init__(self, path: Path, stack: ExitStack) -> None:
        self._file: IO[bytes] = stack.enter_context(path.open("wb"))
        self._header = True

    def write(self, rows: pl.DataFrame | pa.Table) -> None:
        frame = rows if isinstance(rows, pl.DataFrame) else _plain_text(rows)
        frame.write_csv(self._file, include_header=self._header)
        self._header = False


def _plain_text(table: pa.Table) -> pl.DataFrame:
    text = [
        name for name, kind in zip(table.column_names, table.schema.types, strict=True) if pa.types.is_dictionary(kind)
    ]
    frame = pl.DataFrame(pl.from_arrow(table)).with_columns(pl.col(text).cast(pl.String))
    return frame.with_columns(pl.col(text).replace("", None))


@contextmanager
def _sinks(folder: Path, file_format: FileFormat) -> Iterator[Callable[[str], _Sink]]:
    """Open one file per dataset on first use, and close all of them at the end."""
    with ExitStack() as stack:

        @cache
        def sink(dataset: str) -> _Sink:
            form = file_format if dataset in JOURNAL_DATASETS else "csv"
            kind = _ParquetSink if form == "parquet" else _CsvSink
            return kind(folder / f"{dataset}.{form}", stack)

        yield sink


def _described(delivery: Delivery, dataset: str, shape: Shape) -> dict[str, object]:
    """Say in the manifest how a dataset is to be read."""
    said: dict[str, object] = {"mode": "delta"}
    if dataset == "attendance":
        said["shape"] = shape
    if delivery.first and delivery.last:
        said |= {"from": delivery.first.isoformat(), "to": delivery.last.isoformat()}
    return said


def _write_manifest(folder: Path, delivery: Delivery, datasets: list[str], shape: Shape) -> None:
    """Write delivery.yaml in one step: a folder without it is not yet there."""
    manifest = {
        "source": delivery.source,
        "delivered_on": delivery.delivered_on.isoformat(),
        "datasets": {dataset: _described(delivery, dataset, shape) for dataset in datasets},
    }
    part = folder / f".{MANIFEST}.part"
    part.write_text(yaml.safe_dump(manifest, sort_keys=False, allow_unicode=True), encoding="utf-8")
    os.replace(part, folder / MANIFEST)


def _write_delivery(country: Country, delivery: Delivery, dest: Path, shape: Shape, file_format: FileFormat) -> Path:
    folder = dest / delivery.name
    folder.mkdir(parents=True)
    datasets: dict[str, None] = {}
    with _sinks(folder, file_format) as sink:
        for dataset, rows in contents(country, delivery, shape):
            sink(dataset).write(rows)
            datasets[dataset] = None
    _write_manifest(folder, delivery, list(datasets), shape)
    return folder


@cache
def _country(parameters: Parameters) -> Country:
    """Build the country once in each process; it is a matter of a second, sending it over would take as long."""
    return build_country(parameters)


def _write_numbered(parameters: Parameters, number: int, dest: Path, shape: Shape, file_format: FileFormat) -> Path:
    delivery = schedule(parameters)[number]
    return _write_delivery(_country(parameters), delivery, dest, shape, file_format)


def _refuse_full(dest: Path) -> None:
    held = len(list(dest.iterdir())) if dest.exists() else 0
    if held:
        raise FileExistsError(f"{dest} already holds {held} entries: name a new or empty folder for the deliveries")


def write_country(
    dest: Path,
    pupils: int,
    school_years: int,
    seed: int,
    shape: Shape,
    file_format: FileFormat = "parquet",
    progress: Progress | None = None,
    processes: int | None = None,
) -> list[Path]:
    """Write the deliveries of an invented country and return their folders in order.

    Raises ValueError if the country cannot be built as asked, FileExistsError if `dest` is not empty.
    The bytes depend on pupils, school_years, seed, shape and file_format alone, never on `processes`.
    """
    parameters = Parameters(pupils, school_years, seed)
    _refuse_full(dest)
    names = [delivery.name for delivery in schedule(parameters)]
    jobs = [(parameters, number, dest, shape, file_format) for number in range(len(names))]
    wanted = processes or (PROCESSES if pupils >= WORTH_A_POOL else 1)
    folders: list[Path] = []
    for folder in _written(jobs, wanted):
        folders.append(folder)
        if progress:
            progress(folder.name, len(folders), len(names))
    return folders


def _written(jobs: list[tuple[Parameters, int, Path, Shape, FileFormat]], processes: int) -> Iterator[Path]:
    """Write deliveries in order, or side by side in processes of their own; yield the folders in order."""
    if processes == 1:
        yield from (_write_numbered(*job) for job in jobs)
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        yield from pool.map(_write_numbered, *zip(*jobs, strict=True))
