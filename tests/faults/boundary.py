"""Name the write boundaries of a run, and kill the process at one of them.

A boundary is the moment before and the moment after a call that may change what is on disk: a file opened for writing
or closed, renamed, deleted, flushed; a folder made or removed; a statement or commit of the engine. The calls are the
real ones. Its name says what is being taken in or built there, so that it is the same in the run that makes good.
"""

import builtins
import io
import json
import os
import re
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

_CALLS = ("replace", "rename", "unlink", "remove", "fsync", "mkdir", "rmdir", "symlink", "link", "chmod", "truncate")
_WRITING = set("wax+")
# A run's number is another one in every run.
_MOMENT = re.compile(r"\d{8}T\d{9}")


def tree(root: Path) -> list[tuple[str, int, int, int]]:
    """List what is in a folder: name, size, moment of change and inode of each file."""
    found = []
    for folder, _, files in os.walk(root):
        found.append((folder, 0, 0, 0))
        for name in files:
            about = os.lstat(f"{folder}/{name}")
            found.append((f"{folder}/{name}", about.st_size, about.st_mtime_ns, about.st_ino))
    return sorted(found)


class Watch:
    """Stand at every boundary: name it, note whether the disk changed since the last one, or kill."""

    def __init__(self, root: Path, kill_at: str | None = None, trace: str | None = None) -> None:
        self.root, self.kill_at = root, kill_at
        self.places, self.counts = ["run"], Counter[str]()
        self.trace = Path(trace).open("w", encoding="utf-8") if trace else None  # noqa: SIM115
        self.seen: Any = None

    def pass_by(self, name: str) -> None:
        here = f"{self.places[-1]}: {_MOMENT.sub('', name.replace(str(self.root), ''))}"
        self.counts[here] += 1
        named = f"{here} #{self.counts[here]}"
        if named == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        if self.trace:
            now = tree(self.root)
            self.trace.write(json.dumps([named, now != self.seen]) + "\n")
            self.trace.flush()
            self.seen = now

    def around(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*values: Any, **named: Any) -> Any:
            self.pass_by(f"before {name}")
            result = call(*values, **named)
            self.pass_by(f"after {name}")
            return result

        return watched

    def within(self, owner: Any, name: str, place: Callable[..., str]) -> None:
        """Name all boundaries within a call after what it is about."""
        call = getattr(owner, name)

        def placed(*values: Any, **named: Any) -> Any:
            self.places.append(place(*values))
            try:
                return call(*values, **named)
            finally:
                self.places.pop()

        setattr(owner, name, placed)

    def install(self) -> None:
        """Put the watch around every primitive through which this project writes."""
        from assets import opening, raw, waiting, warehouse

        self.within(raw, "take_in", lambda _, key: key)
        self.within(raw, "_look_at", lambda intake, file, *_: f"{file.dataset} of {file.delivery.delivery_id}")
        self.within(waiting, "_retry", lambda intake, entry: f"waiting {entry.dataset} of {entry.delivery_id}")
        self.within(waiting, "_correct_days", lambda intake, part, _: f"days of {part.dataset} of {part.delivery_id}")
        for name in ("build", "store"):
            self.within(warehouse.Warehouse, name, lambda _, key, *more: key)
        for name in _CALLS:
            setattr(os, name, self.around(name, getattr(os, name)))
        for owner, name in ((pl.DataFrame, "write_parquet"), (pl.DataFrame, "write_csv")):
            setattr(owner, name, self.around(name, getattr(owner, name)))
        opened = self._opener(io.open)
        builtins.open = io.open = opened  # type: ignore[assignment]
        connect = opening._opened
        opening._opened = lambda *told: Watched(self, self.around("connect", connect)(*told))  # type: ignore[assignment]

    def _opener(self, whole: Callable[..., Any]) -> Callable[..., Any]:
        def opened(file: Any, mode: str = "r", *more: Any, **named: Any) -> Any:
            handle = whole(file, mode, *more, **named)
            if not _WRITING & set(mode) or not str(file).startswith(str(self.root)):
                return handle
            self.pass_by(f"opened {Path(str(file)).name}")
            return handle

        return opened


class Watched:
    """A connection whose statements are boundaries."""

    def __init__(self, watch: Watch, connection: Any) -> None:
        self.watch, self.connection = watch, connection

    def execute(self, query: str, *parameters: Any) -> Any:
        words = " ".join(query.split()[:6])
        return self.watch.around(f"engine: {words}", self.connection.execute)(query, *parameters)

    def cursor(self) -> "Watched":
        return Watched(self.watch, self.connection.cursor())

    def close(self) -> None:
        self.watch.around("engine: close", self.connection.close)()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)
