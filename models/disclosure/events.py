"""Tables that count nobody: what was done for schools and municipalities. They leave as they are, and only they do."""

import polars as pl

from models.disclosure.parameters import DisclosureRefused
from models.disclosure.protected import Protected, sealed
from models.disclosure.table import DESCRIBING, PERIOD, PUPILS, CountTable, in_order

EVENTS = "events_"
_NAMED = (DESCRIBING | {"topic"}) - {PUPILS, "name"}


def is_of_events(frame: pl.DataFrame) -> bool:
    """Tell whether a table counts events alone."""
    return any(column.startswith(EVENTS) for column in frame.columns)


def protect_events(table: CountTable) -> Protected:
    """Seal a table of events; DisclosureRefused where a column could count or describe anybody."""
    for column, dtype in table.frame.schema.items():
        is_count = column.startswith(EVENTS)
        if is_count and not dtype.is_integer():
            raise DisclosureRefused(table.name, column, "is not a whole number")
        if not is_count and column not in _NAMED:
            raise DisclosureRefused(table.name, column, "is neither group, description nor events counted")
        if table.frame[column].null_count():
            raise DisclosureRefused(table.name, column, "is missing")
    counts = pl.col(f"^{EVENTS}.*$").cast(pl.Int64)
    frame = table.frame.with_columns(counts).sort(PERIOD, *in_order(table.group_columns))
    if frame.filter(pl.any_horizontal(pl.col(f"^{EVENTS}.*$") < 0)).height:
        raise DisclosureRefused(table.name, EVENTS, "is below 0")
    return sealed(table.name, table.group_columns, frame, {"method": "events", "certificates": {}})
