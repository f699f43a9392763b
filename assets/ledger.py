"""The raw layer's registers: what became of every delivered file, which rows wait, which parts the lake has.

raw.intake counts what was decided when a file was taken in; raw.delivery adds what later deliveries replaced.
raw.cleared holds the waiting rows that a later delivery corrected; raw.place and raw.header say where people see a row
that waits, and what its file calls the columns.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb

from assets.landing import DeliveredFile, safe_name
from models.delivery import Delivery, read_meaning

DISAGREEING, REPEATED = "key_disagrees", "key_repeated"
MALFORMED, CELL_ERROR, REFUSED = "row_malformed", "cell_error", "file_refused"
NO_RESULT = "formula_without_result"
_NO_BYTES = "0" * 64

_TABLES = """
create schema if not exists raw;
create table if not exists raw.intake (
    delivery_id varchar, dataset varchar, source varchar, delivered_on timestamptz, file_name varchar,
    content_sha256 varchar, mode varchar, shape varchar, detected varchar, status varchar, note varchar,
    rows_delivered bigint, rows_stored bigint, rows_quarantined bigint, rows_repeated bigint, rows_withdrawn bigint,
    meaning varchar, file_size bigint, modified_ns bigint, waiting_file varchar, waiting_sha256 varchar,
    tried_part integer,
    primary key (delivery_id, dataset));
create table if not exists raw.lake_part (
    part_no integer primary key, delivery_id varchar, dataset varchar, source varchar, shape varchar, mode varchar,
    is_withdrawal boolean, known_from date, version varchar, path varchar, sha256 varchar, rows bigint,
    date_from date, date_to date, school_from varchar, school_to varchar,
    scope_schools varchar[], scope_from date, scope_to date, corrects varchar[]);
alter table raw.lake_part add column if not exists corrects varchar[];
create table if not exists raw.superseded (
    part_no integer, row_no bigint, known_to date, ended_by varchar, primary key (part_no, row_no));
create table if not exists raw.merged (part_no integer, row_no bigint, primary key (part_no, row_no));
create table if not exists raw.waiting (
    delivery_id varchar, dataset varchar, rule varchar, rows bigint, primary key (delivery_id, dataset, rule));
create table if not exists raw.cleared (delivery_id varchar, dataset varchar, rule varchar, row_no bigint, rows bigint);
create table if not exists raw.clearing (dataset varchar primary key, mark varchar);
create table if not exists raw.place (
    delivery_id varchar, dataset varchar, row_no bigint, line bigint, text_line bigint);
create table if not exists raw.header (delivery_id varchar, dataset varchar, name varchar, header varchar);
"""

_WITHDRAWN = """
    update raw.intake set rows_withdrawn = coalesce(counted.rows, 0)
    from raw.intake as every left join (
        select ender.delivery_id, count(*) as rows
        from raw.superseded
        join raw.lake_part as ended using (part_no)
        join (
            select distinct delivery_id, version from raw.lake_part
            where dataset = $dataset and (mode = 'full' or is_withdrawal)
        ) as ender on ender.version = superseded.ended_by
        where ended.dataset = $dataset and not ended.is_withdrawal
        group by ender.delivery_id
    ) as counted on counted.delivery_id = every.delivery_id
    where every.dataset = $dataset and intake.dataset = $dataset and intake.delivery_id = every.delivery_id
        and intake.rows_withdrawn <> coalesce(counted.rows, 0)
"""


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the registers of the raw layer where they are missing."""
    connection.execute(_TABLES)


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Do all of the block or nothing of it."""
    connection.execute("begin")
    try:
        yield
    except BaseException:
        # A full disk ends the transaction and the connection with it; what went wrong first is what must be told.
        with suppress(duckdb.Error):
            connection.execute("rollback")
        raise
    connection.execute("commit")


def insert(connection: duckdb.DuckDBPyConnection, table: str, record: Any) -> None:
    """Insert a dataclass as a row; its fields bear the columns' names."""
    cells = vars(record)
    names, marks = ", ".join(cells), ", ".join("?" * len(cells))
    connection.execute(f"insert into {table} ({names}) values ({marks})", list(cells.values()))


@dataclass(frozen=True)
class Entry:
    """A row of raw.intake: one file, how it was meant, and what became of its rows."""

    delivery_id: str
    dataset: str
    source: str
    delivered_on: datetime
    file_name: str
    content_sha256: str
    mode: str
    shape: str | None
    meaning: str
    file_size: int
    modified_ns: int
    detected: str = ""
    status: str = "accepted"
    note: str = ""
    rows_delivered: int = 0
    rows_stored: int = 0
    rows_quarantined: int = 0
    rows_repeated: int = 0
    rows_withdrawn: int = 0
    waiting_file: str | None = None
    waiting_sha256: str | None = None
    tried_part: int = 0

    @property
    def delivery(self) -> Delivery:
        """Return the delivery as it was meant, whether or not its folder is still in landing."""
        return Delivery(self.delivery_id, self.source, self.delivered_on, (read_meaning(self.dataset, self.meaning),))

    def is_of(self, file: DeliveredFile) -> bool:
        """Tell whether the file says what was entered: the same bytes, meant in the same way, on the same moment."""
        meant = (self.meaning, self.delivered_on) == (file.note.meaning(), file.delivery.delivered_on)
        return meant and (self.stamp == file.stamp or self.content_sha256 == file.sha256)

    @property
    def stamp(self) -> tuple[int, int]:
        """Return size and time of change of the file when it was last read."""
        return self.file_size, self.modified_ns

    def repeats(self, other: "Entry") -> bool:
        """Tell whether the entry's file says the same as another's, later or earlier."""
        return all(getattr(self, name) == getattr(other, name) for name in ("source", "content_sha256", "meaning"))

    def judged(self, stored: int, repeated: int, by_rule: Mapping[str, int]) -> "Entry":
        """Return the entry after more rows were stored or found repeated, and these still wait."""
        waiting, stands = sum(by_rule.values()), self.rows_stored + stored
        status = "accepted" if not waiting else "partly accepted" if stands else "quarantined"
        counted = replace(self, status=status, rows_stored=stands, rows_quarantined=waiting)
        return replace(counted, rows_repeated=self.rows_repeated + repeated)


def unread(file: DeliveredFile) -> Entry:
    """Return the ledger's row of a file whose bytes are not known: it is no state that a file could be in."""
    return _entry(file, _NO_BYTES, (-1, -1))


def entry_of(file: DeliveredFile) -> Entry:
    """Return the ledger's row of a file of which nothing is known yet."""
    return _entry(file, file.sha256, file.stamp)


def _entry(file: DeliveredFile, sha256: str, stamp: tuple[int, int]) -> Entry:
    delivery, note, (size, modified) = file.delivery, file.note, stamp
    return Entry(
        delivery_id=delivery.delivery_id,
        dataset=file.dataset,
        source=delivery.source,
        delivered_on=delivery.delivered_on,
        file_name=safe_name(file.path),
        content_sha256=sha256,
        mode=note.mode,
        shape=note.shape,
        meaning=note.meaning(),
        file_size=size,
        modified_ns=modified,
    )


@dataclass(frozen=True)
class Ledger:
    """The entries of one dataset."""

    connection: duckdb.DuckDBPyConnection
    dataset: str

    def entries(self) -> dict[str, Entry]:
        """Read all entries by delivery."""
        names = [field.name for field in fields(Entry)]
        shown = ", ".join("epoch_us(delivered_on)" if name == "delivered_on" else name for name in names)
        rows = self.connection.execute(
            f"select {shown} from raw.intake where dataset = $dataset order by delivery_id", {"dataset": self.dataset}
        ).fetchall()
        found = [Entry(**dict(zip(names, row, strict=True))) for row in rows]
        return {e.delivery_id: replace(e, delivered_on=_moment(e.delivered_on)) for e in found}

    def put(self, entry: Entry, by_rule: Mapping[str, int] | None = None) -> None:
        """Write an entry, new or changed, and how many of its rows wait by rule."""
        key = {"delivery": entry.delivery_id, "dataset": entry.dataset}
        for table in ("raw.intake", "raw.waiting", "raw.cleared"):
            self.connection.execute(f"delete from {table} where delivery_id = $delivery and dataset = $dataset", key)
        self.connection.execute("delete from raw.clearing where dataset = $dataset", {"dataset": entry.dataset})
        insert(self.connection, "raw.intake", entry)
        for rule, rows in (by_rule or {}).items():
            self.connection.execute("insert into raw.waiting values (?, ?, ?, ?)", [*key.values(), rule, rows])

    def note_stamp(self, file: DeliveredFile) -> None:
        """Note that a file was touched but says what it said, so that it need not be read again."""
        self.connection.execute(
            "update raw.intake set file_size = ?, modified_ns = ? where delivery_id = ? and dataset = ?",
            [*file.stamp, file.delivery.delivery_id, self.dataset],
        )

    def waiting(self) -> list[str]:
        """Name the deliveries with rows that wait for what they refer to."""
        rows = self.connection.execute(
            "select distinct delivery_id from raw.waiting where dataset = $dataset and ends_with(rule, '_known')"
            " order by delivery_id",
            {"dataset": self.dataset},
        ).fetchall()
        return [row[0] for row in rows]

    def count_withdrawn(self) -> None:
        """Count anew which older rows each withdrawal and each full delivery ended."""
        self.connection.execute(_WITHDRAWN, {"dataset": self.dataset})


def _moment(microseconds: Any) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
