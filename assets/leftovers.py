"""What a run that was cut short leaves behind: half-written files, and parts that the lake's register does not name."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb

from assets.home import Home

_HEADERS = 3 * 4096


def remove_half_written(home: Home) -> None:
    """Delete files that were being written when a run was cut short; only the holder of the run's lock may."""
    # Not the folders of replays: they need no lock of a run, and sweep for themselves.
    copies = (path for path in home.scratch.glob("[!.]*") if path.is_file())
    spilled = (path for path in (home.scratch / "spill").glob("*") if path.is_file())
    halves = (path for folder in _written(home) for path in folder.glob(".*.part"))
    for path in [*copies, *spilled, *halves, *_unborn(home.warehouse)]:
        # Some were made from delivered files and hold names.
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def _unborn(warehouse: Path) -> list[Path]:
    """Name a warehouse that is shorter than the engine's headers: it was being created and never held anything."""
    return [warehouse] if warehouse.exists() and warehouse.stat().st_size < _HEADERS else []


def _written(home: Home) -> Iterator[Path]:
    yield from (home.runs, home.releases, home.vault, home.lake)
    for parent in (home.lake, home.quarantine):
        yield from (folder for folder in parent.glob("*") if folder.is_dir())


def remove_unregistered(connection: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Delete the files of taken-in deliveries that the lake's register does not name.

    A file of a delivery that the ledger does not know stays: if the warehouse was lost, it may be all that is left.
    """
    named = {path for (path,) in connection.execute("select path from raw.lake_part").fetchall()}
    taken_in = set(connection.execute("select dataset, delivery_id from raw.intake").fetchall())
    for path in home.lake.glob("*/*.parquet"):
        delivery_id = path.name.rsplit(".", 2)[0]
        if (path.parent.name, delivery_id) in taken_in and path.relative_to(home.root).as_posix() not in named:
            path.unlink()
