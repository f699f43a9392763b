"""No measure of a day knows what happened on it or later, nor what was delivered after the day by which it is known."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from assets import contents, raw
from assets.stand import Days
from tests.assets.as_of import DAILY, MEASURES, Pasts, different, rows_of, since, stand_on_each, written_otherwise
from tests.assets.kit import EVER, Country
from tests.assets.small_past import DATED, TAKEN, Change, deliveries, told_otherwise
from tests.assets.told_later import KINDS, Later, to_come
from tests.effort import effort

# A Monday on which one pupil moves, known to the end and as it was; a day amid a full week; a leaver's exit date.
CASES = (
    Days(date(2025, 1, 27), date(2025, 2, 28)),
    Days(date(2025, 1, 27), date(2025, 1, 27)),
    Days(date(2025, 1, 30), date(2025, 2, 16)),
    Days(date(2025, 2, 3), date(2025, 2, 17)),
)
KNOWING = (CASES[0], CASES[2], CASES[3])
DAY, WEEK = timedelta(days=1), timedelta(days=7)
FEW = settings(max_examples=1, deadline=None, suppress_health_check=list(HealthCheck))
MANY = settings(max_examples=effort(6, 40), deadline=None, suppress_health_check=list(HealthCheck))

changes = st.builds(
    Change,
    st.sampled_from(["alter", "remove", "add"]),
    st.sampled_from(["attendance", "lesson", "mark"]),
    st.integers(0, 199),
    st.integers(0, 19),
)
laters = st.builds(
    Later, st.integers(1, 3), st.sampled_from(sorted(KINDS)), st.integers(0, 199), st.sampled_from(["e-klase", "viis"])
)
ALL_KINDS = [Later(1 + n % 3, kind, n) for n, kind in enumerate(KINDS)]
ALL_CHANGED = [Change("alter", name, n, n) for name in ("attendance", "lesson", "mark") for n in range(60)]


@pytest.fixture(scope="session")
def session_pasts(tmp_path_factory: pytest.TempPathFactory) -> Pasts:
    return Pasts(tmp_path_factory.mktemp("pasts"))


@pytest.fixture
def pasts(session_pasts: Pasts, quick: None) -> Iterator[Pasts]:
    """Give the homes of small pasts, whose counts are judged by looking at them."""
    return session_pasts


def otherwise(pasts: Pasts, seed: int, days: Days, changed: list[Change], later: list[Later] = []) -> Country:  # noqa: B006
    """Return a home in which what happened from the day on is told otherwise, and anything was delivered later."""
    after = [one.batch(days.known_on, n, deliveries(seed)) for n, one in enumerate(later)]
    told = told_otherwise(since(seed), days.as_of, changed)
    return pasts.told([*told, *after], pasts.before(seed), TAKEN if later else DATED)


def on_top(pasts: Pasts, seed: int, days: Days, later: list[Later]) -> Country:
    """Return a home that stands on the day, into which all else was taken later."""
    missing = [batch for batch in deliveries(seed) if batch.known_from > days.known_on]
    after = [one.batch(days.known_on, n, deliveries(seed)) for n, one in enumerate(later)]
    return pasts.told([*missing, *after], pasts.known(seed, days))


def apart(pasts: Pasts, seed: int, days: Days, alone: list[date]) -> list[tuple[date, str]]:
    """Make the measures of many weeks in one pass, and of some days alone; name the tables that are not equal."""
    wrong = []
    with pasts.copy(pasts.known(seed, days)).one_session() as country:
        stand_on_each(country, days, [days.as_of - n * WEEK for n in range(22)])
        together = {day: rows_of(country, day) for day in alone}
        for day in alone:
            stand_on_each(country, Days(day, days.known_on), [day])
            wrong += [(day, key) for key in different(rows_of(country, day), together[day])]
    return wrong


@given(days=st.sampled_from(KNOWING), changed=st.lists(changes, min_size=5, max_size=60))
@example(days=CASES[0], changed=ALL_CHANGED)
@FEW
def test_what_happens_from_the_day_on_is_in_no_measure(pasts: Pasts, days: Days, changed: list[Change]):
    told = pasts.makes(otherwise(pasts, 0, days, changed), days)
    assert different(told, pasts.measures(0, days)) == {}


@given(days=st.sampled_from(CASES), later=st.lists(laters, min_size=1, max_size=4))
@example(days=CASES[1], later=ALL_KINDS)
@FEW
def test_what_is_delivered_later_is_in_no_measure(pasts: Pasts, days: Days, later: list[Later]):
    told = pasts.makes(on_top(pasts, 0, days, later), days)
    assert different(told, pasts.measures(0, days)) == {}


def test_who_comes_or_leaves_after_the_day_is_in_no_measure(pasts: Pasts):
    days = CASES[0]
    told = pasts.makes(pasts.told([to_come(days)], pasts.known(0, days)), days)
    assert different(told, pasts.measures(0, days)) == {}


def test_a_day_has_the_same_measures_alone_as_among_others(pasts: Pasts):
    days = CASES[3]
    assert apart(pasts, 0, days, [days.as_of - n * WEEK for n in (0, 1, 2, 6, 17)]) == []


# A property that could not fail would prove nothing: queries made wrong, one cut each, must be found out.

# Every table of weeks finds its days in these two, and builds only the sevens that begin before the day: with both
# cuts one day late, the day itself is seen in all that is built from them.
CUT_LATE = {
    "risk.school_day_week": ("stand.as_of), stand.as_of) - 1", "stand.as_of + 1), stand.as_of + 1) - 1"),
    "risk.day_week": ("stand.as_of - 1, interval", "stand.as_of, interval"),
}
CUT_LATE_IN = {"risk.pupil_week_attendance", "risk.pupil_week_mark", "risk.pupil_subject_week_mark"}
LEAVERS_HIDDEN = {
    "risk.pupil_week_cohort": ("enrolment.exit_date > as_of_date.as_of", "enrolment.exit_date > as_of_date.as_of + 7"),
    "risk.pupil_week_path_measure": ("enrolment.entry_date <= cohort.as_of", "enrolment.entry_date is not null"),
}
WEEK_TOO_MANY = {
    key: ("and week.week_no < cohort.week_no", "and week.week_no <= cohort.week_no")
    for key in DAILY
    if key.endswith(("attendance_measure", "mark_measure", "_window"))
}


def test_a_cut_one_day_late_is_found_out(pasts: Pasts, monkeypatch: pytest.MonkeyPatch):
    days, keys = CASES[0], tuple(CUT_LATE_IN)
    told, clocks = otherwise(pasts, 0, days, ALL_CHANGED), contents._clocks
    monkeypatch.setattr(contents, "_clocks", lambda connection: (clocks(connection)[0] + DAY, clocks(connection)[1]))
    with written_otherwise(CUT_LATE):
        found = different(pasts.makes(told, days, keys), pasts.makes(pasts.known(0, days), days, keys))
    assert set(found) == CUT_LATE_IN


def test_measures_that_hide_who_leaves_soon_are_found_out(pasts: Pasts):
    days, keys = CASES[0], tuple(LEAVERS_HIDDEN)
    told = pasts.told([to_come(days)], pasts.known(0, days))
    with written_otherwise(LEAVERS_HIDDEN):
        found = different(pasts.makes(told, days, keys), pasts.makes(pasts.known(0, days), days, keys))
    assert set(found) == set(LEAVERS_HIDDEN)


def test_a_week_too_many_is_found_out(pasts: Pasts):
    days = CASES[3]
    with written_otherwise(WEEK_TOO_MANY):
        found = apart(pasts, 0, days, [days.as_of - WEEK])
    assert {key for _, key in found} >= set(WEEK_TOO_MANY)


def test_what_is_delivered_later_would_change_every_measure(pasts: Pasts, monkeypatch: pytest.MonkeyPatch):
    days, close = CASES[1], raw.close_intake
    told = on_top(pasts, 0, days, ALL_KINDS)
    monkeypatch.setattr(raw, "close_intake", lambda warehouse, _: close(warehouse, EVER))
    assert set(different(pasts.makes(told, days), pasts.measures(0, days))) == set(MEASURES)


@pytest.mark.slow
@given(
    seed=st.integers(0, 4),
    days=st.sampled_from(CASES),
    changed=st.lists(changes, min_size=5, max_size=60),
    later=st.lists(laters, max_size=6),
)
@MANY
def test_many_pasts_told_otherwise_have_the_same_measures(
    pasts: Pasts, seed: int, days: Days, changed: list[Change], later: list[Later]
):
    for told in (otherwise(pasts, seed, days, changed, later), on_top(pasts, seed, days, later)):
        assert different(pasts.makes(told, days), pasts.measures(seed, days)) == {}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(effort(2, 4)))
def test_every_day_has_the_same_measures_alone_as_among_others(pasts: Pasts, seed: int):
    for days in CASES:
        assert apart(pasts, seed, days, [days.as_of - n * WEEK for n in range(seed, 22, 4)]) == []
