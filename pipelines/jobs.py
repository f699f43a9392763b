"""One job, four ways to start it: launchpad, command, Monday morning, a new delivery."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg

from assets.contracted import asset_key
from assets.home import Home
from assets.landing import folders
from assets.release import Site
from assets.stand import Stand
from assets.supporting import ON_DEMAND
from assets.warehouse import Warehouse
from pipelines.settings import settings
from pipelines.weekly import only_run

# Whether support helped is asked a few times a year, and no list or publication needs the answer.
everything = dg.AssetSelection.all() - dg.AssetSelection.assets(*map(asset_key, ON_DEMAND))

weekly = dg.define_asset_job(
    "weekly",
    selection=everything,
    description="Every new delivery through raw, core, risk and listed to a release. Clocks: the resource `stand`.",
    executor_def=dg.in_process_executor,
)


def run_config(as_of: str = "", known_on: str = "", first_as_of: str = "") -> dict[str, Any]:
    """Return the run configuration that sets the clocks, and the first day of a backfill."""
    clocks = {"as_of": as_of, "known_on": known_on, "first_as_of": first_as_of}
    return {"resources": {"stand": {"config": clocks}}}


def _warehouse(home: Home) -> Warehouse:
    chosen = settings()
    return Warehouse(home, chosen.memory_limit, chosen.threads)


@dg.resource(description="The warehouse of the home folder, held for one run: a second one is refused.")
def held_warehouse(_: dg.InitResourceContext) -> Iterator[Warehouse]:
    """Give the warehouse under the run's lock, so that the UI and the command exclude each other."""
    home = settings().home_folder()
    with only_run(home):
        yield _warehouse(home)


def resources(home: Home | None = None) -> dict[str, Any]:
    """Return the resources of a home folder whose lock is held, or of the one that the environment names."""
    warehouse = _warehouse(home) if home else held_warehouse
    return {"warehouse": warehouse, "stand": Stand.configure_at_launch(), "site": site()}


def site() -> Site:
    """Return who writes the pages, and what their foot says."""
    return Site(write_site, settings().funding)


def write_site(release: Path) -> None:
    """Write the municipal pages into a release folder."""
    # The pages' libraries are needed only when a release is written, not each time the code location loads.
    from dashboards.municipal import write_site

    write_site(release, settings().boundaries)


@dg.schedule(cron_schedule="0 6 * * 1", job=weekly, execution_timezone="Europe/Riga")
def monday_morning(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """Stand on the Monday of the tick: lists are ready when the support teams meet."""
    day = context.scheduled_execution_time.date().isoformat()
    return dg.RunRequest(run_key=day, run_config=run_config(as_of=day, known_on=day))


@dg.sensor(job=weekly, minimum_interval_seconds=60)
def new_delivery(context: dg.SensorEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Start the job when a delivery folder is complete that was not there at the last look."""
    present = _present(settings().home_folder())
    seen = set((context.cursor or "").split("\n"))
    fresh = [name for name in present if name not in seen]
    if not fresh:
        yield dg.SkipReason("no new delivery")
        return
    context.update_cursor("\n".join(present))
    # The same set of deliveries asks for the same run, however often the sensor looks.
    yield dg.RunRequest(run_key=hashlib.sha256("\n".join(present).encode()).hexdigest(), run_config=run_config())


def _present(home: Home) -> list[str]:
    delivered = (folder for folder in folders(home.landing) if home.landing in folder.parents)
    return sorted(f"{folder.parent.name}/{folder.name}" for folder in delivered)


jobs = [weekly]
schedules = [monday_morning]
sensors = [new_delivery]
