"""One row that no rule accepts, of every dataset: it waits, is reported, and nothing else stops."""

import pytest

from data_contracts.contract import delivered, load
from tests.assets.kit import Country

DATASETS = [key.split(".")[1] for key in delivered()]


@pytest.fixture(scope="module")
def taken(registered: Country, tmp_path_factory: pytest.TempPathFactory) -> Country:
    """Deliver of each dataset a row of question marks, and close the intake with its reports."""
    country = registered.copy(tmp_path_factory.mktemp("odd") / "home")
    for name in DATASETS:
        row = dict.fromkeys(load(f"raw.{name}").column_names, "?")
        country.deliver(f"odd-{name}", {name: [row]}, on="2024-09-10")
    with country.one_session() as session:
        session.take_in()
    return country


@pytest.mark.parametrize("name", DATASETS)
def test_a_row_that_no_rule_accepts_waits_and_is_reported(taken: Country, name: str):
    assert taken.ledger(f"viis.odd-{name}", name)["status"] == "quarantined"
    assert len(taken.report(f"viis.odd-{name}")) == 1
