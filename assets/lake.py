"""The lake: accepted rows in immutable Parquet parts, and the day on which a later version replaced a row.

A part is never rewritten. A correction is a row of a newer part; the older row's number goes to raw.superseded with
the day from which the newer one was known. "As known on K" is then the parts known by K less the rows superseded by K.
Versions are put in order by the moment of delivery, never by the order of processing.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path

import duckdb

from assets.home import Home, swap_in
from assets.ledger import insert
from data_contracts.contract import Contract, Reference, delivered, load
from data_contracts.intake import accepted, key_expressions, known_columns
from data_contracts.rules import literal
from models.delivery import DatasetNote, Delivery

_KEEP_EARLIEST = """
    on conflict do update set known_to = excluded.known_to, ended_by = excluded.ended_by
    where excluded.known_to < superseded.known_to
        or (excluded.known_to = superseded.known_to and excluded.ended_by < superseded.ended_by)
"""

EVER = date(9999, 12, 31)


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
    scope_schools: list[str]
    scope_from: date | None
    scope_to: date | None


def quoted(path: Path) -> str:
    """Write a path so that it can stand between quotes in SQL."""
    return str(path).replace("'", "''")


def scan(home: Home, paths: Iterable[str]) -> str:
    """Write the relation of some parts' rows, with part_no and file_row_number."""
    listed = ", ".join(f"'{quoted(home.root / path)}'" for path in paths)
    return f"read_parquet([{listed}], file_row_number = true)"


def date_column(contract: Contract) -> str | None:
    """Name the key column by which parts are told apart in time."""
    return next((n for n in contract.natural_key if contract.column(n).logical == "date"), None)


@dataclass(frozen=True)
class Lake:
    """The parts of one delivered dataset."""

    connection: duckdb.DuckDBPyConnection
    home: Home
    contract: Contract

    def write(self, delivery: Delivery, note: DatasetNote, rows: str, known_from: date) -> Part:
        """Write a query's rows as the next part; it is not of the lake before it is registered."""
        number = self.newest() + 1
        relative = f"lake/{self.contract.name}/{delivery.delivery_id}.{number}.parquet"
        final = self.home.root / relative
        final.parent.mkdir(parents=True, exist_ok=True)
        temporary = final.with_name(f".{final.name}.part")
        columns = ", ".join(accepted(self.contract).column_names)
        self.connection.execute(
            f"copy (select {columns}, {number}::integer as part_no from ({rows}) as good) to '{quoted(temporary)}'"
            " (format parquet, compression zstd, compression_level 1)"
        )
        swap_in(temporary, final)
        count, first, last = self._extent(final)
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
            sha256=_sha256(final),
            rows=count,
            date_from=first,
            date_to=last,
            scope_schools=list(note.schools),
            scope_from=note.date_from,
            scope_to=note.date_to,
        )

    def newest(self, datasets: Iterable[str] | None = None) -> int:
        """Return the number of the newest part of some datasets, or of any; 0 if there is none."""
        of_them = "true" if datasets is None else "list_contains($datasets, dataset)"
        query = f"select coalesce(max(part_no), 0) from raw.lake_part where {of_them}"
        values = {} if datasets is None else {"datasets": list(datasets)}
        return int(self.connection.execute(query, values).fetchall()[0][0])

    def _extent(self, path: Path) -> tuple[int, date | None, date | None]:
        dated = date_column(self.contract) or "null::date"
        query = f"select count(*), min({dated}), max({dated}) from read_parquet('{quoted(path)}')"
        return self.connection.execute(query).fetchall()[0]

    def has_earlier(self, part: Part, datasets: list[str]) -> bool:
        """Tell whether a part of some datasets was taken in after this one, but known before it."""
        rows = self.connection.execute(
            "select 1 from raw.lake_part where list_contains($datasets, dataset) and part_no > $number"
            " and known_from < $day limit 1",
            {"datasets": datasets, "number": part.part_no, "day": part.known_from},
        ).fetchall()
        return bool(rows)

    def register(self, part: Part) -> None:
        """Make a part of the lake, and register which rows it replaces or is replaced by."""
        insert(self.connection, "raw.lake_part", part)
        self._supersede(part)

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

    def remove(self, parts: list[Part]) -> None:
        """Take parts out of the lake, and work out anew which rows of the others are replaced by which."""
        touched = {other.part_no: other for part in parts for other in self._overlapping(part)}
        numbers = [part.part_no for part in parts]
        self.connection.execute(
            "delete from raw.lake_part where list_contains($numbers, part_no)", {"numbers": numbers}
        )
        left = [other for number, other in sorted(touched.items()) if number not in numbers]
        again = [*numbers, *(other.part_no for other in left)]
        self.connection.execute("delete from raw.superseded where list_contains($again, part_no)", {"again": again})
        for other in left:
            self._supersede(other)

    def _supersede(self, part: Part) -> None:
        others = self._overlapping(part)
        if part.rows and others:
            self._supersede_by_key(part, others)
        for full in [part, *others]:
            older = [o for o in [part, *others] if o.version < full.version and o.source == full.source and o.rows]
            if full.mode == "full" and part in (full, *older):
                self._supersede_by_scope(full, older if full == part else [part])

    def _overlapping(self, part: Part) -> list[Part]:
        """List the other parts that may hold the same keys, or that replace or are replaced by schools and dates."""
        in_time = "date_from is null or (date_from <= $last and date_to >= $first) or mode = 'full'"
        always = part.mode == "full" or date_column(self.contract) is None
        within = {"number": part.part_no, "always": always, "first": part.date_from, "last": part.date_to}
        return self.parts(f"part_no <> $number and ($always or {in_time})", **within)

    def _supersede_by_key(self, part: Part, others: list[Part]) -> None:
        keys = key_expressions(accepted(self.contract))
        key = ", ".join(f"{expression} as key_{i}" for i, expression in enumerate(keys))
        names = ", ".join(f"key_{i}" for i in range(len(keys)))
        self.connection.execute(
            f"""
            insert into raw.superseded
            with place as (
                select part_no, known_from, version, row_number() over (order by version, part_no) as place,
                    row_number() over (order by known_from, version, part_no) as turn
                from raw.lake_part where dataset = $dataset
            ),
            fresh as (select {key}, part_no, file_row_number from {scan(self.home, [part.path])}),
            older as (select {key}, part_no, file_row_number from {scan(self.home, [o.path for o in others])}),
            met as (select * from older semi join fresh using ({names})),
            versions as (
                select {names}, part_no, file_row_number from met
                union all
                select {names}, part_no, file_row_number from fresh semi join met using ({names})
            ),
            followed as (
                select versions.part_no, file_row_number, min(turn) over (
                    partition by {names} order by place rows between 1 following and unbounded following) as ended
                from versions join place on place.part_no = versions.part_no
            )
            select followed.part_no, file_row_number, place.known_from, place.version
            from followed join place on place.turn = followed.ended {_KEEP_EARLIEST}
            """,
            {"dataset": self.contract.name},
        )

    def _supersede_by_scope(self, full: Part, older: list[Part]) -> None:
        """Apply a full delivery: it replaces everything older that its sender told of its schools and dates."""
        if not older:
            return
        self.connection.execute(
            f"insert into raw.superseded select part_no, file_row_number, $known_to, $version"
            f" from {scan(self.home, [o.path for o in older])} where {self._in_scope(full)} {_KEEP_EARLIEST}",
            {"known_to": full.known_from, "version": full.version},
        )

    def _in_scope(self, full: Part) -> str:
        """Write the scope's condition; a limit that the dataset has no column for limits nothing."""
        dated = date_column(self.contract)
        limits = (
            [f"school_reg_no in ({', '.join(literal(s) for s in full.scope_schools)})"] if full.scope_schools else []
        )
        limits += [f"{dated} >= date '{full.scope_from}'"] if dated and full.scope_from else []
        limits += [f"{dated} <= date '{full.scope_to}'"] if dated and full.scope_to else []
        return " and ".join(limits) or "true"


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def know(connection: duckdb.DuckDBPyConnection, home: Home, reference: Reference, name: str) -> None:
    """Make a session table of all values of a reference that ever were accepted, each with the day it was first known.

    What was withdrawn later stays known, so that it does not matter in which order deliveries are taken in.
    """
    columns = known_columns(reference)
    paths = connection.execute(
        "select path from raw.lake_part where dataset = $dataset and not is_withdrawal and rows > 0 order by part_no",
        {"dataset": reference.table.split(".")[1]},
    ).fetchall()
    rows = f"select *, null::date as known_from from ({_empty(accepted(load(reference.table)))}) as none"
    if paths:
        told = scan(home, [row[0] for row in paths])
        rows = f"select part.*, known_from from {told} as part join raw.lake_part on lake_part.part_no = part.part_no"
    shown = ", ".join(columns)
    connection.execute(
        f"create or replace temp table {name} as select {shown}, min(known_from) as since from ({rows}) as every"
        f" group by {shown}"
    )


def expose(connection: duckdb.DuckDBPyConnection, home: Home, key: str, known_on: date) -> None:
    """Make raw.<dataset> the view of the rows as known on a date."""
    connection.execute(f"create or replace view {key} as {_view(connection, home, accepted(load(key)), known_on)}")


def _view(connection: duckdb.DuckDBPyConnection, home: Home, contract: Contract, known_on: date) -> str:
    about = "lake_part.source, lake_part.shape, lake_part.delivery_id, lake_part.known_from"
    paths = connection.execute(
        "select path from raw.lake_part where dataset = $dataset and known_from <= $known_on and not is_withdrawal"
        " and rows > 0 order by part_no",
        {"dataset": contract.name, "known_on": known_on},
    ).fetchall()
    if not paths:
        told = ", ".join(f"null::{kind} as {name}" for name, kind in _ABOUT.items())
        return f"select none.*, {told} from ({_empty(contract)}) as none"
    columns = ", ".join(f"part.{n}" for n in contract.column_names)
    return (
        f"select {columns}, {about} from {scan(home, [p[0] for p in paths])} as part"
        f" join raw.lake_part on lake_part.part_no = part.part_no"
        f" anti join (select part_no, row_no from raw.superseded where known_to <= date '{known_on}') as gone"
        f" on gone.part_no = part.part_no and gone.row_no = part.file_row_number"
    )


_ABOUT = {"source": "varchar", "shape": "varchar", "delivery_id": "varchar", "known_from": "date"}


def _empty(contract: Contract) -> str:
    columns = ", ".join(f"null::{c.type} as {c.name}" for c in contract.columns)
    return f"select {columns} where false"


def expose_all(connection: duckdb.DuckDBPyConnection, home: Home, known_on: date) -> None:
    """Make every raw view stand on the same date, but for what a replay must not bring back, such as ended roles."""
    for key in delivered():
        expose(connection, home, key, EVER if load(key).setting("isAlwaysNewest") else known_on)
