"""What a command prints: one JSON document or text on standard output, progress on standard error."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from assets.stage import Recorder, Stage, recorder

progress_console = Console(stderr=True)


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"cannot write {type(value).__name__} as JSON")


def print_json(document: Any) -> None:
    """Write one JSON document on standard output."""
    json.dump(document, sys.stdout, ensure_ascii=False, indent=1, default=_plain)
    sys.stdout.write("\n")


def tell(*lines: str) -> None:
    """Tell a reader something on standard error."""
    for line in lines:
        print(f"pumpurs: {line}", file=sys.stderr)


class StageProgress:
    """Show the stages of a run on standard error while they happen."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=progress_console,
            transient=True,
        )
        self.task = self.bar.add_task("starting", total=None)

    def __enter__(self) -> "StageProgress":
        self.recorder.listener = self.tell
        self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.stop()
        self.recorder.listener = None

    def tell(self, stage: Stage, finished: bool) -> None:
        """Show the stage that began; leave a line of one that took long."""
        if not finished:
            self.bar.update(self.task, description=stage.name)
        elif stage.seconds >= 2:
            rows = "" if stage.rows is None else f", {stage.rows:,} rows"
            self.bar.console.print(f"  {stage.name}: {stage.seconds} s, {stage.peak_mb} MB{rows}")


@contextmanager
def told_stages() -> Iterator[None]:
    """Show the stages of whatever happens in the block."""
    with StageProgress(recorder):
        yield
