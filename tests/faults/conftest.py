"""Homes with the tiny country's deliveries, and two forking processes for two cores."""

import queue
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from assets.home import Home
from tests.assets.kit import Country
from tests.faults.world import Zygote, copy, deliver_first, deliver_second, environment, state, zygote

SECRETS = "secrets"


@dataclass(frozen=True)
class Crew:
    """Forking processes that work side by side."""

    free: "queue.Queue[Zygote]"
    size: int

    def run(self, home: Home, **task: Any) -> Any:
        """Do one task on whichever process is free."""
        chosen = self.free.get()
        try:
            return chosen.run(home, **task)
        finally:
            self.free.put(chosen)

    def each(self, do: Callable[[Any], Any], cases: Iterable[Any]) -> list[Any]:
        """Do something for each case, as many side by side as there are processes; return what came of each."""
        with ThreadPoolExecutor(self.size) as pool:
            return list(pool.map(do, cases))


@pytest.fixture(scope="session")
def fault_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("faults")


@pytest.fixture(scope="session")
def crew(fault_root: Path, secrets: Path) -> Iterator[Crew]:
    """Give two forking processes."""
    free: queue.Queue[Zygote] = queue.Queue()
    with ExitStack() as stack:
        for _ in range(2):
            free.put(stack.enter_context(zygote(secrets)))
        yield Crew(free, 2)


@pytest.fixture(scope="session")
def secrets(fault_root: Path) -> Path:
    """Give a folder of secrets that are already made: every home has the same ones."""
    from assets.identity import Identity

    home = Home(fault_root / "made", fault_root / SECRETS)
    home.prepare()
    Identity(home).secret()
    Identity(home)._vault_key()
    return home.secrets


@pytest.fixture(scope="session")
def delivered(fault_root: Path, secrets: Path) -> Home:
    """Give a home with the first deliveries, in which nothing ran."""
    home = Home(fault_root / "delivered", secrets)
    home.prepare()
    deliver_first(Country(home))
    return home


@dataclass(frozen=True)
class Wave:
    """A home before a run, how much work the run is, and what it leaves when nobody disturbs it."""

    before: Home
    after: Home
    cpu: float
    state: dict[str, Any]


def _undisturbed(before: Home, root: Path, crew: Crew, **task: Any) -> Wave:
    after = copy(before, root)
    ended = crew.run(after, **task)
    assert ended.code in (0, 1), ended.err
    return Wave(before, after, ended.cpu, state(after, with_report="kind" not in task))


@pytest.fixture(scope="session")
def first_run(delivered: Home, fault_root: Path, crew: Crew) -> Wave:
    """Give the first run, undisturbed."""
    return _undisturbed(delivered, fault_root / "first-run", crew)


@pytest.fixture(scope="session")
def second_run(first_run: Wave, fault_root: Path, crew: Crew) -> Wave:
    """Give the run of new deliveries on top of the first."""
    before = copy(first_run.after, fault_root / "second-before")
    deliver_second(Country(before))
    return _undisturbed(before, fault_root / "second-run", crew)


@pytest.fixture(scope="session")
def first_intake(delivered: Home, fault_root: Path, crew: Crew) -> Wave:
    """Give the intake of the first deliveries alone, undisturbed."""
    return _undisturbed(delivered, fault_root / "first-intake", crew, kind="intake")


@pytest.fixture(scope="session")
def second_intake(first_intake: Wave, fault_root: Path, crew: Crew) -> Wave:
    """Give the intake of new deliveries on top of the first."""
    before = copy(first_intake.after, fault_root / "second-intake-before")
    deliver_second(Country(before))
    return _undisturbed(before, fault_root / "second-intake", crew, kind="intake")


__all__ = ["Crew", "Wave", "environment"]
