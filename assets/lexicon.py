"""The lexicons of one large file: made when it is taken in, gone with the session."""

from collections.abc import Sequence

import duckdb

from assets.opened import Opened
from data_contracts.contract import Column, Contract
from data_contracts.intake import Door, day_of_code, is_known_always, judged_rows
from data_contracts.lexicon import (
    answered,
    lexicon_query,
    lexicons,
    looked_up,
    spelling_query,
    spellings,
    spelt_columns,
)
from data_contracts.rules import Rule

# Below this a file is read as quickly value by value; above it most texts stand in many rows.
MANY_ROWS = 50_000
ROWS_PER_TEXT = 4


def spell(connection: duckdb.DuckDBPyConnection, contract: Contract, opened: Opened) -> list[Column]:
    """Put the distinct texts of a large file beside it; return the columns in which texts recur."""
    if opened.rows < MANY_ROWS:
        return []
    columns = spelt_columns(contract, opened.types)
    for column in columns:
        query = spelling_query(column, opened.relation)
        connection.execute(f"create or replace temp table {spellings(column)} as {query}")
    return [c for c in columns if len(connection.table(spellings(c))) * ROWS_PER_TEXT <= opened.rows]


def judged(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    opened: Opened,
    door: Door,
    spelt: Sequence[Column],
    rules: Sequence[Rule],
) -> str:
    """Make the lexicons, and write the query of the file's rows with `broken_rule` that looks texts up in them."""
    known = lexicons(contract, spelt, rules)
    for lexicon in known:
        query = lexicon_query(contract, lexicon, opened.types)
        connection.execute(f"create or replace temp table {lexicon.table} as {query}")
    read = {lexicon.column.name: lexicon.table for lexicon in known}
    settled = {f"{c.name}_known" for c in spelt if _is_settled(connection, c, read, opened, door)}
    left = [rule for rule in rules if rule.name not in settled]
    return judged_rows(looked_up(opened.relation, contract, opened.types, known), answered(left, known))


def _is_settled(
    connection: duckdb.DuckDBPyConnection, column: Column, read: dict[str, str], opened: Opened, door: Door
) -> bool:
    """Tell whether every code of the file means something in all schools on all its days: then no row need be asked."""
    day, known = day_of_code(column), is_known_always(column, door, "days.first_day", "days.last_day")
    if not known or not (day in read or opened.types.get(day or "") == "DATE"):
        return False
    days = f"select min({day}) as first_day, max({day}) as last_day from {read.get(day or '', opened.relation)}"
    query = f"select count(*) from {read[column.name]} as named cross join ({days}) as days"
    unknown = f"{column.name} is not null and not coalesce({known}, false)"
    return connection.execute(f"{query} where {unknown}").fetchall()[0][0] == 0
