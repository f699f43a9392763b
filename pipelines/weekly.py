"""Run the weekly job in this process: once at a time, and not at all when nothing is new."""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

from assets.home import Home, write_text
from assets.landing import arrivals, folders
from assets.leftovers import remove_half_written
from assets.opening import kept_open
from pipelines.errors import UsageError, environment_fault, naming

_CODE = ("assets", "models", "data_contracts", "sql", "pipelines")
_ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Clocks:
    """The wish of whoever starts a run; None means what the deliveries suggest."""

    as_of: date | None
    known_on: date | None
    first_as_of: date | None = None

    def text(self) -> tuple[str, str, str]:
        """Return all as the launchpad takes them."""
        as_of, known_on, first = (day.isoformat() if day else "" for day in vars(self).values())
        return as_of, known_on, first


@contextmanager
def only_run(home: Home) -> Iterator[None]:
    """Hold the home folder's run lock; a second run is refused, never interleaved."""
    with naming(home.root):
        home.prepare()
        lock_file = (home.root / "run.lock").open("w", encoding="ascii")
    with lock_file as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(f"another run is at work in {home.root}; wait until it is done and try again") from None
        with naming(home.root):
            remove_half_written(home)
            yield


def _code_files() -> Iterator[Path]:
    for folder in _CODE:
        yield from sorted(p for p in (_ROOT / folder).rglob("*") if p.suffix in (".py", ".sql", ".yaml", ".csv"))


def fingerprint(home: Home, clocks: Clocks) -> str:
    """Return what a run's outcome depends on: deliveries at hand, clocks, code. Reads names and sizes only."""
    seen = hashlib.sha256("|".join(clocks.text()).encode())
    for folder in folders(home.landing):
        for path in sorted(folder.iterdir()):
            about = path.stat()
            told = f"{about.st_size}:{about.st_mtime_ns}:{os.access(path, os.R_OK)}"
            seen.update(f"{folder.name}/{path.name}:{told};".encode())
    for path in _code_files():
        seen.update(path.read_bytes())
    return seen.hexdigest()


def last_report(home: Home) -> dict[str, Any] | None:
    """Return the newest run's report."""
    for path in sorted(home.runs.glob("*.json"), reverse=True):
        # A report that was damaged tells nothing; the one before it does.
        with suppress(ValueError):
            return json.loads(path.read_text(encoding="utf-8"))
    return None


def is_nothing_new(home: Home, mark: str) -> bool:
    """Tell whether the last run succeeded on exactly these deliveries, clocks and code."""
    last = last_report(home)
    if not last or not last["success"] or last["fingerprint"] != mark or _is_left_open(home):
        return False
    return last.get("warehouse_mark") == warehouse_mark(home) and _release_stands(home)


def _is_left_open(home: Home) -> bool:
    """Tell whether somebody wrote and was killed: what was written stands in the log beside the file, not in it."""
    log = home.warehouse.with_name(f"{home.warehouse.name}.wal")
    return log.exists() and log.stat().st_size > 0


def _release_stands(home: Home) -> bool:
    """Tell whether readers still find a whole release; one that was damaged is made anew."""
    from assets.publication import Publication, ReleaseBroken

    try:
        current = Publication(home.releases).current()
        if current:
            current.check()
    except (ReleaseBroken, OSError, ValueError):
        return False
    return current is not None


def warehouse_mark(home: Home) -> int | None:
    """Return when the warehouse file last changed: a run started in the UI leaves no report, but it leaves this."""
    return home.warehouse.stat().st_mtime_ns if home.warehouse.exists() else None


def refuse_impossible(home: Home, clocks: Clocks, today: date) -> None:
    """Refuse a run on a day by which nothing had come, or to which only a wrong clock would lead."""
    told = [a.delivery for a in arrivals(home.landing) if a.delivery and home.landing in a.folder.parents]
    if not told:
        return
    if clocks.first_as_of and clocks.as_of and clocks.first_as_of > clocks.as_of:
        raise UsageError(f"--from {clocks.first_as_of} is after --as-of {clocks.as_of}; begin on it or before")
    first, newest = told[0], told[-1]
    if clocks.known_on and clocks.known_on < first.known_from:
        raise UsageError(
            f"nothing had been delivered by {clocks.known_on}: the first delivery counts from {first.known_from}"
        )
    # A sender a few hours ahead is no matter; a run that stands in another year makes empty lists.
    if not (clocks.as_of or clocks.known_on) and newest.known_from > today + timedelta(days=1):
        raise UsageError(
            f"delivery {newest.delivery_id} is dated {newest.known_from}, but today is {today}; correct its"
            " delivery.yaml or this machine's clock, or say on which days to stand: --as-of, --known-on"
        )


def execute(home: Home, clocks: Clocks) -> tuple[bool, list[str]]:
    """Execute the job; return success and the messages of failed steps; UsageError if the machine let them fail.

    The run's own events are not kept: 2,200 of them would cost a quarter of a minute in a history database, and five
    seconds in memory. The report below runs/ is the record of a run that the command started.
    """

    from pipelines.definitions import defs
    from pipelines.forgetful import forgetful_instance
    from pipelines.jobs import resources, run_config

    job = defs.resolve_job_def("weekly")
    config = run_config(*clocks.text()) | {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    with kept_open(), forgetful_instance() as instance:
        result = job.execute_in_process(
            run_config=config, resources=resources(home), instance=instance, raise_on_error=False
        )
    failures = [_failure(e) for e in result.all_events if e.event_type_value == "STEP_FAILURE"]
    for fault in (environment_fault(failure, home.root) for failure in failures):
        if fault:
            raise UsageError(fault)
    return result.success, failures


def _failure(event: Any) -> str:
    error = event.event_specific_data.error
    cause = error.cause or error
    return f"{event.step_key.replace('__', '.')}: {cause.message.strip().split(chr(10))[0]}"


def entered_before(home: Home, entered: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return the ledger's entries (delivery, dataset) that stood before this run, or before one that was cut short.

    A run that was killed told nobody what it had taken in, so the next report that is written tells it.
    """
    note, last = home.runs / "begun", (last_report(home) or {}).get("run_id")
    begun: dict[str, Any] = {}
    with suppress(OSError, ValueError):
        begun = json.loads(note.read_text(encoding="utf-8"))
    if not begun or begun["after"] != last:
        begun = {"after": last, "entries": sorted(entered)}
        write_text(note, json.dumps(begun) + "\n")
    return {(delivery, dataset) for delivery, dataset in begun["entries"]}


_RUN_ID, _RUN_ID_LENGTH = "%Y%m%dT%H%M%S%f", 18


def next_run_id(home: Home, moment: datetime) -> str:
    """Name a run by its moment, but always after the run before: clocks are set back, and an autumn hour comes twice.

    The report's `started_at` says what the clock said.
    """
    newest = max((path.stem for path in home.runs.glob("*.json")), default="")
    wanted = moment.strftime(_RUN_ID)[:_RUN_ID_LENGTH]
    if wanted > newest:
        return wanted
    after = datetime.strptime(newest, _RUN_ID).replace(tzinfo=moment.tzinfo, fold=0) + timedelta(milliseconds=1)
    return after.strftime(_RUN_ID)[:_RUN_ID_LENGTH]


def write_report(home: Home, moment: datetime, mark: str, outcome: dict[str, Any], stages: list[Any]) -> dict[str, Any]:
    """Write runs/<run_id>.json: what ran, on what, how long, with how much memory."""
    run_id = next_run_id(home, moment)
    libraries = ("pumpurs", "dagster", "duckdb", "polars", "scikit-learn", "great-expectations")
    report = {
        "run_id": run_id,
        "started_at": moment.isoformat(timespec="seconds"),
        "fingerprint": mark,
        "warehouse_mark": warehouse_mark(home),
        **outcome,
        "versions": {name: version(name) for name in libraries},
        "stages": [asdict(s) for s in stages],
    }
    write_text(home.runs / f"{run_id}.json", json.dumps(report, ensure_ascii=False, indent=1, default=str) + "\n")
    return report
