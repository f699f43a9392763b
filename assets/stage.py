"""Seconds and peak memory of each stage of a run, for progress and for the run's report."""

import os
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Stage:
    """One stage as measured: wall and CPU seconds, peak memory in MB, rows built."""

    name: str
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_mb: int = 0
    rows: int | None = None


@dataclass
class Recorder:
    """The stages of this process's run, told to a listener when each begins and ends."""

    stages: list[Stage] = field(default_factory=list)
    listener: Callable[[Stage, bool], None] | None = None

    def tell(self, stage: Stage, finished: bool) -> None:
        """Tell the listener that a stage began or finished."""
        if self.listener:
            self.listener(stage, finished)


recorder = Recorder()


def _reset_peak() -> None:
    # Linux only: without it the peak is that of the process so far, which is still true, only less sharp.
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return


def peak_mb() -> int:
    """Return the peak resident memory in MB since the last reset."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) // 1024


def _cpu() -> float:
    times = os.times()
    return times.user + times.system


@contextmanager
def stage(name: str) -> Iterator[Stage]:
    """Measure the block as one stage of the run."""
    measured, wall, cpu = Stage(name), time.perf_counter(), _cpu()
    _reset_peak()
    recorder.tell(measured, False)
    try:
        yield measured
    finally:
        measured.seconds = round(time.perf_counter() - wall, 2)
        measured.cpu_seconds = round(_cpu() - cpu, 2)
        measured.peak_mb = peak_mb()
        recorder.stages.append(measured)
        recorder.tell(measured, True)
