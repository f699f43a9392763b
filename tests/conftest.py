"""What every test stands on: no clock, no network, no home folder but its own; one small country, run once."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import settings as searched
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from assets.home import Home

# The same cases every time, whoever runs them; `pytest --hypothesis-profile=search` looks for new ones.
searched.register_profile("same", derandomize=True, database=None)
searched.register_profile("search", derandomize=False)
searched.load_profile("same")

PUPILS, SEED = 500, 11
STANDS_ON = date(2026, 5, 25)


# Homes that are costly to make, and the files whose tests share them: one process makes a home once.
SHARED_HOMES = {
    "test_run.py": "country",
    "test_status.py": "country",
    "test_unread.py": "country",
    "test_full_disk.py": "faults",
    "test_lost_warehouse.py": "faults",
    "test_two_at_once.py": "faults",
}


class ByHome(LoadScopeScheduling):
    """Keep the tests of a file in one process, and those of files that share a home."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return SHARED_HOMES.get(file.rpartition("/")[2], file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByHome:
    """Tell xdist how to share out the tests."""
    return ByHome(config, log)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Give an empty home folder with its own secrets."""
    made = Home(tmp_path / "home", tmp_path / "secrets")
    made.prepare()
    return made


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Point the settings to folders of this session's own, with one key for all homes."""
    from pipelines.settings import settings

    folder = tmp_path_factory.mktemp("pumpurs")
    wanted = {"PUMPURS_SECRETS": str(folder / "secrets"), "PUMPURS_HOME": str(folder / "home"), "PUMPURS_PERSON": ""}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in wanted.items():
            patch.setenv(name, value)
        settings.cache_clear()
        yield folder
    settings.cache_clear()


@pytest.fixture(scope="session")
def ran_home(environment: Path) -> Home:
    """Give a home with a small country, delivered as absences and lesson registers in CSV, and run once."""
    from pipelines.commands.run import run
    from pipelines.settings import settings
    from pipelines.synthesis import write_country
    from pipelines.weekly import Clocks

    home = settings().home_folder()
    write_country(home.landing / "synth", PUPILS, 1, SEED, "exceptions", "csv")
    report = run(home, Clocks(STANDS_ON, None))
    assert report["success"], report["failures"]
    return home


@pytest.fixture(scope="session")
def country(ran_home: Home) -> Home:
    """Give the same home by the name that most tests use; tests of assets have a country of their own."""
    return ran_home
