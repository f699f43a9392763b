"""Tables that count nobody: what was done for schools and municipalities. They leave as they are, and only they do.

Which tables these are, and every column that they may have, stands here by name: a new one is a decision.
"""

import polars as pl

from models.disclosure.parameters import DisclosureRefused
from models.disclosure.protected import Protected, sealed
from models.disclosure.table import PERIOD, CountTable, in_order

EVENTS = "events_"
_PLACE = ("period", "as_of", "atvk_code", "name_lv", "name_en")
_TERM = (*_PLACE, "school_year", "semester")
_HELD = ("events_supervisions_held", "events_school_workshops_held", "events_programme_runs_held")
TOLD = {
    "municipality_month_coverage": frozenset((*_PLACE, "school_year", "events_schools", "events_schools_complete")),
    "municipality_term_support": frozenset((
        *_TERM, *_HELD, "events_supervisions_owed", "events_municipal_workshops_held", "events_consultations_asked",
        "events_consultations_held", "events_consultations_waiting", "events_programme_completions",
        "events_youth_projects", "events_interests_open",
    )),
    "municipality_kind_term_support": frozenset((*_TERM, *_HELD, "kind", "events_programme_completions")),
    "topic_demand": frozenset((
        *_PLACE, "school_year", "topic", "events_asked", "events_held", "events_waiting", "events_offered",
    )),
    "problem_situation_count": frozenset((*_PLACE, "sphere", "theme", "events_noted")),
    "request_status": frozenset((
        *_PLACE, "source", "request_id", "kind", "topic", "asked_on", "status", "planned_on",
    )),
    "topic_choice": frozenset((*_PLACE, "topic", "is_chosen", "decided_on", "decided_by", "reason")),
}  # fmt: skip
_MAY_BE_EMPTY = {"planned_on"}


def is_of_events(name: str) -> bool:
    """Tell whether the table of that name tells of events alone."""
    return name in TOLD


def _check(table: CountTable, column: str) -> None:
    """Refuse a column that the table was never said to have, or that does not hold what its name says."""
    if column not in TOLD[table.name]:
        raise DisclosureRefused(table.name, column, "is neither group, description nor events counted")
    if table.frame[column].null_count() and column not in _MAY_BE_EMPTY:
        raise DisclosureRefused(table.name, column, "is missing")
    if column.startswith(EVENTS) and not table.frame.schema[column].is_integer():
        raise DisclosureRefused(table.name, column, "is not a whole number")


def protect_events(table: CountTable) -> Protected:
    """Seal a table of events; DisclosureRefused where a column is not one of those that it is known to have."""
    if not is_of_events(table.name):
        raise DisclosureRefused(table.name, PERIOD, "is no table of events")
    counted = [column for column in table.frame.columns if column.startswith(EVENTS)]
    for column in table.frame.columns:
        _check(table, column)
    frame = table.frame.with_columns(pl.col(counted).cast(pl.Int64)).sort(PERIOD, *in_order(table.group_columns))
    if counted and frame.filter(pl.any_horizontal(pl.col(counted) < 0)).height:
        raise DisclosureRefused(table.name, EVENTS, "is below 0")
    return sealed(table.name, table.group_columns, frame, {"method": "events", "certificates": {}})
