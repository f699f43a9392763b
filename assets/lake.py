"""The lake: accepted rows in immutable Parquet parts, and the day on which a later version replaced a row.

A part is never rewritten. A correction is a row of a newer part; the older row's number goes to raw.superseded with
the day from which the newer one was known. "As known on K" is then the parts known by K less the rows superseded by K.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb

from assets.home import Home
from data_contracts.contract import Contract, delivered, load
from data_contracts.intake import accepted, key_expressions

_TABLES = """
create schema if not exists raw;
create table if not exists raw.intake (
    delivery_id varchar, dataset varchar, source varchar, delivered_on timestamptz, file_name varchar,
    content_sha256 varchar, mode varchar, shape varchar, detected varchar, status varchar, note varchar,
    rows_delivered bigint, rows_stored bigint, rows_quarantined bigint, rows_repeated bigint, rows_withdrawn bigint,
    primary key (delivery_id, dataset));
create table if not exists raw.lake_part (
    part_no integer primary key, delivery_id varchar, dataset varchar, source varchar, shape varchar, mode varchar,
    is_withdrawal boolean, known_from date, delivered_on timestamptz, path varchar, sha256 varchar, rows bigint,
    date_from date, date_to date, scope_schools varchar[], scope_from date, scope_to date);
create table if not exists raw.superseded (
    part_no integer, row_no bigint, known_to date, primary key (part_no, row_no));
create table if not exists raw.waiting (
    delivery_id varchar, dataset varchar, rule varchar, rows bigint, primary key (delivery_id, dataset, rule));
"""


@dataclass(frozen=True)
class Part:
    """One Parquet file of accepted rows, as it will be entered in the lake's register."""

    part_no: int
    delivery_id: str
    dataset: str
    source: str
    shape: str | None
    mode: str
    is_withdrawal: bool
    known_from: date
    delivered_on: datetime
    path: str
    sha256: str
    rows: int
    date_from: date | None
    date_to: date | None
    scope_schools: list[str]
    scope_from: date | None
    scope_to: date | None


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the registers of the raw layer where they are missing."""
    connection.execute(_TABLES)


def date_column(contract: Contract) -> str | None:
    """Name the key column by which parts are told apart in time."""
    return next((n for n in contract.natural_key if contract.column(n).logical == "date"), None)


def next_part(connection: duckdb.DuckDBPyConnection) -> int:
    """Return the next free part number."""
    row = connection.execute("select coalesce(max(part_no), 0) + 1 from raw.lake_part").fetchone()
    return int(row[0]) if row else 1


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a part's bytes, kept beside it and verified on reading."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _scan(paths: list[str], home: Home) -> str:
    listed = ", ".join("'" + str(home.root / p).replace("'", "''") + "'" for p in paths)
    return f"read_parquet([{listed}], file_row_number = true)"


def part_rows(home: Home, paths: list[str]) -> str:
    """Write the relation of some parts' rows, with part_no and file_row_number."""
    return _scan(paths, home)


def supersede(connection: duckdb.DuckDBPyConnection, home: Home, contract: Contract, part: Part) -> int:
    """Register which rows the part replaces, or is replaced by; return how many older rows it withdrew.

    Versions are put in order by the moment of delivery, never by the order of processing.
    """
    others = _overlapping(connection, contract, part)
    if not others:
        return 0
    before = _superseded_before(connection, part)
    _supersede_by_key(connection, home, contract, part, others)
    _supersede_by_scope(connection, home, contract, part)
    return _superseded_before(connection, part) - before if part.is_withdrawal or part.mode == "full" else 0


def _superseded_before(connection: duckdb.DuckDBPyConnection, part: Part) -> int:
    row = connection.execute(
        "select count(*) from raw.superseded join raw.lake_part using (part_no)"
        " where dataset = $dataset and delivered_on <= $moment and part_no <> $part",
        {"dataset": part.dataset, "moment": part.delivered_on, "part": part.part_no},
    ).fetchone()
    return int(row[0]) if row else 0


def _overlapping(connection: duckdb.DuckDBPyConnection, contract: Contract, part: Part) -> list[str]:
    in_time = "(date_from is null or (date_from <= $last and date_to >= $first)) or mode = 'full'"
    always = part.mode == "full" or date_column(contract) is None
    found = connection.execute(
        f"select path from raw.lake_part where dataset = $dataset and part_no <> $part and ($always or {in_time})",
        {
            "dataset": part.dataset,
            "part": part.part_no,
            "always": always,
            "first": part.date_from,
            "last": part.date_to,
        },
    ).fetchall()
    return [row[0] for row in found]


def _supersede_by_key(
    connection: duckdb.DuckDBPyConnection, home: Home, contract: Contract, part: Part, others: list[str]
) -> None:
    keys_of = key_expressions(accepted(contract))
    key = ", ".join(f"{expression} as key_{i}" for i, expression in enumerate(keys_of))
    names = ", ".join(f"key_{i}" for i in range(len(keys_of)))
    connection.execute(
        f"""
        insert into raw.superseded
        with fresh as (select {key}, part_no, file_row_number from {_scan([part.path], home)}),
        older as (select {key}, part_no, file_row_number from {_scan(others, home)}),
        versions as (
            select {names}, part_no, file_row_number from fresh
            union all
            select {names}, part_no, file_row_number from older semi join fresh using ({names})
        ),
        ordered as (
            select versions.part_no, file_row_number, lead(known_from) over (
                partition by {names} order by delivered_on, delivery_id, versions.part_no) as known_to
            from versions join raw.lake_part on lake_part.part_no = versions.part_no
        )
        select part_no, file_row_number, known_to from ordered where known_to is not null
        on conflict do update set known_to = least(superseded.known_to, excluded.known_to)
        """
    )


def _supersede_by_scope(connection: duckdb.DuckDBPyConnection, home: Home, contract: Contract, part: Part) -> None:
    """Apply full deliveries: they replace everything older of their schools and dates."""
    for full in _full_pairs(connection, contract, part):
        connection.execute(
            f"""
            insert into raw.superseded
            select part_no, file_row_number, $known_to from {_scan([full["path"]], home)}
            where {_in_scope(contract)}
            on conflict do update set known_to = least(superseded.known_to, excluded.known_to)
            """,
            {k: full[k] for k in ("known_to", "schools", "first", "last")},
        )


def _in_scope(contract: Contract) -> str:
    dated = date_column(contract)
    school = "school_reg_no" in accepted(contract).column_names
    by_school = "(len($schools) = 0 or school_reg_no in (select unnest($schools)))" if school else "len($schools) >= 0"
    by_date = f"{dated} between coalesce($first, {dated}) and coalesce($last, {dated})" if dated else "true"
    return f"{by_school} and {by_date} and coalesce($first, $last, date '1900-01-01') is not null"


def _full_pairs(connection: duckdb.DuckDBPyConnection, contract: Contract, part: Part) -> list[dict[str, object]]:
    """Pair each full part with the older parts it replaces, where the new part is one of the two."""
    rows = connection.execute(
        """
        select older.path, newer.known_from as known_to, newer.scope_schools as schools,
            newer.scope_from as first, newer.scope_to as last
        from raw.lake_part as newer join raw.lake_part as older on older.dataset = newer.dataset
            and (older.delivered_on, older.delivery_id) < (newer.delivered_on, newer.delivery_id)
        where newer.mode = 'full' and newer.dataset = $dataset
            and $part in (newer.part_no, older.part_no) and newer.source = older.source
        """,
        {"dataset": part.dataset, "part": part.part_no},
    )
    names = [d[0] for d in rows.description or []]
    return [dict(zip(names, row, strict=True)) for row in rows.fetchall()]


def expose(connection: duckdb.DuckDBPyConnection, home: Home, key: str, known_on: date) -> None:
    """Make raw.<dataset> the view of the rows as known on a date."""
    connection.execute(f"create or replace view {key} as {_view(connection, home, accepted(load(key)), known_on)}")


def _view(connection: duckdb.DuckDBPyConnection, home: Home, contract: Contract, known_on: date) -> str:
    columns = ", ".join(f"part.{n}" for n in contract.column_names)
    about = "lake_part.source, lake_part.shape, lake_part.delivery_id, lake_part.known_from"
    paths = connection.execute(
        "select path from raw.lake_part where dataset = $dataset and known_from <= $known_on and not is_withdrawal"
        " and rows > 0 order by part_no",
        {"dataset": contract.name, "known_on": known_on},
    ).fetchall()
    if not paths:
        return _empty_view(contract)
    return (
        f"select {columns}, {about} from {_scan([p[0] for p in paths], home)} as part"
        f" join raw.lake_part on lake_part.part_no = part.part_no"
        f" anti join (select part_no, row_no from raw.superseded where known_to <= date '{known_on}') as gone"
        f" on gone.part_no = part.part_no and gone.row_no = part.file_row_number"
    )


def _empty_view(contract: Contract) -> str:
    columns = ", ".join(f"null::{c.type} as {c.name}" for c in contract.columns)
    about = "null::varchar as source, null::varchar as shape, null::varchar as delivery_id, null::date as known_from"
    return f"select {columns}, {about} where false"


def expose_all(connection: duckdb.DuckDBPyConnection, home: Home, known_on: date) -> None:
    """Make every raw view stand on the same date."""
    for key in delivered():
        expose(connection, home, key, known_on)
