"""A backfill makes of many weeks in one pass what a run of each week alone makes of it."""

from datetime import date, timedelta

import pytest

from assets.stand import Days
from data_contracts.contract import load
from tests.assets.as_of import DAILY, Pasts, forget_slices, stand

AS_OF, KNOWN_ON = date(2025, 2, 3), date(2025, 2, 17)
WEEK = timedelta(days=7)
WEEKS = [AS_OF - n * WEEK for n in range(4)]
LISTS = ("listed.attention_list", "listed.school_week_coverage")


@pytest.fixture(scope="module")
def pasts(tmp_path_factory: pytest.TempPathFactory) -> Pasts:
    return Pasts(tmp_path_factory.mktemp("backfills"))


def rows_by_day(pasts: Pasts, days: Days) -> dict[tuple[str, date], list[str]]:
    """Run on these days and return every table's rows of each of the weeks, less what no week is asked of."""
    found = {}
    with pasts.copy(pasts.known(0, Days(AS_OF, KNOWN_ON))).one_session() as country:
        forget_slices(country)
        stand(country, days, (*DAILY, *LISTS))
        for key in (*DAILY, *LISTS):
            shown = ", ".join(name for name in load(key).column_names if name != "week_no")
            for day in WEEKS:
                rows = country.query(f"select {shown} from {key} where as_of = $day", day=day)
                found[key, day] = sorted(map(repr, rows))
    return found


def test_each_week_of_a_backfill_is_what_a_run_of_that_week_makes(pasts: Pasts):
    together = rows_by_day(pasts, Days(AS_OF, KNOWN_ON, WEEKS[-1]))
    assert all(together[key, day] for key in ("risk.pupil_week_measure", *LISTS) for day in WEEKS)
    for day in WEEKS[1:]:
        alone = rows_by_day(pasts, Days(day, KNOWN_ON))
        assert [key for key in (*DAILY, *LISTS) if alone[key, day] != together[key, day]] == []


@pytest.mark.parametrize(
    ("wish", "first"),
    [(None, AS_OF), (AS_OF, AS_OF), (AS_OF - WEEK, AS_OF - WEEK), (AS_OF - timedelta(days=9), AS_OF - WEEK)],
)
def test_the_first_day_is_whole_weeks_before_and_never_before_the_wish(wish: date | None, first: date):
    assert Days(AS_OF, KNOWN_ON, wish).frame()["first_as_of"].to_list() == [first]


def test_a_first_day_after_the_last_is_refused():
    with pytest.raises(ValueError, match="as of 2025-02-03 cannot begin on 2025-02-04"):
        Days(AS_OF, KNOWN_ON, date(2025, 2, 4)).frame()
