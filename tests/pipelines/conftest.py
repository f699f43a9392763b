"""One small country, run once, for all tests that only look."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from assets.home import Home
from pipelines.settings import settings
from pipelines.synthesis import write_country

PUPILS, SEED = 500, 11


def deliver(home: Home) -> None:
    """Write the small country into a home's landing."""
    write_country(home.landing / "synth", PUPILS, 1, SEED, "exceptions", "csv")


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Point the settings to folders of this session's own, with one key for all homes."""
    folder = tmp_path_factory.mktemp("pumpurs")
    wanted = {"PUMPURS_SECRETS": str(folder / "secrets"), "PUMPURS_HOME": str(folder / "home"), "PUMPURS_PERSON": ""}
    before = {name: os.environ.get(name) for name in wanted}
    os.environ |= wanted
    settings.cache_clear()
    yield folder
    for name, value in before.items():
        os.environ.pop(name) if value is None else os.environ.__setitem__(name, value)
    settings.cache_clear()


@pytest.fixture(scope="session")
def country(environment: Path) -> Home:
    """Give a home with the small country delivered and run once."""
    from pipelines.commands.run import run
    from tests.pipelines.test_run import CLOCKS

    home = settings().home_folder()
    deliver(home)
    report = run(home, CLOCKS)
    assert report["success"], report["failures"]
    return home
