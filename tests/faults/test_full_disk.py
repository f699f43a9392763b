"""A full disk or a forbidden folder: one clear line, nothing lost, nothing half visible, and then it goes on."""

import json
import os
import random
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from assets.home import Home
from assets.publication import Publication
from pipelines.weekly import Clocks, fingerprint
from tests.effort import effort
from tests.faults.conftest import Crew, Wave
from tests.faults.world import Ended, copy, difference, state

ROOMY = "size=64m,nr_inodes=4096"
NO_FILE = "size=4k,nr_inodes=1"
LEVELS = effort(4, 12)
_SLOW = [pytest.param(place, marks=pytest.mark.slow) for place in ("lake", "quarantine", "tmp")]
FILE_SIZES, LIMITS_NOTHING_FROM = (2_000, 60_000, 700_000, 3_000_000), 500_000
_PERMIT = "give permission to read it, and run again"


def _mount(*words: str) -> bool:
    return subprocess.run(["mount", *words], capture_output=True, check=False).returncode == 0


@contextmanager
def small_disk(folder: Path, options: str) -> Iterator[Callable[[str], None]]:
    """Mount a small file system on a folder; give what remounts it with other options."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() or not _mount("-t", "tmpfs", "-o", options, "tmpfs", str(folder)):
        pytest.skip("a small file system can be mounted by root alone")
    try:
        yield lambda other: None if _mount("-o", f"remount,{other}", str(folder)) else pytest.fail("not remounted")
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _is_told(ended: Ended, *words: str) -> None:
    """Check that the command said one line and ended with 2."""
    lines = [line for line in ended.err.splitlines() if line.startswith("pumpurs: ")]
    assert ended.code == 2, ended.err[-2000:]
    assert len(lines) == 1, ended.err[-2000:]
    assert "Traceback" not in ended.err
    assert all(word in lines[0] for word in words), lines[0]


def _nothing_half_visible(home: Home) -> None:
    current = Publication(home.releases).current()
    if current:
        current.check()
    assert all(json.loads(path.read_text(encoding="utf-8")) for path in home.runs.glob("*.json"))


def _goes_on(home: Home, wave: Wave, crew: Crew, **task: str) -> None:
    ended = crew.run(home, **task)
    assert ended.code in (0, 1), ended.err[-2000:]
    assert not difference(state(home, with_report=not task), wave.state)


@pytest.mark.parametrize("place", ["vault", *_SLOW])
def test_no_room_in_a_folder_of_the_intake(place: str, first_intake: Wave, tmp_path: Path, crew: Crew):
    home = copy(first_intake.before, tmp_path / "home")
    with small_disk(home.root / place, NO_FILE) as remount:
        _is_told(crew.run(home, kind="intake"), "no space to write", "run again")
        remount(ROOMY)
        _goes_on(home, first_intake, crew, kind="intake")


@pytest.mark.slow
@pytest.mark.parametrize("place", ["runs", "releases"])
def test_no_room_in_a_folder_of_the_run(place: str, first_run: Wave, tmp_path: Path, crew: Crew):
    home = copy(first_run.before, tmp_path / "home")
    with small_disk(home.root / place, NO_FILE) as remount:
        _is_told(crew.run(home), "no space to write", "run again")
        _nothing_half_visible(home)
        remount(ROOMY)
        _goes_on(home, first_run, crew)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(LEVELS))
def test_a_disk_that_is_full_at_some_moment(seed: int, second_run: Wave, tmp_path: Path, crew: Crew):
    used = sum(path.lstat().st_size for path in second_run.before.root.rglob("*")) + (1 << 19)
    with small_disk(tmp_path / "disk", ROOMY) as remount:
        home = copy(second_run.before, tmp_path / "disk" / "home")
        remount(f"size={used + random.Random(seed).randrange(1 << 20)}")
        answers = str(tmp_path / "answers")
        ended = crew.run(home, answers=answers)
        if ended.code == 2:
            _is_told(ended, "no space to write", str(home.root))
        _nothing_half_visible(home)
        remount(ROOMY)
        if ended.code == 2:
            assert crew.run(home, answers=answers).code in (0, 1)
        assert not difference(state(home), second_run.state)


@pytest.mark.slow
@pytest.mark.parametrize("size", FILE_SIZES[:1])
def test_files_that_may_not_grow(size: int, first_intake: Wave, tmp_path: Path, crew: Crew):
    home = copy(first_intake.before, tmp_path / "home")
    _is_told(crew.run(home, kind="intake", limit_bytes=size), "no space to write", "File too large")
    _goes_on(home, first_intake, crew, kind="intake")


@pytest.mark.slow
@pytest.mark.parametrize("size", FILE_SIZES)
def test_files_that_may_not_grow_in_a_whole_run(size: int, first_run: Wave, tmp_path: Path, crew: Crew):
    home = copy(first_run.before, tmp_path / "home")
    ended = crew.run(home, limit_bytes=size)
    if ended.code == 2 or size < LIMITS_NOTHING_FROM:
        _is_told(ended, "no space to write", "File too large")
        _nothing_half_visible(home)
        _goes_on(home, first_run, crew)
        return
    # Under the larger ones only the last checkpoint may not fit: the log stays and is read by whoever opens.
    left = difference(state(home), first_run.state)
    left.pop("warehouse.duckdb.wal", None)
    assert not left


def test_a_home_that_may_not_be_written(first_intake: Wave, tmp_path: Path, crew: Crew):
    home = copy(first_intake.before, tmp_path / "home")
    with small_disk(tmp_path / "disk", ROOMY) as remount:
        placed = Home((tmp_path / "disk" / "home"), home.secrets)
        copy(home, placed.root)
        remount("ro")
        answers = str(tmp_path / "answers")
        ended = crew.run(placed, kind="intake", answers=answers)
        _is_told(ended, "cannot use", "Read-only file system", "run again")
        assert str(placed.root) in ended.err
        remount("rw")
        assert crew.run(placed, kind="intake", answers=answers).code == 0
        assert not difference(state(placed, with_report=False), first_intake.state)


def test_deliveries_may_lie_where_nothing_can_be_written(first_intake: Wave, tmp_path: Path, crew: Crew):
    home = copy(first_intake.before, tmp_path / "home")
    landing = home.landing.rename(tmp_path / "elsewhere")
    with small_disk(home.landing, ROOMY) as remount:
        subprocess.run(["cp", "-a", f"{landing}/.", str(home.landing)], check=True)
        remount("ro")
        _goes_on(home, first_intake, crew, kind="intake")


@pytest.mark.parametrize("place", ["lake", _SLOW[1]])
def test_a_folder_that_may_not_be_written(place: str, first_intake: Wave, tmp_path: Path, crew: Crew):
    home = copy(first_intake.before, tmp_path / "home")
    (home.root / place).chmod(0o500)
    ended = crew.run(home, kind="intake", without_privilege=True)
    _is_told(ended, "cannot use", f"{home.root / place}/", "Permission denied", "run again")
    (home.root / place).chmod(0o700)
    _goes_on(home, first_intake, crew, kind="intake")


def test_a_file_that_may_not_be_read_is_refused_and_read_once_it_may(first_intake: Wave, tmp_path: Path, crew: Crew):
    home = copy(first_intake.before, tmp_path / "home")
    locked = [home.landing / "in" / name for name in ("a/attendance.csv", "marks/mark.parquet")]
    for path in locked:
        path.chmod(0)
    mark = fingerprint(home, Clocks(None, None))
    ended = crew.run(home, kind="intake", without_privilege=True)
    assert ended.code == 0, ended.err[-2000:]
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        refused = connection.execute("select note from raw.intake where note like '%cannot be read%'").fetchall()
    assert sorted(refused) == [(f"{path.name}: it cannot be read (PermissionError); {_PERMIT}",) for path in locked]
    for path in locked:
        path.chmod(0o644)
    assert os.geteuid() == 0 or fingerprint(home, Clocks(None, None)) != mark
    assert crew.run(home, kind="intake", without_privilege=True).code == 0
    rows = {name: value for name, value in state(home, with_report=False).items() if name.startswith("table core.")}
    assert not difference(rows, {name: first_intake.state[name] for name in rows})
