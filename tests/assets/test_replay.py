"""A replay comes to what was issued; it leaves nothing behind and touches nothing that stands."""

import fcntl
import random
import shutil
from datetime import date
from pathlib import Path

import pytest

from assets.home import Home
from assets.issued import REPLAY, issue
from assets.replay import NothingKnown, replayed, resolve
from assets.stand import Days
from assets.warehouse import PromiseBroken, Warehouse
from tests.assets.history import Weeks, registers, weeks_of
from tests.assets.kit import Country
from tests.effort import effort

MONDAY = date(2024, 9, 9)


def fresh_home(country: Country, root: Path) -> Country:
    """Return a home of its own with the same deliveries and keys, into which nothing was taken yet."""
    made = Country(Home(root, country.home.secrets))
    made.home.prepare()
    shutil.copytree(country.home.landing, made.home.landing, dirs_exist_ok=True)
    return made


def prove(seed: int, weeks: int, empty: Country, root: Path, is_fresh_only: bool = False) -> None:
    """Issue week by week; then make every list anew in a home that got all at once, and where it was issued."""
    with empty.one_session() as country:
        history = weeks_of(country, seed, weeks)
    assert len({one.digest for one in history.made}) == weeks
    assert any(one.rows.height for one in history.made)
    fresh = fresh_home(empty, root)
    with fresh.one_session() as country:
        country.take_in()
    for home in (fresh.home,) if is_fresh_only else (fresh.home, empty.home):
        for then in history.made:
            days = Days(then.as_of, then.known_on)
            with replayed(Warehouse(home, threads=1), days) as aside:
                again = issue(aside, days.as_of, days.known_on, REPLAY)
            assert again.rows.equals(then.rows), f"seed {seed}, {days}, fresh {home is fresh.home}"
            assert again.digest == then.digest


@pytest.mark.slow
def test_what_was_issued_week_by_week_is_made_anew_from_the_same_deliveries(empty: Country, tmp_path: Path):
    prove(2, 2, empty, tmp_path / "fresh", is_fresh_only=True)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(effort(2, 8)))
def test_any_history_is_made_anew(seed: int, empty: Country, tmp_path: Path):
    prove(seed, 5, empty, tmp_path / "fresh")


_MADE: list[Weeks] = []


@pytest.fixture
def one_week(tmp_path_factory: pytest.TempPathFactory) -> Weeks:
    """Give a week's history, made once: tests read it and leave it as it is."""
    if not _MADE:
        root = tmp_path_factory.mktemp("one-week")
        empty = Country(Home(root / "home", root / "secrets"))
        empty.home.prepare()
        with empty.one_session() as country:
            _MADE.append(weeks_of(country, 1, 1))
    return _MADE[0]


def test_a_replay_is_gone_afterwards_and_after_an_error(one_week: Weeks):
    warehouse = Warehouse(one_week.country.home)
    before = warehouse.home.warehouse.read_bytes()
    with replayed(warehouse, Days(MONDAY, MONDAY)) as aside:
        place = aside.home.scratch
        assert place.exists()
    with pytest.raises(KeyError), replayed(warehouse, Days(MONDAY, MONDAY)):
        raise KeyError
    assert not list(warehouse.home.scratch.glob("replay-*"))
    assert warehouse.home.warehouse.read_bytes() == before


def test_a_table_that_breaks_its_promise_ends_the_replay_without_a_trace(one_week: Weeks, monkeypatch):
    def broken(self: Warehouse, key: str) -> None:
        raise PromiseBroken(key, [])

    monkeypatch.setattr(Warehouse, "build", broken)
    warehouse = Warehouse(one_week.country.home)
    with pytest.raises(PromiseBroken), replayed(warehouse, Days(MONDAY, MONDAY)):
        pass
    assert not list(warehouse.home.scratch.glob("replay-*"))


def test_what_a_killed_replay_left_is_swept_and_one_at_work_is_left_alone(one_week: Weeks):
    scratch = one_week.country.home.scratch
    for name in ("replay-killed", "replay-at-work"):
        (scratch / name).mkdir()
    with (scratch / "replay-at-work" / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with replayed(Warehouse(one_week.country.home), Days(MONDAY, MONDAY)):
            pass
        assert [path.name for path in scratch.glob("replay-*")] == ["replay-at-work"]


def test_clocks_are_completed_as_a_run_would(one_week: Weeks):
    warehouse = Warehouse(one_week.country.home)
    assert resolve(warehouse, None, None) == Days(MONDAY, MONDAY)
    assert resolve(warehouse, None, date(2024, 9, 3)) == Days(MONDAY, date(2024, 9, 3))
    assert resolve(warehouse, date(2024, 9, 6), None) == Days(date(2024, 9, 6), MONDAY)


def test_a_day_before_the_first_delivery_is_refused_with_that_day(one_week: Weeks):
    warehouse = Warehouse(one_week.country.home)
    with pytest.raises(NothingKnown, match=r"delivered by 2024-08-31: the first .* from 2024-09-01"):
        resolve(warehouse, None, date(2024, 8, 31))


def test_nothing_taken_in_is_no_list(empty: Country):
    empty.take_in()
    with pytest.raises(NothingKnown, match="no delivery was taken in yet"):
        resolve(empty.warehouse, MONDAY, MONDAY)


def test_the_ledger_of_a_replay_is_as_it_was_known(empty: Country):
    with empty.one_session() as country:
        weeks = Weeks(country, random.Random(0))
        files = registers()
        late = {name: files.pop(name) for name in ("pupil", "enrolment")}
        weeks.deliver(files, "2024-09-01T08:00:00+03:00")
        weeks.deliver({"enrolment": late["enrolment"]}, "2024-09-02T08:00:00+03:00")
        weeks.deliver({"pupil": late["pupil"]}, "2024-09-05T08:00:00+03:00")
        country.take_in()
    shown = "dataset, status, rows_accepted, rows_quarantined"
    ledger = f"select {shown} from raw.delivery where delivery_id = 'e-klase.d02'"
    for day, row in ((3, ("enrolment", "quarantined", 0, 6)), (5, ("enrolment", "accepted", 6, 0))):
        with replayed(Warehouse(empty.home), Days(MONDAY, date(2024, 9, day)), ()) as aside:
            assert aside.query(ledger).rows() == [row]
            waits = aside.query("select rule, rows from raw.waiting").rows()
            assert waits == ([("reference_known", 6)] if day == 3 else [])
