"""The days that are counted and the days that are chosen from them lie in one window around a semester's end."""

import re

from assets.queries import query_of


def window(key: str) -> set[str]:
    """Return the bounds that a query sets to as-of days by the semester."""
    return set(re.findall(r"as_of_date\.as_of (?:>|<=|<|>=) .*semester\..*", query_of(key)))


def test_no_day_is_chosen_that_was_not_counted():
    # Two queries, for one is kept by days and the other looks at all of them: what one leaves out the other would miss.
    counted = window("risk.indicator_week_count")
    assert len(counted) == 2
    assert window("risk.indicator_evaluation") == counted
