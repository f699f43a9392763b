"""Count the write boundaries of a run, and kill the process at one of them.

A boundary is the moment before and the moment after a call that may change what is on disk: a file opened for writing
or closed, renamed, deleted, flushed; a folder made or removed; a statement or commit of the engine. The calls are the
real ones.
"""

import builtins
import io
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

_CALLS = ("replace", "rename", "unlink", "remove", "fsync", "mkdir", "rmdir", "symlink", "link", "chmod", "truncate")
_WRITING = set("wax+")


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
    """Stand at every boundary: count it, note whether the disk changed since the last one, or kill."""

    def __init__(self, root: Path, kill_at: int | None = None, trace: str | None = None) -> None:
        self.root, self.kill_at, self.count = root, kill_at, 0
        self.trace = Path(trace).open("w", encoding="utf-8") if trace else None  # noqa: SIM115
        self.seen: Any = None

    def pass_by(self, name: str) -> None:
        if self.count == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        if self.trace:
            now = tree(self.root)
            self.trace.write(json.dumps([self.count, name, now != self.seen]) + "\n")
            self.trace.flush()
            self.seen = now
        self.count += 1

    def around(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*values: Any, **named: Any) -> Any:
            self.pass_by(f"before {name}")
            result = call(*values, **named)
            self.pass_by(f"after {name}")
            return result

        return watched

    def install(self) -> None:
        """Put the watch around every primitive through which this project writes."""
        for name in _CALLS:
            setattr(os, name, self.around(name, getattr(os, name)))
        for owner, name in ((pl.DataFrame, "write_parquet"), (pl.DataFrame, "write_csv")):
            setattr(owner, name, self.around(name, getattr(owner, name)))
        opened = self._opener(io.open)
        builtins.open = io.open = opened  # type: ignore[assignment]
        from assets import warehouse

        connect = warehouse._opened
        warehouse._opened = lambda *told: Watched(self, self.around("connect", connect)(*told))  # type: ignore[assignment]

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

    def close(self) -> None:
        self.watch.around("engine: close", self.connection.close)()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)
