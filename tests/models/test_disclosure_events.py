"""Tables that count nobody leave as they are; one that counts or describes somebody does not."""

from typing import Any

import polars as pl
import pytest

from data_contracts.contract import load
from models.disclosure import CountTable, DisclosureRefused, protect_events
from models.disclosure.events import TOLD

ROWS: dict[str, Any] = {"period": ["2026-05", "2026-05"], "atvk_code": ["0054010", "all"], "events_held": [3, 7]}


def table(**columns: Any) -> CountTable:
    return CountTable("topic_demand", pl.DataFrame(ROWS | columns), ("atvk_code",))


def test_events_are_told_as_they_are_all_first():
    made = protect_events(table())
    assert made.frame.rows() == [("2026-05", "all", 7), ("2026-05", "0054010", 3)]
    assert made.protection == {"method": "events", "certificates": {}}


@pytest.mark.parametrize(
    ("columns", "rule"),
    [
        ({"pupils": [3, 7]}, "column pupils: is neither"),
        ({"pupils_at_risk": [3, 7]}, "column pupils_at_risk: is neither"),
        ({"participants": [3, 7]}, "column participants: is neither"),
        ({"supervisor": ["x", "y"]}, "column supervisor: is neither"),
        ({"events_asked": [1.5, 2.5]}, "column events_asked: is not a whole number"),
        ({"events_of_anna": [1, 2]}, "column events_of_anna: is neither"),
        ({"events_held": [None, 7]}, "column events_held: is missing"),
        ({"events_held": [-1, 7]}, "is below 0"),
    ],
)
def test_a_column_that_could_count_or_describe_somebody_is_refused(columns: dict[str, Any], rule: str):
    with pytest.raises(DisclosureRefused, match=rule):
        protect_events(table(**columns))


def test_a_table_that_was_never_said_to_be_of_events_is_refused():
    with pytest.raises(DisclosureRefused, match="is no table of events"):
        protect_events(CountTable("events_by_pupil", pl.DataFrame(ROWS), ("atvk_code",)))


def test_every_table_of_events_has_its_columns_from_its_contract():
    """The door's list and the contracts say the same: a column more in one of them is a decision in both."""
    assert {name: set(load(f"published.{name}").column_names) for name in TOLD} == {n: set(c) for n, c in TOLD.items()}
