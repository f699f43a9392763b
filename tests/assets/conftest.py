"""A small country whose registers are in, made once and copied for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from assets.home import Home
from data_contracts.contract import Contract
from data_contracts.expectations import Verdict
from data_contracts.rules import check_names
from tests.assets.kit import Country, deliver_registers


@pytest.fixture(scope="session")
def registered(tmp_path_factory: pytest.TempPathFactory) -> Country:
    """Give the country that tests copy: registers delivered on 2024-09-01 and taken in."""
    root = tmp_path_factory.mktemp("registered")
    made = Country(Home(root / "home", root / "secrets"))
    made.home.prepare()
    deliver_registers(made)
    made.take_in()
    return made


@pytest.fixture
def country(registered: Country, tmp_path: Path) -> Iterator[Country]:
    """Give a country of its own whose registers are in."""
    with registered.copy(tmp_path / "home").one_session() as country:
        yield country


@pytest.fixture
def empty(tmp_path: Path) -> Country:
    """Give a home into which nothing was delivered yet."""
    made = Country(Home(tmp_path / "home", tmp_path / "secrets"))
    made.home.prepare()
    return made


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Judge counts by looking at them, which is quick; the registers above were judged as they are in a run."""

    def judged(contract: Contract, profile: dict) -> list[Verdict]:
        return [Verdict(name, says, profile[name] == 0, profile[name]) for name, says in check_names(contract)]

    monkeypatch.setattr("assets.intake.judge", judged)
    monkeypatch.setattr("assets.warehouse.judge", judged)
