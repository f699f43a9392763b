"""Run a command and measure it."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
PUMPURS = Path(sys.executable).parent / "pumpurs"


class Ran(NamedTuple):
    """One command as measured: wall seconds, CPU seconds, peak memory of its largest process in MB, output."""

    seconds: float
    cpu_seconds: float
    peak_mb: int
    output: str


def run(*command: str, env: dict[str, str] | None = None) -> Ran:
    """Run a command to its end and measure it; the peak comes from the kernel's account of that child."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=ROOT, env=os.environ | (env or {}), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    output = process.stdout.read() if process.stdout else ""
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    seconds = round(time.perf_counter() - begun, 1)
    return Ran(seconds, round(used.ru_utime + used.ru_stime, 1), used.ru_maxrss // 1024, output)
