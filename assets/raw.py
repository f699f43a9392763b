"""As delivered: every dataset of every delivery, judged row by row, and the ledger of what became of it."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import dagster as dg
import duckdb

from assets import lake
from assets.contracted import arguments, kept
from assets.home import Home
from assets.intake import Intake, Taken, intake_of
from assets.landing import Arrived, arrivals, content_sha256, newest_delivery
from assets.quarantine import write_reports
from assets.stage import stage
from assets.stand import Stand
from assets.warehouse import Built, PromiseBroken, Warehouse
from data_contracts.contract import Contract, load
from data_contracts.contract import delivered as delivered_keys
from data_contracts.expectations import judge
from data_contracts.intake import accepted
from data_contracts.profile import profile_query
from models.delivery import Delivery

EVER = date(9999, 12, 31)
DELIVERED = delivered_keys()


def referenced(contract: Contract) -> list[str]:
    """Name the raw tables whose values the contract refers to."""
    return sorted({c.references.table for c in contract.columns if c.references})


def _know_references(connection: duckdb.DuckDBPyConnection, home: Home, contract: Contract) -> None:
    """Put the values that references may point to beside the intake, whenever they were delivered."""
    for key in sorted({*referenced(contract), "raw.pupil"}):
        name = key.split(".")[1]
        lake.expose(connection, home, key, EVER)
        connection.execute(f"create or replace temp table known_{name} as select distinct * from {key}")


def _untaken(intake: Intake, arrived: Iterable[Arrived]) -> Iterable[tuple[Delivery, Arrived]]:
    dataset = intake.contract.name
    rows = intake.connection.execute("select delivery_id from raw.intake where dataset = ?", [dataset]).fetchall()
    taken = {row[0] for row in rows}
    return [
        (a.delivery, a) for a in arrived if a.delivery and dataset in a.files and a.delivery.delivery_id not in taken
    ]


def _is_duplicate(intake: Intake, arrived: Arrived) -> str | None:
    """Name the delivery that already brought the same bytes for this dataset."""
    digest = content_sha256(arrived.files[intake.contract.name])
    row = intake.connection.execute(
        "select delivery_id from raw.intake where dataset = ? and content_sha256 = ? and status <> 'duplicate'",
        [intake.contract.name, digest],
    ).fetchone()
    return row[0] if row else None


def take_new(intake: Intake, arrived: Iterable[Arrived]) -> list[Taken]:
    """Take in every file of the dataset that the ledger does not know yet, in the order of delivery."""
    taken = []
    for delivery, folder in _untaken(intake, arrived):
        path = folder.files[intake.contract.name]
        twin = _is_duplicate(intake, folder)
        taken.append(intake.skip(delivery, path, twin) if twin else intake.take(delivery, path))
    return taken


def retry_waiting(intake: Intake, arrived: Iterable[Arrived], known_from: date) -> list[Taken]:
    """Judge quarantined rows again whose reason was something unknown that may have arrived since."""
    rows = intake.connection.execute(
        "select distinct delivery_id from raw.waiting where dataset = ? and rule like '%\\_known' escape '\\'",
        [intake.contract.name],
    ).fetchall()
    waiting = {row[0] for row in rows}
    found = [a.delivery for a in arrived if a.delivery and a.delivery.delivery_id in waiting]
    again = [intake.retry(d, max(d.known_from, known_from)) for d in found]
    return [taken for taken in again if taken and taken.rows_stored]


def _prove(connection: duckdb.DuckDBPyConnection, warehouse: Warehouse, key: str, taken: list[Taken]) -> Built:
    """Check the rows just accepted against the contract: what the door let through must keep every promise."""
    contract = accepted(load(key))
    paths = [t.part for t in taken if t.part and t.rows_stored]
    view = lake.part_rows(warehouse.home, paths) if paths else f"(select * from {key} limit 0)"
    result = connection.execute(profile_query(contract, view, repeated_keys=0))
    profile = dict(zip([d[0] for d in result.description or []], result.fetchone() or (), strict=True))
    verdicts = judge(contract, profile)
    if not all(v.passed for v in verdicts):
        raise PromiseBroken(key, verdicts)
    return Built(key, int(profile["row_count"]), verdicts)


def take_in(warehouse: Warehouse, key: str) -> Built:
    """Take in all new deliveries of a dataset and prove the accepted rows."""
    with stage(key) as measured, warehouse.connect() as connection:
        intake = intake_of(connection, warehouse.home, key)
        _know_references(connection, warehouse.home, intake.contract)
        arrived = list(arrivals(warehouse.home.landing))
        newest = max((a.delivery.known_from for a in arrived if a.delivery), default=EVER)
        taken = retry_waiting(intake, arrived, newest) + take_new(intake, arrived)
        lake.expose(connection, warehouse.home, key, EVER)
        built = _prove(connection, warehouse, key, taken)
        measured.rows = sum(t.rows_delivered for t in taken)
    return built


def delivered(key: str) -> dg.AssetsDefinition:
    """Define the asset of a delivered dataset."""
    contract = load(key)

    @dg.asset(
        **arguments(key, [r for r in referenced(contract) if r != key], {"parquet", "duckdb"}, accepted(contract))
    )
    def taken_in(warehouse: dg.ResourceParam[Warehouse]) -> Iterable[Any]:
        yield from kept(lambda: take_in(warehouse, key))

    return taken_in


attendance_code = delivered("raw.attendance_code")
exit_status_code = delivered("raw.exit_status_code")
municipality = delivered("raw.municipality")
institution = delivered("raw.institution")
calendar_day = delivered("raw.calendar_day")
pupil = delivered("raw.pupil")
enrolment = delivered("raw.enrolment")
lesson = delivered("raw.lesson")
attendance = delivered("raw.attendance")
mark = delivered("raw.mark")
period_mark = delivered("raw.period_mark")
support_plan = delivered("raw.support_plan")
support_measure = delivered("raw.support_measure")
staff_support = delivered("raw.staff_support")
consultation_request = delivered("raw.consultation_request")
role_assignment = delivered("raw.role_assignment")


def close_intake(warehouse: Warehouse, known_on: date) -> Built:
    """Build the ledger, write the reports to the senders, and let every raw view stand on the same day."""
    built = warehouse.build("raw.delivery")
    with warehouse.connect() as connection:
        lake.expose_all(connection, warehouse.home, known_on)
        write_reports(connection, warehouse.home)
    return built


@dg.asset(**arguments("raw.delivery", DELIVERED, {"duckdb", "sql"}))
def delivery(warehouse: dg.ResourceParam[Warehouse], stand: Stand) -> Iterable[Any]:
    """Close the intake: the ledger, exact to the row."""
    known_on = stand.days(newest_delivery(warehouse.home.landing)).known_on
    yield from kept(lambda: close_intake(warehouse, known_on))
