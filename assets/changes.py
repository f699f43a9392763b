"""What later deliveries changed about a list: which of their rows touch a pupil, and from which day it told otherwise.

A row touches a pupil who is on it; a row without pupils (a lesson register, a calendar, a code map) touches the pupils
of its school and class. Only rows on days that the list could see count.
"""

from dataclasses import dataclass
from datetime import date

import duckdb
import polars as pl

from assets.contracted import upstream
from assets.lake import date_column, empty
from assets.parts import scan
from assets.replay import LIST, needed
from assets.warehouse import Warehouse
from data_contracts.contract import Contract, load
from data_contracts.intake import accepted

_FRESH = """
    select * from raw.lake_part
    where (part_no > $newest_part or known_from > $known_on) and known_from <= $known_now
    order by version, part_no
"""
_DELIVERY = {"version": pl.String, "delivery_id": pl.String, "known_from": pl.Date}
# How to find the files of the rows that came, and of those that a fresh delivery ended, and how to tell such rows.
_SIDES = {
    "came": (
        "select path from fresh where rows > 0 and not is_withdrawal order by path",
        "join fresh using (part_no)",
    ),
    "went": (
        "select distinct part.path from raw.lake_part as part join raw.superseded using (part_no)"
        " join fresh on fresh.version = ended_by"
        " where part.dataset = fresh.dataset and not part.is_withdrawal order by part.path",
        "join raw.superseded as gone on gone.part_no = part.part_no and gone.row_no = part.file_row_number"
        " join (select version, delivery_id, min(known_from) as known_from from fresh group by version, delivery_id)"
        " as fresh on fresh.version = gone.ended_by",
    ),
}


@dataclass(frozen=True)
class Span:
    """From what a list was made to what is known now: the list's day, its knowledge, the newest part then, and now."""

    as_of: date
    known_on: date
    newest_part: int
    known_now: date


def datasets() -> list[str]:
    """Name the delivered tables from which reasons are made; a plan is no reason."""
    built = (key for key in needed(LIST) if load(key).setting("builtBy", "query") == "query")
    read = {table for key in built for table in upstream(key) if table.startswith("raw.")}
    return sorted(read - {"raw.delivery", "raw.support_plan"})


def fresh_parts(warehouse: Warehouse, span: Span) -> pl.DataFrame:
    """Read the register of the parts that count now and did not count for the list, in order of delivery."""
    return warehouse.query(_FRESH, {n: getattr(span, n) for n in ("newest_part", "known_on", "known_now")})


def touches(warehouse: Warehouse, changed: pl.DataFrame, span: Span) -> pl.DataFrame:
    """Count by pupil, delivery and dataset the rows that came or went since the list and may have changed its entry.

    changed: pupil_key, and school_reg_no and class_label `_then` and `_now`.
    """
    fresh = fresh_parts(warehouse, span)
    with warehouse.connect(read_only=True) as connection:
        connection.register("changed", changed)
        found = []
        for contract in (accepted(load(key)) for key in datasets()):
            connection.register("fresh", fresh.filter(pl.col("dataset") == contract.name))
            found.append(_touching(connection, warehouse, contract, span))
    none = pl.DataFrame(schema={"pupil_key": pl.String, **_DELIVERY, "dataset": pl.String, "rows": pl.Int64})
    return pl.concat([none, *(rows for rows in found if rows.height)]).sort("pupil_key", "version", "dataset")


def _touching(
    connection: duckdb.DuckDBPyConnection, warehouse: Warehouse, contract: Contract, span: Span
) -> pl.DataFrame:
    """Count the rows of a dataset that came or went; one that came back, even with another name, does not count."""
    columns = ", ".join(f"part.{name}" for name in contract.column_names)
    said = ", ".join(f"part.{name}" for name in contract.column_names if not name.startswith("name"))
    told = f"{columns}, hash({said}) as said, fresh.version, fresh.delivery_id, fresh.known_from"
    sides = {}
    for side, (paths, joined) in _SIDES.items():
        files = [row[0] for row in connection.execute(paths).fetchall()]
        nothing = f"select {columns}, null::ubigint as said, null as version, null as delivery_id, null as known_from"
        scanned = scan(warehouse.home, files) if files else f"({empty(contract)}) as part"
        sides[side] = f"select {told} from {scanned} as part {joined}" if files else f"{nothing} from {scanned}"
    return connection.sql(
        f"""
        with came as ({sides["came"]}), went as ({sides["went"]}),
        told as (
            select * from came anti join went using (said) union all select * from went anti join came using (said)
        )
        select changed.pupil_key, told.version, told.delivery_id, told.known_from, '{contract.name}' as dataset,
            count(*) as rows
        from told join changed on {_touch(contract, span.as_of)}
        group by changed.pupil_key, told.version, told.delivery_id, told.known_from
        """
    ).pl()


def _touch(contract: Contract, as_of: date) -> str:
    """Write the condition that a row told of the pupil, or of the pupil's school and class, on a day it could see."""
    names, dated = contract.column_names, date_column(contract)
    # A lesson or mark of the day itself is not used; who is enrolled on that day is.
    until = "<" if dated in ("lesson_date", "mark_date") else "<="
    limits = [f"(told.{dated} is null or told.{dated} {until} date '{as_of}')"] if dated else []
    if "pupil_key" in names:
        limits.append("told.pupil_key = changed.pupil_key")
    elif "school_reg_no" in names:
        schools = "changed.school_reg_no_then, changed.school_reg_no_now"
        limits.append(f"(coalesce(told.school_reg_no, '*') = '*' or told.school_reg_no in ({schools}))")
    if "group_label" in names:
        limits.append("(told.group_label is null or told.group_label in (class_label_then, class_label_now))")
    return " and ".join(limits) or "true"
