"""What every test stands on: no clock, no network, no home folder but its own; one small country, run once."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import settings as searched

from assets.home import Home

# The same cases every time, whoever runs them; `pytest --hypothesis-profile=search` looks for new ones.
searched.register_profile("same", derandomize=True, database=None)
searched.register_profile("search", derandomize=False)
searched.load_profile("same")

PUPILS, SEED = 500, 11
STANDS_ON = date(2026, 5, 25)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep a file's tests together, and files that name a group: they share homes that are costly to make."""
    for item in items:
        if not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


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
def country(environment: Path) -> Home:
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
