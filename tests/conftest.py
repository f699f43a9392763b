"""What every test stands on: no clock, no network, no home folder but its own."""

from pathlib import Path

import pytest

from assets.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Give an empty home folder with its own secrets."""
    made = Home(tmp_path / "home", tmp_path / "secrets")
    made.prepare()
    return made
