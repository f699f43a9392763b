"""Kill the process anywhere, start again: what is there in the end is what an undisturbed run leaves."""

import json
import random
import shutil
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from assets.home import Home
from tests.faults.conftest import Crew, Wave
from tests.faults.world import copy, difference, state

KILLED = -9
PAIRS = 26  # of random kills, in each of two runs: 104 in all
SAMPLE = 12
CHAIN = 8

Failures = dict[str, Any]


Line = tuple[int, str, bool]
_FIRST_TABLE = " core."  # in the name of a boundary: the intake is done


def _trace(before: Home, root: Path, crew: Crew, **task: Any) -> list[Line]:
    """Return all boundaries of a run: number, name, and whether the disk changed since the one before."""
    trace = root / "trace.jsonl"
    crew.run(copy(before, root / f"traced-{before.root.name}"), trace=str(trace), **task)
    lines = [json.loads(line) for line in trace.read_text(encoding="utf-8").splitlines()]
    return [(number, name, is_changed) for number, name, is_changed in lines]


def _boundaries(lines: list[Line], begin: int = 0) -> list[tuple[int, str]]:
    """List the boundaries before which the disk changed: between two others, a kill leaves the same."""
    return [(number, name) for number, name, is_changed in lines if is_changed and number >= begin]


def _first(lines: list[Line]) -> int:
    return next(number for number, name, _ in lines if _FIRST_TABLE in name)


def _finish(home: Home, wave: Wave, crew: Crew, told: str, **task: Any) -> Failures:
    """Run to the end and compare; keep nothing of what is equal."""
    ended = crew.run(home, **task)
    problem = {} if ended.code in (0, 1) else {"code": ended.code, "err": ended.err[-2000:]}
    differing = problem or difference(state(home, with_report="kind" not in task), wave.state)
    shutil.rmtree(home.root)
    return {told: differing} if differing else {}


def _merge(found: list[Failures]) -> Failures:
    return {name: what for failures in found for name, what in failures.items()}


def _killed_at_boundary(wave: Wave, root: Path, crew: Crew, boundary: tuple[int, str], **task: Any) -> Failures:
    number, name = boundary
    home = copy(wave.before, root / f"killed-{number}")
    ended = crew.run(home, kill_at=number, **task)
    if ended.code != KILLED:
        return {f"{number} {name}": f"was not killed but ended with {ended.code}: {ended.err[-500:]}"}
    return _finish(home, wave, crew, f"{number} {name}", **task)


def _sweep(wave: Wave, root: Path, crew: Crew, boundaries: list[tuple[int, str]], **task: Any) -> None:
    failures = _merge(crew.each(lambda b: _killed_at_boundary(wave, root, crew, b, **task), boundaries))
    assert not failures, f"{len(failures)} of {len(boundaries)}: {json.dumps(failures, indent=1)[:6000]}"


@pytest.mark.parametrize("name", ["first_intake", "second_intake"])
def test_an_intake_killed_at_some_boundaries_is_made_good(
    name: str, request: pytest.FixtureRequest, tmp_path: Path, crew: Crew
):
    wave = request.getfixturevalue(name)
    boundaries = _boundaries(_trace(wave.before, tmp_path, crew, kind="intake"))
    assert len(boundaries) > 50
    some = random.Random(7).sample(boundaries, SAMPLE // 2)
    _sweep(wave, tmp_path, crew, some, kind="intake")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["first_intake", "second_intake"])
def test_an_intake_killed_at_any_boundary_is_made_good(
    name: str, request: pytest.FixtureRequest, tmp_path: Path, crew: Crew
):
    wave = request.getfixturevalue(name)
    _sweep(wave, tmp_path, crew, _boundaries(_trace(wave.before, tmp_path, crew, kind="intake")), kind="intake")


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


def _killed_twice(wave: Wave, root: Path, crew: Crew, seed: int) -> Failures:
    """Kill the run, kill the run that would make it good, and let the third go on to the end."""
    dice = random.Random(seed)
    home = copy(wave.before, root / f"random-{seed}")
    shares = [_kill_at_random(home, wave, crew, dice) for _ in range(2)]
    return _finish(home, wave, crew, f"seed {seed} at {shares}")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["first_run", "second_run"])
def test_a_run_killed_at_random_and_killed_again_is_made_good(
    name: str, request: pytest.FixtureRequest, tmp_path: Path, crew: Crew
):
    wave = request.getfixturevalue(name)
    failures = _merge(crew.each(lambda seed: _killed_twice(wave, tmp_path, crew, seed), range(PAIRS)))
    assert not failures, f"{len(failures)} of {PAIRS}: {json.dumps(failures, indent=1)[:6000]}"


def _after_intake(wave: Wave, root: Path, crew: Crew) -> tuple[Home, list[tuple[int, str]]]:
    """Give a home whose run was killed when the intake was done, and the later boundaries of the run that follows."""
    taken = copy(wave.before, root / "taken-in")
    assert crew.run(taken, kill_at=_first(_trace(wave.before, root, crew))).code == KILLED
    following = _trace(taken, root, crew)
    return taken, _boundaries(following, _first(following))


def _killed_in_a_row(taken: Home, wave: Wave, root: Path, crew: Crew, chain: list[tuple[int, str]]) -> Failures:
    """Kill run after run, each a little further on, and let the last go on to the end."""
    home, failures = copy(taken, root / f"chain-{chain[0][0]}"), {}
    for number, name in chain:
        if crew.run(home, kill_at=number).code == KILLED:
            continue
        # What a killed run had finished for good is not written again, so this run came to its end; begin anew.
        failures |= _finish(home, wave, crew, f"before {number} {name}")
        home = copy(taken, root / f"chain-{number}")
        code = crew.run(home, kill_at=number).code
        failures |= {} if code == KILLED else {f"{number} {name}": f"was not killed but ended with {code}"}
    return failures | _finish(home, wave, crew, f"{chain[0]} … {chain[-1]}")


@pytest.mark.slow
def test_a_run_killed_at_any_boundary_after_the_intake_is_made_good(first_run: Wave, tmp_path: Path, crew: Crew):
    taken, boundaries = _after_intake(first_run, tmp_path, crew)
    assert len(boundaries) > 40
    chains = [boundaries[n : n + CHAIN] for n in range(0, len(boundaries), CHAIN)]
    failures = _merge(crew.each(lambda c: _killed_in_a_row(taken, first_run, tmp_path, crew, c), chains))
    assert not failures, json.dumps(failures, indent=1)[:6000]
