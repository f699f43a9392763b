"""Stand on other days without touching what stands: tables of a warehouse of its own over the same lake.

A replay knows what was taken in by now: "as known on K" is what all deliveries at hand say of K. It is gone afterwards,
also after an error; what a killed process left is swept by the next replay.
"""

import fcntl
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from assets.contracted import upstream
from assets.home import Home
from assets.registers import copy_registers
from assets.stand import Days, Stand
from assets.warehouse import Warehouse
from data_contracts.contract import load

LIST = ("listed.school_week_coverage", "listed.attention_list")
_PREFIX = "replay-"


class NothingKnown(Exception):
    """Nothing was known on the day asked for; the message names the first day of which something is."""


@dataclass(frozen=True)
class Aside(Home):
    """The home folder, but with a warehouse of its own in a folder that goes away."""

    folder: Path

    @property
    def warehouse(self) -> Path:
        """The DuckDB file of the replay."""
        return self.folder / "warehouse.duckdb"

    @property
    def scratch(self) -> Path:
        """Room for spilled queries of the replay."""
        return self.folder


def first_and_newest(warehouse: Warehouse) -> tuple[date, date]:
    """Return the days from which the first and the newest delivery counted; NothingKnown if none was taken in."""
    known = warehouse.query(
        "select min(known_from) as first, max(known_from) as newest from raw.lake_part where source <> 'pumpurs'"
    ).row(0)
    if known[0] is None:
        raise NothingKnown("no delivery was taken in yet; put one into landing/ and run `pumpurs run`")
    return known


def resolve(warehouse: Warehouse, as_of: date | None, known_on: date | None) -> Days:
    """Complete the clocks as a run would: everything taken in, and the first Monday on or after its newest day."""
    first, newest = first_and_newest(warehouse)
    if known_on and known_on < first:
        raise NothingKnown(f"nothing had been delivered by {known_on}: the first delivery counts from {first}")
    return Stand(as_of=str(as_of or ""), known_on=str(known_on or "")).days(newest)


def needed(wanted: Iterable[str]) -> list[str]:
    """Name the tables beyond raw from which some tables are built, and these, each after those it is built from."""
    order: dict[str, None] = {}

    def put(keys: Iterable[str]) -> None:
        for key in keys:
            if not key.startswith("raw.") and key not in order:
                put(upstream(key) if load(key).setting("builtBy", "query") == "query" else [])
                order[key] = None

    put(wanted)
    return list(order)


@contextmanager
def replayed(warehouse: Warehouse, days: Days, wanted: Iterable[str] = LIST) -> Iterator[Warehouse]:
    """Give a warehouse of its own with these tables on these days; PromiseBroken if one fails its contract."""
    with _folder(warehouse.home) as folder:
        aside = replace(warehouse, home=Aside(warehouse.home.root, warehouse.home.secrets, folder))
        copy_registers(warehouse, aside, days)
        aside.store("risk.stand", days.frame())
        for key in needed(wanted):
            if key != "risk.stand":
                aside.build(key)
        yield aside


@contextmanager
def _folder(home: Home) -> Iterator[Path]:
    """Give a folder that is gone afterwards; its lock tells the next replay that it is in use."""
    home.scratch.mkdir(parents=True, exist_ok=True)
    with (home.scratch / ".replay.lock").open("w", encoding="ascii") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        _sweep(home)
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=home.scratch))
        lock = (folder / "lock").open("w", encoding="ascii")
        fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        lock.close()


def _sweep(home: Home) -> None:
    """Remove what killed replays left behind."""
    for left in home.scratch.glob(f"{_PREFIX}*"):
        with (left / "lock").open("a", encoding="ascii") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            shutil.rmtree(left, ignore_errors=True)
