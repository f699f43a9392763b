"""The municipal site as readers meet it: how soon it is ready, how long a page takes, what the server needs.

The aims: ready in 2 s; a page in 50 ms, 95 of 100 times, and in 150 ms with 50 readers at once; 200 MB; a page of 100
KB in one request. `python -m bench.site HOME` serves the current release of a home folder.
"""

import http.client
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from bench.command import PUMPURS
from dashboards.municipal import write_site

PORT, READERS, TURNS = 8093, 50, 20
READY, WARM, CROWDED, MEMORY, BYTES = 2.0, 50.0, 150.0, 200.0, 100.0


def _get(connection: http.client.HTTPConnection, path: str) -> tuple[float, bytes]:
    started = time.perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{path}: {answer.status}")
    return 1000 * (time.perf_counter() - started), body


def _connect() -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)


@contextmanager
def served(home: Path) -> Iterator[tuple[subprocess.Popen, float]]:
    """Serve a home; yield the process and the seconds until it answered."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [str(PUMPURS), "serve", "--home", str(home), "--port", str(PORT)], stderr=subprocess.DEVNULL
    )
    try:
        while True:
            try:
                _get(_connect(), "/health")
                break
            except OSError:
                time.sleep(0.01)
        yield process, time.perf_counter() - started
    finally:
        process.terminate()
        process.wait()


def _memory(process: subprocess.Popen) -> float:
    """Return the most megabytes that the server ever held."""
    told = Path(f"/proc/{process.pid}/status").read_text()
    return int(re.findall(r"VmHWM:\s+(\d+)", told)[0]) / 1024


def _reader(paths: list[str]) -> list[float]:
    connection = _connect()
    return [_get(connection, path)[0] for path in paths]


def _crowd(paths: list[str]) -> list[float]:
    asked = [[paths[(reader + turn) % len(paths)] for turn in range(TURNS)] for reader in range(READERS)]
    with ThreadPoolExecutor(READERS) as readers:
        return [took for told in readers.map(_reader, asked) for took in told]


def _line(name: str, value: float, goal: float, unit: str) -> str:
    return f"  {name:44} {value:8.1f} {unit:3} {value / goal:6.2f} of the aim"


def _timed(make: Callable[[], object]) -> float:
    started = time.perf_counter()
    make()
    return time.perf_counter() - started


def measure(home: Path) -> list[str]:
    """Measure; return lines."""
    release = (home / "releases" / "current").resolve()
    pages = sorted(path.relative_to(release / "site") for path in release.glob("site/*/*.html"))
    paths = [f"/{path.as_posix()}" for path in pages]
    with served(home) as (process, ready):
        connection = _connect()
        for path in paths[:TURNS]:
            _get(connection, path)
        warm = [_get(connection, path)[0] for _ in range(3) for path in paths]
        crowded = _crowd(paths)
        memory = _memory(process)
    sizes = [(release / "site" / path).stat().st_size / 1000 for path in pages]
    return [
        f"Site of {len(pages)} pages, {len(list((release / 'site' / 'lv').iterdir()))} files a language:",
        f"  {'written in':44} {_timed(lambda: write_site(release)):8.1f} s",
        _line("ready", ready, READY, "s"),
        _line("a page, 95 of 100 times", float(np.percentile(warm, 95)), WARM, "ms"),
        _line(f"with {READERS} readers at once", float(np.percentile(crowded, 95)), CROWDED, "ms"),
        _line("memory of the server", memory, MEMORY, "MB"),
        _line("the largest page, in one request", max(sizes), BYTES, "KB"),
    ]


if __name__ == "__main__":
    print("\n".join(measure(Path(sys.argv[1]))))
