"""Choosing many weeks in Dagster, or saying --from, is one run that makes the list of each of them."""

from datetime import date, timedelta

import dagster as dg
import pytest
from typer.testing import CliRunner

from assets.home import Home
from assets.risk import MONDAYS
from assets.risk import stand as stand_asset
from assets.warehouse import Warehouse
from pipelines.cli import app
from pipelines.definitions import defs
from pipelines.errors import UsageError
from pipelines.jobs import resources, run_config
from pipelines.weekly import Clocks, fingerprint, refuse_impossible
from tests.assets.kit import Country
from tests.faults.world import deliver_first

FIRST, LAST = date(2024, 9, 16), date(2024, 10, 7)
WEEKS = [FIRST + n * timedelta(days=7) for n in range(4)]
RANGE = {"dagster/asset_partition_range_start": str(FIRST), "dagster/asset_partition_range_end": str(LAST)}


@pytest.fixture
def delivered(home: Home) -> Home:
    deliver_first(Country(home))
    return home


def days(home: Home, table: str, condition: str = "true") -> list[date]:
    return (
        Warehouse(home).query(f"select distinct as_of from {table} where {condition} order by as_of")["as_of"].to_list()
    )


def execute(home: Home, **how: object) -> dg.ExecuteInProcessResult:
    job = defs.resolve_job_def("weekly")
    with dg.DagsterInstance.ephemeral() as instance:
        return job.execute_in_process(resources=resources(home), instance=instance, **how)


def test_a_range_of_mondays_is_one_run_over_all_of_them(delivered: Home):
    assert execute(delivered, tags=RANGE, run_config=run_config(known_on="2024-10-03")).success
    assert days(delivered, "risk.as_of_date", "is_listed") == WEEKS
    assert days(delivered, "listed.school_week_coverage") == WEEKS
    assert days(delivered, "listed.attention_list")[-1] == LAST
    assert Warehouse(delivered).query("select known_on from risk.stand")["known_on"].to_list() == [date(2024, 10, 3)]


def test_a_backfill_of_many_weeks_is_asked_for_as_one_run():
    assert stand_asset.backfill_policy == dg.BackfillPolicy.single_run()
    assert {FIRST, LAST} <= {date.fromisoformat(key) for key in MONDAYS.get_partition_keys()}
    assert all(date.fromisoformat(key).weekday() == 0 for key in MONDAYS.get_partition_keys())


@pytest.mark.slow
def test_the_command_makes_the_lists_since_a_day_and_is_no_news_the_second_time(delivered: Home):
    words = ["run", "--home", str(delivered.root), "--from", "2024-09-12", "--as-of", str(LAST)]
    env = {"PUMPURS_SECRETS": str(delivered.secrets)}
    first = CliRunner().invoke(app, words, env=env)
    assert "Backfill: lists of 4 weeks since 2024-09-16." in first.stdout, first.output
    assert days(delivered, "listed.school_week_coverage") == WEEKS
    assert "Nothing new" in CliRunner().invoke(app, words, env=env).stdout


def test_the_first_day_is_part_of_what_a_run_depends_on(home: Home):
    asked = [Clocks(LAST, None), Clocks(LAST, None, FIRST), Clocks(LAST, None, LAST)]
    assert len({fingerprint(home, clocks) for clocks in asked}) == 3


def test_a_first_day_after_the_last_is_refused_with_the_next_step(delivered: Home):
    with pytest.raises(UsageError, match="--from 2024-10-08 is after --as-of 2024-10-07; begin on it or before"):
        refuse_impossible(delivered, Clocks(LAST, None, date(2024, 10, 8)), LAST)
