"""The warehouse: one DuckDB file, one writer; a table is replaced only when its contract holds."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

import duckdb

from assets.contents import AsOf
from assets.home import Home
from assets.opening import opened
from assets.queries import queries_below, query_of, typed
from assets.slices import at_once, changed, stands
from assets.stage import stage
from assets.wholes import kept
from data_contracts.contract import Contract, load
from data_contracts.expectations import Verdict, judge
from data_contracts.profile import profile_query


class PromiseBroken(Exception):
    """A table does not keep its contract; the message names table, rule and count, never a value."""

    def __init__(self, key: str, verdicts: list[Verdict]) -> None:
        self.key, self.verdicts = key, verdicts
        broken = "; ".join(f"{v.rule} ({v.broken} rows: {v.description})" for v in verdicts if not v.passed)
        super().__init__(f"{key} broke its contract and was not replaced: {broken}")


@dataclass(frozen=True)
class Built:
    """What building a table came to."""

    key: str
    rows: int
    verdicts: list[Verdict]


@dataclass(frozen=True)
class Warehouse:
    """The DuckDB file of a home folder, with the memory and threads it may use."""

    home: Home
    memory_limit: str = "2GB"
    threads: int = 2

    @contextmanager
    def connect(self, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open the warehouse for one piece of work; always closed after it."""
        self.home.scratch.mkdir(parents=True, exist_ok=True)
        settings: dict[str, bool | float | int | list[str] | str] = {
            "memory_limit": self.memory_limit,
            "threads": self.threads,
            "temp_directory": str(self.home.scratch / "spill"),
            # The engine's own 16 MiB are full every few tables of a country, and each time two seconds are gone.
            "wal_autocheckpoint": "128MiB",
        }
        with opened(self.home.warehouse, read_only, settings, self.home.scratch) as connection:
            connection.execute("set timezone = 'Europe/Riga'")
            # A query must never read a Python variable that happens to bear a table's name.
            connection.execute("set python_enable_replacements = false")
            plan_plainly(connection)
            yield connection

    def exists(self) -> bool:
        """Tell whether anything was built yet."""
        return self.home.warehouse.exists()

    def build(self, key: str) -> Built:
        """Build a table from its SQL file and swap it in if it keeps its contract."""
        contract = load(key)
        with stage(key) as measured, self.connect() as connection, _transaction(connection):
            if contract.layer == "raw":
                _replace(connection, contract, query_of(key))
                built = _judge(connection, contract)
            elif contract.setting("accumulatesBy"):
                built = _replace_current(connection, self.home, contract)
            else:
                built = _replace_slices(connection, self.home, contract)
            measured.rows = built.rows
        return built

    def store(self, key: str, frame: Any) -> Built:
        """Store a frame as a table, under the same contract as a query would be."""
        contract = load(key)
        with stage(key) as measured, self.connect() as connection, _transaction(connection):
            connection.register("stored_frame", frame)
            _replace(connection, contract, "select * from stored_frame")
            built = _judge(connection, contract)
            measured.rows = built.rows
        return built

    def leave(self, key: str) -> Built:
        """Leave a table as it is, and judge it all the same."""
        with stage(key) as measured, self.connect(read_only=True) as connection:
            built = _judge(connection, load(key))
            measured.rows = built.rows
        return built

    def examine(self, key: str) -> tuple[Any, Built]:
        """Run a table's query and judge it against its contract without storing a row."""
        contract = load(key)
        with self.connect() as connection:
            connection.execute(f"create or replace temp table examined as {typed(contract, query_of(key))}")
            built = _judge(connection, contract, "examined")
            return connection.sql("select * from examined").pl(), built

    def query(self, sql: str, parameters: Any = None) -> Any:
        """Return a query's rows as a Polars frame."""
        with self.connect(read_only=True) as connection:
            return connection.sql(sql, params=parameters).pl()


def plan_plainly(connection: duckdb.DuckDBPyConnection) -> None:
    """Let joins come before sums: DuckDB 2.0 sums first where it can, which took 28 s instead of 1 for weeks of marks.

    It sums all days of all pupils, and only then does the join say which few of them are asked for. Older versions do
    not know the optimizer, and need not.
    """
    with suppress(duckdb.Error):
        connection.execute("set disabled_optimizers = 'partial_aggregate_pushdown'")


@contextmanager
def _transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    connection.execute("begin")
    try:
        yield
    except BaseException:
        # A full disk ends the transaction and the connection with it; what went wrong first is what must be told.
        with suppress(duckdb.Error):
            connection.execute("rollback")
        raise
    connection.execute("commit")


def _replace(connection: duckdb.DuckDBPyConnection, contract: Contract, query: str) -> None:
    connection.execute(f"create schema if not exists {contract.layer}")
    connection.execute(f"create or replace table {contract.key} as {typed(contract, query)}")


def _replace_current(connection: duckdb.DuckDBPyConnection, home: Home, contract: Contract) -> Built:
    """Replace and judge, of a table that accumulates, the slice the run stands on: what was issued before stays."""
    query = query_of(contract.key)
    days = contract.setting("asOfRead")
    if days:
        read = ", ".join(f"date '{day}'" for (day,) in connection.execute(days).fetchall())
        query = AsOf(contract.key, "as_of").narrowed(connection, home, query, f"as_of in ({read})")
    current = f"({contract.setting('accumulatesBy')}) in ({contract.setting('currentSlice')})"
    connection.execute(f"create schema if not exists {contract.layer}")
    connection.execute(f"create table if not exists {contract.key} as {typed(contract, query)} limit 0")
    # What accumulated under an older contract stays; it knows nothing of a column that came since.
    for column in contract.columns:
        connection.execute(f"alter table {contract.key} add column if not exists {column.name} {column.type}")
    connection.execute(f"delete from {contract.key} where {current}")
    connection.execute(f"insert into {contract.key} by name {typed(contract, query)}")
    return _counted(connection, _judge_slice(connection, contract, f"select * from {contract.key} where {current}"))


def _replace_slices(connection: duckdb.DuckDBPyConnection, home: Home, contract: Contract) -> Built:
    """Build the slices anew that are no longer made of what they were made of, and judge those."""
    query = query_of(contract.key)
    slices = kept(contract)
    new = changed(connection, slices, "\n".join([typed(contract, query), *queries_below(query)]))
    new.note(connection)
    connection.execute(f"create schema if not exists {contract.layer}")
    if contract.is_view:
        _show(connection, contract, query)
    built = Built(contract.key, 0, [])
    # No slice to build is a condition that no row meets: the table is there, and its promises are judged, all the same.
    for number, condition in enumerate(slices.conditions(connection, new, at_once(connection, new)) or ["false"]):
        seen = typed(contract, slices.narrowed(connection, home, query, condition))
        some = f"select * from ({seen}) as slice where {condition}"
        if contract.is_view:
            judged = _judge_slice(connection, contract, some)
            built = replace(judged, rows=built.rows + judged.rows)
            continue
        if new.is_all and number == 0:
            connection.execute(f"create or replace table {contract.key} as {some}")
        elif condition != "false":
            connection.execute(f"delete from {contract.key} where {condition}")
            connection.execute(f"insert into {contract.key} by name {some}")
        built = _judge_slice(connection, contract, f"select * from {contract.key} where {condition}")
    if contract.is_view:
        return built
    return _counted(connection, built)


def _counted(connection: duckdb.DuckDBPyConnection, built: Built) -> Built:
    return replace(built, rows=connection.execute(f"select count(*) from {built.key}").fetchall()[0][0])


def _show(connection: duckdb.DuckDBPyConnection, contract: Contract, query: str) -> None:
    """Let a view of that name show what the query makes; a table that an older version kept makes way."""
    if stands(connection, contract.key, "table"):
        connection.execute(f"drop table {contract.key}")
    connection.execute(f"create or replace view {contract.key} as {typed(contract, query)}")


def _judge_slice(connection: duckdb.DuckDBPyConnection, contract: Contract, some: str) -> Built:
    """Judge the rows of some slices: others were judged when they were built, and share no key with these."""
    connection.execute(f"create or replace temp view judged as {some}")
    return _judge(connection, contract, "judged")


def _judge(connection: duckdb.DuckDBPyConnection, contract: Contract, relation: str | None = None) -> Built:
    result = connection.execute(profile_query(contract, relation))
    names = [d[0] for d in result.description or []]
    # fetchone() would leave the result open, and an open result blocks its connection.
    profile = dict(zip(names, result.fetchall()[0], strict=True))
    verdicts = judge(contract, profile)
    if not all(v.passed for v in verdicts):
        raise PromiseBroken(contract.key, verdicts)
    return Built(contract.key, int(profile["row_count"]), verdicts)
