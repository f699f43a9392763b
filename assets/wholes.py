"""A table that is built whole is built anew only when something it is made from is no longer what it was.

It is kept as one slice, whose content is a hash of the query and of all that the query reads: delivered rows by the
parts they stand in, tables in slices by what those were made of, anything else by its rows.
"""

from dataclasses import dataclass
from datetime import date

import duckdb

from assets.contents import Ahead, AsOf, Sevens, Weekly, digest
from assets.home import Home
from assets.queries import query_of, relations_read
from assets.slices import Changed, Kept, built_slices
from data_contracts.contract import Contract, delivered, has_contract, load

# A whole table is one slice, and a slice is named by its first day.
ALWAYS = date(1, 1, 1)


def _told(connection: duckdb.DuckDBPyConnection, relation: str) -> str:
    """Say in short what the rows of a relation are made of."""
    if relation in delivered() and not load(relation).setting("isAlwaysNewest"):
        query = "select content from raw.dataset_content where dataset = $dataset"
        return str(connection.execute(query, {"dataset": relation.split(".")[1]}).fetchall())
    if has_contract(relation) and not isinstance(kept(load(relation)), Whole):
        return str(sorted(built_slices(connection, relation).items()))
    query = f"select count(*), coalesce(sum(hash(row)::hugeint), 0)::varchar from {relation} as row"
    return str(connection.execute(query).fetchall())


@dataclass(frozen=True)
class Whole:
    """A table in one slice."""

    key: str

    def contents(self, connection: duckdb.DuckDBPyConnection, code: str) -> dict[date, str]:
        """Hash the query and what each relation that it reads says now."""
        read = relations_read(query_of(self.key))
        return {ALWAYS: digest(code, *(f"{relation} {_told(connection, relation)}" for relation in read))}

    def narrowed(self, connection: duckdb.DuckDBPyConnection, home: Home, query: str, condition: str) -> str:
        """Read all."""
        return query

    def conditions(self, connection: duckdb.DuckDBPyConnection, new: Changed, at_once: int) -> list[str]:
        """Build all rows, or none."""
        return ["true"] if new.days else []


def kept(contract: Contract) -> Kept:
    """Read from a contract how its table is kept: in weeks, in sevens, in as-of days, or whole."""
    sevens, as_of, week = (contract.setting(name) for name in ("sevensColumn", "asOfColumn", "weekColumn"))
    if sevens:
        return Sevens(contract.key, sevens)
    if as_of:
        horizon = contract.setting("looksAhead")
        return Ahead(contract.key, as_of, horizon) if horizon else AsOf(contract.key, as_of)
    if not week:
        return Whole(contract.key)
    return Weekly(
        contract.key,
        week,
        tuple(contract.setting("weekDatasets").split(", ")),
        tuple(contract.setting("weekTables", "").replace(",", "").split()),
        contract.setting("weekSpells"),
        bool(contract.setting("weekIsRunning", False)),
    )
