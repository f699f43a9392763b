"""The raw layer's registers as known on a day, for a replay: parts, superseded rows, the ledger, what waited then."""

from pathlib import Path

import duckdb

from assets.cleared import clear_corrected
from assets.home import Home
from assets.intake import intake_of
from assets.parts import quoted
from assets.stand import Days
from assets.told import tell_weeks
from assets.views import stand_on
from assets.warehouse import Warehouse
from data_contracts.contract import delivered, load

# A row that was accepted after the day waited on it: that is known. By which rule it waited is not written down.
WAITED = "reference_known"
_TABLES = ("lake_part", "superseded", "intake", "waiting", "part_week")

# What a replay must not bring back, such as ended roles, is always as it is now.
_THEN = """
    create schema raw;
    create table raw.lake_part as
        select * from told_lake_part where known_from <= $day or list_contains($newest, dataset);
    create table raw.superseded as
        select superseded.* from told_superseded as superseded join raw.lake_part using (part_no)
        where known_to <= $day or list_contains($newest, dataset);
    create temp table later as
        select delivery_id, dataset, sum(rows)::bigint as rows from told_lake_part
        where known_from > $day and not list_contains($newest, dataset) group by delivery_id, dataset;
    create table raw.intake as
        select intake.* replace (
            intake.rows_stored - coalesce(later.rows, 0) as rows_stored,
            intake.rows_quarantined + coalesce(later.rows, 0) as rows_quarantined,
            case when later.rows is null then status when rows_stored > later.rows then 'partly accepted'
                else 'quarantined' end as status
        )
        from told_intake as intake left join later using (delivery_id, dataset)
        where (delivered_on at time zone 'Europe/Riga')::date <= $day;
    create table raw.waiting as
        select waiting.* from told_waiting as waiting semi join raw.intake using (delivery_id, dataset)
        union all
        select delivery_id, dataset, $waited, rows from later semi join raw.intake using (delivery_id, dataset);
    create table raw.part_week as
        select part_week.* from told_part_week as part_week semi join raw.lake_part using (part_no);
"""


def copy_registers(warehouse: Warehouse, aside: Warehouse, days: Days) -> None:
    """Copy the registers, less what was not known then, and stand every raw view on the day.

    By way of files: one process cannot open the warehouse twice, and a run that writes it is waited for.
    """
    files = {name: aside.home.scratch / f"{name}.parquet" for name in _TABLES}
    with warehouse.connect(read_only=True) as connection:
        for name, file in files.items():
            connection.execute(f"copy (select * from raw.{name}) to '{quoted(file)}' (format parquet)")
    with aside.connect() as connection:
        _fill(connection, files, days)
        _count_anew(connection, aside.home)
        stand_on(connection, aside.home, days.known_on)
        tell_weeks(connection, aside.home, days.known_on)
    aside.build("raw.delivery")


def _fill(connection: duckdb.DuckDBPyConnection, files: dict[str, Path], days: Days) -> None:
    for name, file in files.items():
        connection.execute(f"create temp view told_{name} as select * from read_parquet('{quoted(file)}')")
    newest = [key.split(".")[1] for key in delivered() if load(key).setting("isAlwaysNewest")]
    values = {"day": days.known_on, "newest": newest, "waited": WAITED}
    for statement in _THEN.split(";\n"):
        if statement.strip():
            used = {name: value for name, value in values.items() if f"${name}" in statement}
            connection.execute(statement, used)


def _count_anew(connection: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Count which rows were withdrawn and which of the waiting ones were corrected by the deliveries known then."""
    waiting = {row[0] for row in connection.execute("select distinct dataset from raw.waiting").fetchall()}
    for key in delivered():
        intake = intake_of(connection, home, key)
        intake.ledger.count_withdrawn()
        if intake.contract.name in waiting:
            intake.know_references()
            clear_corrected(intake)
