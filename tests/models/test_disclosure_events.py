"""Tables that count nobody leave as they are; one that counts or describes somebody does not."""

from typing import Any

import polars as pl
import pytest

from models.disclosure import CountTable, DisclosureRefused, protect_events

ROWS: dict[str, Any] = {"period": ["2026-05", "2026-05"], "atvk_code": ["0054010", "all"], "events_held": [3, 7]}


def table(**columns: Any) -> CountTable:
    return CountTable("support", pl.DataFrame(ROWS | columns), ("atvk_code",))


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
        ({"events_hours": [1.5, 2.5]}, "column events_hours: is not a whole number"),
        ({"events_held": [None, 7]}, "column events_held: is missing"),
        ({"events_held": [-1, 7]}, "is below 0"),
    ],
)
def test_a_column_that_could_count_or_describe_somebody_is_refused(columns: dict[str, Any], rule: str):
    with pytest.raises(DisclosureRefused, match=rule):
        protect_events(table(**columns))
