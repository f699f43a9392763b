"""Counts that grow while a term or school year lasts: what they are called, and whom they contain."""

from itertools import pairwise

from assets.warehouse import Warehouse
from models.disclosure import Lasting

TERM, YEAR, MONTH = "pupils_at_risk_this_term", "pupils_at_risk_this_year", "pupils_at_risk"
_MONTHS = """
    select distinct month, school_year, semester, month_of_term, term_of_year
    from risk.group_month_so_far
    order by month
"""


def lasting(warehouse: Warehouse) -> Lasting:
    """Return of each count that grows, and each month that tells it, the count of the month before that it contains."""
    found: Lasting = {TERM: {}, YEAR: {}}
    for before, now in pairwise(warehouse.query(_MONTHS).to_dicts()):
        if before["school_year"] == now["school_year"]:
            if now["month_of_term"] > 1:
                found[TERM][now["month"]] = before["month"], TERM if before["month_of_term"] > 1 else MONTH
            if now["term_of_year"] > 1:
                last = TERM if before["month_of_term"] > 1 else MONTH
                found[YEAR][now["month"]] = before["month"], YEAR if before["term_of_year"] > 1 else last
    return found
