"""Two runs at once: the second is refused in one line and the first goes on; who only reads is never in the way."""

import fcntl
import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dagster as dg
import pytest

from assets.home import Home
from assets.publication import Publication
from pipelines.jobs import held_warehouse
from pipelines.settings import settings
from tests.assets.kit import SCHOOL
from tests.faults.conftest import Crew, Wave
from tests.faults.world import copy, difference, state

REFUSED = "another run is at work"


def _is_held(home: Home) -> bool:
    with (home.root / "run.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _until_held(home: Home) -> None:
    while not ((home.root / "run.lock").exists() and _is_held(home)):
        time.sleep(0.01)


def test_the_ui_holds_the_same_lock(environment: Path):
    """`environment` points the settings to a home of this test session."""
    home = settings().home_folder()
    with held_warehouse(dg.build_init_resource_context()) as warehouse:
        assert warehouse.home == home
        assert _is_held(home)
    assert not _is_held(home)


@pytest.mark.slow
@pytest.mark.parametrize("first", ["command", "launch"])
def test_the_second_run_is_refused_and_the_first_undisturbed(first: str, second_run: Wave, tmp_path: Path, crew: Crew):
    home = copy(second_run.before, tmp_path / "home")
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(crew.run, home, kind=first)
        _until_held(home)
        other = {"command": "launch", "launch": "command"}[first]
        kinds = [kind for kind in ("command", other) if _is_held(home)]
        refused = [crew.run(home, kind=kind, answers=str(tmp_path / kind)) for kind in kinds]
        ended = running.result()
    assert refused
    assert refused[0].code == 2
    assert refused[0].err.strip().splitlines()[-1].startswith(f"pumpurs: {REFUSED}")
    assert all(one.code != 0 and REFUSED in one.err for one in refused)
    assert ended.code in (0, 1), ended.err[-2000:]
    if first == "launch":  # it leaves no report; the next run of the command finds all done
        assert crew.run(home).code in (0, 1)
    left_out = ("report rows", "report deliveries", "report fingerprint") if first == "launch" else ()
    wanted = {name: value for name, value in second_run.state.items() if name not in left_out}
    assert not {n: d for n, d in difference(state(home), wanted).items() if n not in left_out}


@pytest.mark.slow
def test_who_reads_meanwhile_is_answered_and_disturbs_nothing(second_run: Wave, tmp_path: Path, crew: Crew):
    home = copy(second_run.before, tmp_path / "home")
    asked = (["status", "--json"], ["list", SCHOOL, "--json"], ["attack", "current", "--json"])
    seen, releases = [], Publication(home.releases)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(crew.run, home)
        _until_held(home)
        while not running.done():
            words = asked[len(seen) % len(asked)]
            answers = str(tmp_path / f"answers-{len(seen)}")
            seen.append(crew.run(home, words=[*words, "--home", str(home.root)], answers=answers))
            current = releases.current()
            assert current
            current.check()
        ended = running.result()
    assert seen
    assert all(one.code == 0 and json.loads(one.out) for one in seen), [one.err[-500:] for one in seen if one.code]
    assert ended.code in (0, 1), ended.err[-2000:]
    found = {name: value for name, value in state(home).items() if name != "access.jsonl"}
    assert not difference(found, second_run.state)
