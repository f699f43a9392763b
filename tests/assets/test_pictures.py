"""Plots in the Dagster UI: drawn where somebody can look at them, and only there."""

import base64
import struct

import dagster as dg
import pytest

from assets.home import Home
from assets.pictures import PICTURES, drawn
from assets.raw import delivery
from assets.stand import Stand
from assets.warehouse import Warehouse
from data_contracts.contract import load
from tests.assets.kit import Country, absence

WRONG = absence(1, "2024-09-02", 2) | {"lesson_no": "ninety"}


@pytest.fixture
def waiting(country: Country) -> Country:
    """Bring one good absence, and one that must wait."""
    country.deliver("first", {"attendance": [absence(1, "2024-09-02"), WRONG]})
    country.take_in()
    return country


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def closed(country: Country, instance: dg.DagsterInstance) -> dict[str, dg.MetadataValue]:
    """Close the intake under a Dagster instance; return what is shown of the ledger."""
    made = dg.materialize([delivery], resources={"warehouse": country.warehouse, "stand": Stand()}, instance=instance)
    (event,) = made.asset_materializations_for_node("raw__delivery")
    return dict(event.metadata)


def test_what_waits_is_drawn_where_somebody_can_look_at_it(waiting: Country, tmp_path):
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        text = str(closed(waiting, instance)["plot"].value)
    assert text.startswith("![Draw the rows that wait")
    width, height = size_of(base64.b64decode(text.split("base64,")[1].rstrip(")")))
    assert width > 200
    assert height > 30


def test_a_run_that_nobody_can_look_at_draws_nothing(waiting: Country):
    with dg.DagsterInstance.ephemeral() as instance:
        assert "plot" not in closed(waiting, instance)


def test_where_nothing_waits_nothing_is_drawn(country: Country):
    country.deliver("first", {"attendance": [absence(1, "2024-09-02")]})
    country.take_in()
    assert drawn("raw.delivery", country.warehouse) is None


@pytest.mark.parametrize("key", PICTURES)
def test_every_plot_is_of_a_promised_table(key: str):
    assert load(key).key == key


def test_every_plot_of_a_run_is_drawn(ran_home: Home):
    warehouse = Warehouse(ran_home)
    for key in ("risk.school_week_completeness", "risk.group_week_count", "listed.attention_list"):
        picture = drawn(key, warehouse)
        assert picture
        assert min(size_of(picture)) > 100
