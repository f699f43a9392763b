"""Where a command stands: a run by its name, a list as issued or made now, the current tables or a replay of them."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from assets.case_list import NoSuchList
from assets.home import Home
from assets.issued import REPLAY, RUN, Issue, issue, issues
from assets.replay import replayed, resolve
from assets.warehouse import Warehouse
from pipelines.errors import UsageError
from pipelines.output import told_stages
from pipelines.settings import settings
from pipelines.weekly import only_run


@dataclass(frozen=True)
class Wish:
    """Which list: by its clocks, by its number among the issues for them, or by the run that issued it."""

    as_of: date | None = None
    known_on: date | None = None
    number: int | None = None
    run: str | None = None


def opened(folder: Path | None) -> Warehouse:
    """Return the warehouse of a home folder; UsageError if nothing was built yet."""
    chosen = settings()
    warehouse = Warehouse(chosen.home_folder(folder), chosen.memory_limit, chosen.threads)
    if not warehouse.exists():
        home = warehouse.home.root
        raise UsageError(f"{home} holds no warehouse yet; put a delivery into landing/ and run `pumpurs run`")
    return warehouse


def reports(home: Home) -> list[dict[str, Any]]:
    """Read the reports of all runs that succeeded, the earliest first."""
    paths = sorted(home.runs.glob("*.json")) if home.runs.exists() else []
    read = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    return [report for report in read if report["success"]]


def report_of(home: Home, run: str) -> dict[str, Any]:
    """Find a run by its id, or by a date: the last that had started by the end of that day."""
    done = reports(home)
    if not done:
        raise UsageError(f"{home.runs} holds no report of a run that succeeded; run `pumpurs run`")
    by_id = next((report for report in done if report["run_id"] == run), None)
    if by_id:
        return by_id
    try:
        day = date.fromisoformat(run)
    except ValueError:
        raise UsageError(f"{home.runs} holds no run of that name; name one such as {done[-1]['run_id']}") from None
    started = [report for report in done if datetime.fromisoformat(report["started_at"]).date() <= day]
    if not started:
        first = done[0]
        raise UsageError(f"no run had started by {day}; the first is {first['run_id']}, as of {first['as_of']}")
    return started[-1]


def issue_of(home: Home, report: dict[str, Any]) -> Issue:
    """Return the list that a run issued."""
    days = (date.fromisoformat(report["as_of"]), date.fromisoformat(report["known_on"]))
    number = report.get("list", {}).get("number")
    found = [one for one in issues(home, *days) if number in (None, one.number)]
    if not found:
        raise NoSuchList(f"the list of run {report['run_id']} is not in {home.issued}; restore that folder")
    return found[-1]


def wished(warehouse: Warehouse, wish: Wish) -> tuple[Issue, list[str]]:
    """Return the list that is wished for, made now if no run issued it, and what its reader should know of it."""
    if wish.run:
        return _of_run(warehouse.home, wish), []
    found = issues(warehouse.home, wish.as_of, wish.known_on)
    if not (wish.as_of and wish.known_on):
        # A list that somebody once had made for other days must not become what everybody sees without asking.
        found = [one for one in found if one.made_by == RUN]
    if found:
        return _numbered([one for one in found if one.path.parent == found[-1].path.parent], wish.number)
    if wish.number:
        raise NoSuchList("no list was issued for these days; leave --issue out, and it is made")
    return _made_now(warehouse, wish)


def _of_run(home: Home, wish: Wish) -> Issue:
    if wish.as_of or wish.known_on or wish.number:
        raise UsageError("a run names its list; leave --as-of, --known-on and --issue out")
    return issue_of(home, report_of(home, wish.run or ""))


def _numbered(same: list[Issue], number: int | None) -> tuple[Issue, list[str]]:
    """Choose among the issues for the same days, the newest if no number is given."""
    chosen = next((one for one in reversed(same) if number in (None, one.number)), None)
    days = f"as of {same[0].as_of}, known on {same[0].known_on}"
    if chosen is None:
        raise NoSuchList(f"the issues of the list {days} are numbered 1 to {same[-1].number}")
    several = f"{len(same)} lists were issued {days}; this is number {chosen.number}, the others: --issue N"
    return chosen, [several] if len(same) > 1 else []


def _made_now(warehouse: Warehouse, wish: Wish) -> tuple[Issue, list[str]]:
    days = resolve(warehouse, wish.as_of, wish.known_on)
    with only_run(warehouse.home), told_stages(), replayed(warehouse, days) as aside:
        cohort = "select count(*) as pupils from risk.pupil_week_cohort where as_of = $day"
        if not aside.query(cohort, {"day": days.as_of})["pupils"][0]:
            raise NoSuchList(
                f"nobody is known to have been enrolled on {days.as_of}, as known on {days.known_on}; choose a day"
                " within the registers"
            )
        made = issue(aside, days.as_of, days.known_on, REPLAY)
    return made, [f"no run had issued this list: made now, as of {days.as_of}, as known on {days.known_on}"]


@contextmanager
def standing(
    warehouse: Warehouse, as_of: date | None, known_on: date | None, wanted: Iterable[str]
) -> Iterator[Warehouse]:
    """Give the tables on these days: those at hand if no day is named, else a replay that is gone afterwards."""
    if as_of is None and known_on is None:
        yield warehouse
        return
    days = resolve(warehouse, as_of, known_on)
    with told_stages(), replayed(warehouse, days, wanted) as aside:
        yield aside
