"""Whether support helped, as a table and for a report: made when somebody asks, never by the weekly run."""

from typing import TYPE_CHECKING

from assets.opening import step_back
from assets.queries import query_of, typed
from assets.warehouse import Built, Warehouse
from data_contracts.contract import load

if TYPE_CHECKING:
    from models.support_effect import SupportEffect

PANEL = "risk.pupil_week_share_missed"
STARTS = "risk.support_start"
OUTCOME = "share_missed"
ON_DEMAND = (PANEL, "risk.support_effect")
COMPARED_FROM = (STARTS, "risk.pupil_week_attendance", "core.enrolment", "core.institution", "risk.stand")


def effects_of(warehouse: Warehouse) -> "list[SupportEffect]":
    """Assess support on the tables at hand; the panel is read, not stored, so that a reader may ask."""
    # scipy takes a second to import, which the code location must not pay each time it is loaded.
    from models.support_effect import assess

    panel = warehouse.query(typed(load(PANEL), query_of(PANEL)))
    starts = warehouse.query(f"select pupil_key, started_on, programme from {STARTS}")
    step_back()
    return assess(panel.rename({"week_starts_on": "week", OUTCOME: "outcome"}), starts, OUTCOME)


def assess_support(warehouse: Warehouse) -> Built:
    """Store one row per outcome and programme."""
    from models.support_effect import table

    return warehouse.store("risk.support_effect", table(effects_of(warehouse)))
