"""The lake: accepted rows in immutable Parquet parts, and the day on which a later version replaced a row.

A part is never rewritten. A correction is a row of a newer part; the older row's number goes to raw.superseded with
the day from which the newer one was known. "As known on K" is then the parts known by K less the rows superseded by K.
Versions are put in order by the moment of delivery, never by the order of processing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path

import duckdb

from assets.home import Home, swap_in
from assets.landing import content_sha256
from assets.manifest import verify, verify_parts
from assets.opened import globbed
from assets.parts import quoted, scan
from data_contracts.contract import Contract, Reference, delivered, load
from data_contracts.intake import accepted, known_columns
from models.delivery import DatasetNote, Delivery

SCHOOL = "school_reg_no"
EVER = date(9999, 12, 31)
# What a view adds to the columns of the contract: who delivered the row, as what, since when, and its place in order.
ABOUT = {
    "source": "varchar", "shape": "varchar", "delivery_id": "varchar", "known_from": "date", "version": "varchar",
}  # fmt: skip


@dataclass(frozen=True)
class Part:
    """One Parquet file of accepted rows, as it is entered in the lake's register."""

    part_no: int
    delivery_id: str
    dataset: str
    source: str
    shape: str | None
    mode: str
    is_withdrawal: bool
    known_from: date
    version: str
    path: str
    sha256: str
    rows: int
    date_from: date | None
    date_to: date | None
    school_from: str | None
    school_to: str | None
    scope_schools: list[str]
    scope_from: date | None
    scope_to: date | None
    corrects: list[str] | None

    @property
    def folder(self) -> str:
        """Return the name by which a later delivery of the sender may say that it corrects this one."""
        return self.delivery_id.removeprefix(f"{self.source}.")


def date_column(contract: Contract) -> str | None:
    """Name the key column by which parts are told apart in time."""
    return next((n for n in contract.natural_key if contract.column(n).logical == "date"), None)


def _bounds(*columns: str | None) -> list[tuple[str | None, str]]:
    return [(column, bound) for column in columns for bound in ("min", "max")]


@dataclass(frozen=True)
class Lake:
    """The parts of one delivered dataset."""

    connection: duckdb.DuckDBPyConnection
    home: Home
    contract: Contract

    def write(self, delivery: Delivery, note: DatasetNote, rows: str, known_from: date, order: str = "") -> Part:
        """Write a query's rows as the next part, ordered by a column if asked; it counts when it is registered."""
        number = self.newest() + 1
        relative = f"lake/{self.contract.name}/{delivery.delivery_id}.{number}.parquet"
        final = self.home.root / relative
        final.parent.mkdir(parents=True, exist_ok=True)
        temporary = final.with_name(f".{final.name}.part")
        columns, by = ", ".join(accepted(self.contract).column_names), f" order by {order}" if order else ""
        self.connection.execute(
            f"copy (select {columns}, {number}::integer as part_no from ({rows}) as good{by})"
            f" to '{quoted(temporary)}'"
            " (format parquet, compression zstd, compression_level 1)"
        )
        swap_in(temporary, final)
        count, first, last, lowest, highest = self._extent(final)
        return Part(
            part_no=number,
            delivery_id=delivery.delivery_id,
            dataset=self.contract.name,
            source=delivery.source,
            shape=note.shape,
            mode=note.mode,
            is_withdrawal=note.deleted,
            known_from=known_from,
            version=delivery.version,
            path=relative,
            sha256=content_sha256(final),
            rows=count,
            date_from=first,
            date_to=last,
            school_from=lowest,
            school_to=highest,
            scope_schools=list(note.schools),
            scope_from=note.date_from,
            scope_to=note.date_to,
            corrects=list(note.corrects),
        )

    def newest(self, datasets: Iterable[str] | None = None) -> int:
        """Return the number of the newest part of some datasets, or of any; 0 if there is none."""
        of_them = "true" if datasets is None else "list_contains($datasets, dataset)"
        query = f"select coalesce(max(part_no), 0) from raw.lake_part where {of_them}"
        values = {} if datasets is None else {"datasets": list(datasets)}
        return int(self.connection.execute(query, values).fetchall()[0][0])

    def _extent(self, path: Path) -> tuple[int, date | None, date | None, str | None, str | None]:
        """Count the rows; tell the first and last day and school of the key, unless one may be empty there."""
        dated, school = date_column(self.contract), SCHOOL if SCHOOL in self.contract.natural_key else None
        bounds = [
            f"case when count({c}) = count(*) then {f}({c}) end" if c else "null" for c, f in _bounds(dated, school)
        ]
        query = f"select count(*), {', '.join(bounds)} from read_parquet('{globbed(path)}', hive_partitioning = false)"
        return self.connection.execute(query).fetchall()[0]

    def has_earlier(self, part: Part, datasets: list[str]) -> bool:
        """Tell whether a part of some datasets was taken in after this one, but known before it."""
        rows = self.connection.execute(
            "select 1 from raw.lake_part where list_contains($datasets, dataset) and part_no > $number"
            " and known_from < $day limit 1",
            {"datasets": datasets, "number": part.part_no, "day": part.known_from},
        ).fetchall()
        return bool(rows)

    def discard(self, part: Part) -> None:
        """Delete the file of a part that will not be registered, or no longer is."""
        (self.home.root / part.path).unlink(missing_ok=True)

    def parts(self, condition: str = "true", **values: object) -> list[Part]:
        """Read the register's parts of the dataset that meet a condition, in order of their numbers."""
        names = ", ".join(field.name for field in fields(Part))
        rows = self.connection.execute(
            f"select {names} from raw.lake_part where dataset = $dataset and ({condition}) order by part_no",
            {"dataset": self.contract.name, **values},
        ).fetchall()
        return [Part(*row) for row in rows]


def know(connection: duckdb.DuckDBPyConnection, home: Home, reference: Reference, name: str) -> None:
    """Make a session table of all values of a reference that ever were accepted, each with the day it was first known.

    What was withdrawn later stays known, so that it does not matter in which order deliveries are taken in.
    """
    columns = known_columns(reference)
    parts = connection.execute(
        "select path, sha256 from raw.lake_part where dataset = $dataset and not is_withdrawal and rows > 0"
        " order by part_no",
        {"dataset": reference.table.split(".")[1]},
    ).fetchall()
    verify(home, parts)
    rows = f"select *, null::date as known_from from ({empty(accepted(load(reference.table)))}) as none"
    if parts:
        told = scan(home, [row[0] for row in parts])
        rows = f"select part.*, known_from from {told} as part join raw.lake_part on lake_part.part_no = part.part_no"
    shown = ", ".join(columns)
    connection.execute(
        f"create or replace temp table {name} as select {shown}, min(known_from) as since from ({rows}) as every"
        f" group by {shown}"
    )


def paths_known(
    connection: duckdb.DuckDBPyConnection, dataset: str, known_on: date, condition: str = "true"
) -> list[str]:
    """List the files of a dataset's parts that were known by a day and meet a condition, in order of their numbers."""
    rows = connection.execute(
        f"select path from raw.lake_part where dataset = $dataset and known_from <= $known_on and rows > 0"
        f" and {condition} order by part_no",
        {"dataset": dataset, "known_on": known_on},
    ).fetchall()
    return [row[0] for row in rows]


def expose(connection: duckdb.DuckDBPyConnection, home: Home, key: str, known_on: date) -> None:
    """Make raw.<dataset> the view of the rows as known on a date."""
    connection.execute(f"create or replace view {key} as {_view(connection, home, accepted(load(key)), known_on)}")


def _view(connection: duckdb.DuckDBPyConnection, home: Home, contract: Contract, known_on: date) -> str:
    paths = paths_known(connection, contract.name, known_on, "not is_withdrawal")
    if not paths:
        told = ", ".join(f"null::{kind} as {name}" for name, kind in ABOUT.items())
        return f"select none.*, {told} from ({empty(contract)}) as none"
    return _standing(contract, scan(home, paths), f"({_gone(known_on)})")


def _gone(known_on: date) -> str:
    return (
        f"select part_no, row_no from raw.superseded where known_to <= date '{known_on}'"
        " union all select part_no, row_no from raw.merged"
    )


def _standing(contract: Contract, scanned: str, gone: str) -> str:
    about = ", ".join(f"lake_part.{name}" for name in ABOUT)
    columns = ", ".join(f"part.{n}" for n in contract.column_names)
    return (
        f"select {columns}, {about} from {scanned} as part join raw.lake_part on lake_part.part_no = part.part_no"
        f" anti join {gone} as gone on gone.part_no = part.part_no and gone.row_no = part.file_row_number"
    )


def rows_told_of(connection: duckdb.DuckDBPyConnection, home: Home, key: str, weeks: str) -> str:
    """Write the query of a raw view's rows that lie in some weeks (and of others): only the parts that tell of them.

    Neither the files of other weeks are opened nor their superseded rows remembered, however many years there are.
    """
    contract = accepted(load(key))
    # A part that came after the intake was closed, by hand in the UI, is told of nowhere yet.
    untold = connection.execute(
        "select count(*) from raw.lake_part where dataset = $dataset and not is_withdrawal and rows > 0"
        " and part_no not in (select part_no from raw.part_week)",
        {"dataset": contract.name},
    ).fetchall()
    if untold[0][0]:
        return f"select * from {key}"
    parts = connection.execute(
        "select part_no, path from raw.lake_part where part_no in (select part_no from raw.known_part) and part_no in"
        f" (select part_no from raw.part_week where dataset = $dataset and {weeks}) order by part_no",
        {"dataset": contract.name},
    ).fetchall()
    if not parts:
        return f"select * from {key} limit 0"
    numbers = ", ".join(str(part_no) for part_no, _ in parts)
    gone = f"(select part_no, row_no from raw.gone where part_no in ({numbers}))"
    return _standing(contract, scan(home, [path for _, path in parts]), gone)


def empty(contract: Contract) -> str:
    """Write the query of no rows with a contract's columns."""
    columns = ", ".join(f"null::{c.type} as {c.name}" for c in contract.columns)
    return f"select {columns} where false"


def expose_all(connection: duckdb.DuckDBPyConnection, home: Home, known_on: date) -> None:
    """Make every raw view stand on the same date, but for what a replay must not bring back, such as ended roles.

    Whoever reads a view reads parts whose bytes were compared with the register just before.
    """
    verify_parts(connection, home)
    connection.execute(f"create or replace view raw.gone as {_gone(known_on)}")
    for key in delivered():
        expose(connection, home, key, EVER if load(key).setting("isAlwaysNewest") else known_on)
