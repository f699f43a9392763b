"""Kill the process anywhere, start again: what is there in the end is what an undisturbed run leaves."""

import json
import random
import re
import shutil
from collections import Counter
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from assets.home import Home
from tests.effort import effort
from tests.faults.conftest import Crew, Wave
from tests.faults.world import copy, difference, state

pytestmark = pytest.mark.slow

KILLED = -9
HOMES, KILLS = effort(4, 13), 4  # of random kills, in each of two runs: 104 in all if thorough
EVERY = effort(3, 1)  # of the boundaries of an intake, of each step that datasets have in common
CHAIN = 8
COUNTER = count()

Failures = dict[str, Any]


Line = tuple[str, bool]
_FIRST_TABLE = "core."  # of the names of boundaries: the intake is done


def _trace(before: Home, root: Path, crew: Crew, **task: Any) -> list[Line]:
    """Return all boundaries of a run: its name, and whether the disk changed since the one before."""
    trace = root / "trace.jsonl"
    crew.run(copy(before, root / f"traced-{before.root.name}"), trace=str(trace), **task)
    lines = [json.loads(line) for line in trace.read_text(encoding="utf-8").splitlines()]
    return [(name, is_changed) for name, is_changed in lines]


def _boundaries(lines: list[Line]) -> list[str]:
    """List the boundaries before which the disk changed: between two others, a kill leaves the same."""
    return [name for name, is_changed in lines if is_changed]


def _some(boundaries: list[str]) -> list[str]:
    """Take each step of an intake the first time and every so many times after: datasets take the same steps."""
    met: Counter[str] = Counter()
    some = []
    for name in boundaries:
        step = re.sub(r"\d+|\braw\.\w+", "", name.partition(": ")[2])
        some += [] if met[step] % EVERY else [name]
        met[step] += 1
    return some


def _first(lines: list[Line]) -> int:
    return next(place for place, (name, _) in enumerate(lines) if name.startswith(_FIRST_TABLE))


def _finish(home: Home, wave: Wave, crew: Crew, told: str, **task: Any) -> Failures:
    """Run to the end and compare; keep nothing of what is equal."""
    ended = crew.run(home, **task)
    problem = {} if ended.code in (0, 1) else {"code": ended.code, "err": ended.err[-2000:]}
    differing = problem or difference(state(home, with_report="kind" not in task), wave.state)
    shutil.rmtree(home.root)
    return {told: differing} if differing else {}


def _merge(found: list[Failures]) -> Failures:
    return {name: what for failures in found for name, what in failures.items()}


@pytest.mark.parametrize("name", ["first_intake", "second_intake"])
def test_an_intake_killed_at_any_boundary_is_made_good(
    name: str, request: pytest.FixtureRequest, tmp_path: Path, crew: Crew
):
    wave = request.getfixturevalue(name)
    boundaries = _some(_boundaries(_trace(wave.before, tmp_path, crew, kind="intake")))
    assert len(boundaries) > 60
    _sweep(wave.before, wave, tmp_path, crew, boundaries, kind="intake")


def _kill_at_random(home: Home, wave: Wave, crew: Crew, dice: random.Random) -> float:
    """Kill a run after a random share of its work; a run that was quicker than that is not disturbed at all."""
    for tries in count(1):
        share = dice.random() / tries
        before = copy(home, home.root.with_name(f"{home.root.name}-before"))
        ended = crew.run(home, kill_after=share * wave.cpu)
        if ended.code == KILLED:
            shutil.rmtree(before.root)
            return share
        shutil.rmtree(home.root)
        before.root.rename(home.root)
    raise AssertionError


def _killed_again(wave: Wave, root: Path, crew: Crew, seed: int) -> Failures:
    """Kill the run, kill each of the runs that would make it good, and let the last go on to the end."""
    dice = random.Random(seed)
    home = copy(wave.before, root / f"random-{seed}")
    shares = [_kill_at_random(home, wave, crew, dice) for _ in range(KILLS)]
    return _finish(home, wave, crew, f"seed {seed} at {shares}")


@pytest.mark.parametrize("name", ["first_run", "second_run"])
def test_a_run_killed_at_random_and_killed_again_is_made_good(
    name: str, request: pytest.FixtureRequest, tmp_path: Path, crew: Crew
):
    wave = request.getfixturevalue(name)
    failures = _merge(crew.each(lambda seed: _killed_again(wave, tmp_path, crew, seed), range(HOMES)))
    assert not failures, f"{len(failures)} of {HOMES}: {json.dumps(failures, indent=1)[:6000]}"


def _killed_in_a_row(
    before: Home, wave: Wave, root: Path, crew: Crew, chain: list[str], **task: Any
) -> tuple[Failures, int]:
    """Kill run after run, each a little further on, and let the last go on; count how often it began anew."""
    home, failures, anew = copy(before, root / f"chain-{next(COUNTER)}"), {}, 0
    for boundary in chain:
        if crew.run(home, kill_at=boundary, **task).code == KILLED:
            continue
        # What a killed run had finished for good is not done again, so this run came to its end; begin anew.
        failures |= _finish(home, wave, crew, f"before {boundary}", **task)
        home, anew = copy(before, root / f"chain-{next(COUNTER)}"), anew + 1
        code = crew.run(home, kill_at=boundary, **task).code
        failures |= {} if code == KILLED else {boundary: f"was not killed but ended with {code}"}
    return failures | _finish(home, wave, crew, f"{chain[0]} … {chain[-1]}", **task), anew


def _sweep(before: Home, wave: Wave, root: Path, crew: Crew, boundaries: list[str], **task: Any) -> None:
    """Kill at every boundary, several in a row."""
    chains = [boundaries[n : n + CHAIN] for n in range(0, len(boundaries), CHAIN)]
    found = crew.each(lambda chain: _killed_in_a_row(before, wave, root, crew, chain, **task), chains)
    failures = _merge([failed for failed, _ in found])
    print(f"{len(boundaries)} boundaries, {sum(anew for _, anew in found)} of them not met again by the run after")
    assert not failures, f"{len(failures)} of {len(boundaries)}: {json.dumps(failures, indent=1)[:6000]}"


def test_a_run_killed_at_boundaries_after_the_intake_is_made_good(first_run: Wave, tmp_path: Path, crew: Crew):
    lines = _trace(first_run.before, tmp_path, crew)
    taken = copy(first_run.before, tmp_path / "taken-in")
    assert crew.run(taken, kill_at=lines[_first(lines)][0]).code == KILLED
    following = _trace(taken, tmp_path, crew)
    # Each table has the same few boundaries: every third one meets all kinds, of this table or of the next.
    boundaries = _boundaries(following[_first(following) :])[:: effort(8, 3)]
    assert len(boundaries) > 10
    _sweep(taken, first_run, tmp_path, crew, boundaries)
