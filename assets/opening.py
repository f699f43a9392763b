"""How the warehouse's file is opened: by one writer at a time; a run keeps it open until somebody else asks for it.

Opening and closing a country's file takes longer than most tables. So a run keeps it open from one table to the next,
and looks in between whether another process waits: whoever finds the file locked holds a lock on a folder of the home
until it is let in, and the run steps back.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

_LONGEST, _PAUSE = 30.0, 0.05
# A run steps back for this long at the most: who was let in by then reads, and whoever died waits no more.
_LET_IN = 5.0


@dataclass
class _Keeping:
    """What a run keeps open, and how many pieces of work are at it."""

    at_work: int = 0
    opened: tuple[str, Any, duckdb.DuckDBPyConnection] | None = None

    def serves(self, path: str, settings: Any) -> bool:
        """Tell whether a piece of work can be done on what is open; what others are at is left alone."""
        return not self.at_work or (self.opened is not None and self.opened[:2] == (path, settings))

    def take(self, path: str, settings: Any, waiting: Path) -> duckdb.DuckDBPyConnection:
        """Return the open file, or open it; those who wait for it come first."""
        if self.opened and self.opened[:2] != (path, settings):
            self.close()
        if not self.opened:
            _let_in(waiting)
            self.opened = (path, settings, _opened(path, False, settings, waiting))
        return self.opened[2]

    def close(self) -> None:
        """Close the file."""
        if self.opened:
            connection, self.opened = self.opened[2], None
            connection.close()


_keeping: list[_Keeping] = []


@contextmanager
def kept_open() -> Iterator[None]:
    """Keep the warehouse open between the pieces of work of a block."""
    keeping = _Keeping()
    _keeping.append(keeping)
    try:
        yield
    finally:
        _keeping.pop()
        keeping.close()


def step_back() -> None:
    """Close what is kept open before long work that needs no warehouse: nobody looks meanwhile whether others wait."""
    if _keeping and not _keeping[-1].at_work:
        _keeping[-1].close()


@contextmanager
def opened(path: Path, read_only: bool, settings: Any, waiting: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the file for one piece of work; those who wait for it hold a lock on a folder.

    What a run keeps open is open for writing, also for a piece that only reads.
    """
    if not _keeping or not _keeping[-1].serves(str(path), settings):
        connection = _opened(str(path), read_only, settings, waiting)
        try:
            yield connection
        finally:
            connection.close()
        return
    keeping = _keeping[-1]
    cursor = keeping.take(str(path), settings, waiting).cursor()
    keeping.at_work += 1
    is_well = False
    try:
        yield cursor
        is_well = True
    finally:
        keeping.at_work -= 1
        # After a full disk nothing more can be done with what is open.
        with suppress(duckdb.Error):
            cursor.close()
        if not keeping.at_work and (not is_well or _somebody_waits(waiting)):
            keeping.close()


def _opened(path: str, read_only: bool, settings: Any, waiting: Path) -> duckdb.DuckDBPyConnection:
    """Open the file; a writer waits for readers and readers for the writer, half a minute at the most."""
    with suppress(_Locked):
        return _tried(path, read_only, settings)
    folder = os.open(waiting, os.O_RDONLY)
    try:
        # Some network drives lock no folder: then nobody is told of who waits.
        with suppress(OSError):
            fcntl.flock(folder, fcntl.LOCK_SH)
        until = time.monotonic() + _LONGEST
        while time.monotonic() < until:
            time.sleep(_PAUSE)
            with suppress(_Locked):
                return _tried(path, read_only, settings)
    finally:
        os.close(folder)
    return duckdb.connect(path, read_only=read_only, config=settings)


class _Locked(Exception):
    """Another process has the file open."""


def _tried(path: str, read_only: bool, settings: Any) -> duckdb.DuckDBPyConnection:
    try:
        return duckdb.connect(path, read_only=read_only, config=settings)
    except duckdb.IOException as error:
        if "lock" in str(error).lower():
            raise _Locked from error
        raise


def _somebody_waits(waiting: Path) -> bool:
    folder = os.open(waiting, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(folder)
    return False


def _let_in(waiting: Path) -> None:
    until = time.monotonic() + _LET_IN
    while _somebody_waits(waiting) and time.monotonic() < until:
        time.sleep(_PAUSE)
