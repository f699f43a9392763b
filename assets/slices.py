"""Which slices of a table must be built anew: those that are no longer made of what they were made of.

A large table is kept in slices: weeks of lessons, or as-of days. A slice's content is a hash of all that its rows are
made from; how it is told is the work of assets.contents. The same query builds one slice or all, and the result never
depends on which.
"""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

import duckdb

from assets.home import Home
from data_contracts.contract import has_contract, load

_LEAST_AT_ONCE, _PUPIL_SLICES_AT_ONCE = 4, 2_000_000
_STATE = "create table if not exists raw.built_slice (table_key varchar, starts_on date, content varchar)"


class Kept(Protocol):
    """How a table is kept in slices, each named by its first day."""

    @property
    def key(self) -> str:
        """Name the table."""
        ...

    def contents(self, connection: duckdb.DuckDBPyConnection, code: str) -> dict[date, str]:
        """Tell what each slice would be made of now."""
        ...

    def narrowed(self, connection: duckdb.DuckDBPyConnection, home: Home, query: str, condition: str) -> str:
        """Let the query read only what the slices that meet a condition are made of, where the engine reads more."""
        ...

    def conditions(self, connection: duckdb.DuckDBPyConnection, new: "Changed", at_once: int) -> list[str]:
        """Write the conditions that rows of changed slices meet, each to be built by itself, some slices at once."""
        ...


@dataclass(frozen=True)
class Changed:
    """The slices to take away and build anew."""

    key: str
    contents: dict[date, str]
    days: list[date]
    every: list[date]

    @property
    def is_all(self) -> bool:
        """Tell whether no slice stays as it is."""
        return len(self.days) == len(self.every)

    def note(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Write down what every slice is now made of."""
        connection.execute("delete from raw.built_slice where table_key = $key", {"key": self.key})
        if self.contents:
            rows = [(self.key, day, content) for day, content in sorted(self.contents.items())]
            connection.executemany("insert into raw.built_slice values (?, ?, ?)", rows)


def changed(connection: duckdb.DuckDBPyConnection, kept: Kept, code: str) -> Changed:
    """Compare what each slice would be made of with what it was made of."""
    connection.execute(f"create schema if not exists raw; {_STATE}")
    contents = kept.contents(connection, code)
    built = built_slices(connection, kept.key)
    if built and not stands(connection, kept.key, "view" if load(kept.key).is_view else "table"):
        built = {}
    every = sorted(contents.keys() | built.keys())
    days = [day for day in every if contents.get(day) != built.get(day)]
    return Changed(kept.key, contents, days, every)


def at_once(connection: duckdb.DuckDBPyConnection, new: Changed) -> int:
    """Choose how many slices are built at once: few in a large country, so that memory does not grow with its years."""
    if len(new.days) <= _LEAST_AT_ONCE or not stands(connection, "core.enrolment", "table"):
        return _LEAST_AT_ONCE
    pupils = connection.execute("select count(distinct pupil_key) from core.enrolment").fetchall()[0][0]
    return max(_LEAST_AT_ONCE, _PUPIL_SLICES_AT_ONCE // max(pupils, 1))


def forget_unpromised(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Take away what an older version kept in core or risk and nobody promises any more: it would never change."""
    connection.execute(f"create schema if not exists raw; {_STATE}")
    forgotten = []
    for kind in ("table", "view"):
        query = f"select schema_name || '.' || {kind}_name from duckdb_{kind}s() where schema_name in ('core', 'risk')"
        forgotten += [(kind, key) for (key,) in connection.execute(query).fetchall() if not has_contract(key)]
    for kind, key in forgotten:
        layer, name = key.split(".")
        connection.execute(f'drop {kind} {layer}."{name}"')
        connection.execute("delete from raw.built_slice where table_key = $key", {"key": key})
    return sorted(key for _, key in forgotten)


def built_slices(connection: duckdb.DuckDBPyConnection, key: str) -> dict[date, str]:
    """Tell what each slice of a table was made of when it was built."""
    query = "select starts_on, content from raw.built_slice where table_key = $key"
    return dict(connection.execute(query, {"key": key}).fetchall())


def stands(connection: duckdb.DuckDBPyConnection, key: str, kind: str) -> bool:
    """Tell whether a `table` or `view` of that name is there."""
    layer, name = key.split(".")
    query = f"select count(*) from duckdb_{kind}s() where schema_name = $layer and {kind}_name = $name"
    return bool(connection.execute(query, {"layer": layer, "name": name}).fetchall()[0][0])
