"""The query of a table, and the tables it reads."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from data_contracts.contract import Contract, has_contract

SQL = Path(__file__).parent.parent / "sql"
_RELATION = re.compile(r"\b(?:from|join)\s+((?:raw|history|core|risk|listed)\.[a-z0-9_]+)")


def query_of(key: str) -> str:
    """Read the SQL file that builds a table."""
    layer, name = key.split(".")
    return (SQL / layer / f"{name}.sql").read_text(encoding="utf-8").rstrip().rstrip(";")


def typed(contract: Contract, query: str) -> str:
    """Give a query's columns the names, types and order that the contract promises."""
    columns = ", ".join(f"{c.name}::{c.type} as {c.name}" for c in contract.columns)
    return f"select {columns} from ({query}) as built"


@cache
def relations_read(sql: str) -> tuple[str, ...]:
    """Name all that a query reads: tables, views of delivered rows and of their versions, registers."""
    return tuple(sorted(set(_RELATION.findall(re.sub(r"--.*", "", sql)))))


def narrowed(sql: str, seen_as: Mapping[str, str]) -> str:
    """Let a query see, in place of some relations, what queries make of them.

    The engine carries a filter on the result down to where a table is read, but not to the far side of an outer join:
    a pupil's measures of one day would be made from those of all days.
    """
    named = "|".join(re.escape(key) for key in sorted(seen_as))
    if not named:
        return sql

    def seen(found: re.Match[str]) -> str:
        key = found["key"]
        alias = "" if found["alias"] else f" as {key.split('.')[1]}"
        return f"{found['before']}({seen_as[key]}){alias}{found['alias'] or ''}"

    return re.sub(rf"(?P<before>\b(?:from|join)\s+)(?P<key>{named})\b(?P<alias>\s+as\b)?", seen, sql)


@cache
def tables_read(sql: str) -> tuple[str, ...]:
    """Name the tables a query reads; comments do not count."""
    return tuple(key for key in relations_read(sql) if has_contract(key))


def queries_below(sql: str) -> list[str]:
    """Read the queries of the tables a query reads: what it makes depends on how these are made, too."""
    return [query_of(key) for key in tables_read(sql) if (SQL / f"{key.replace('.', '/')}.sql").exists()]
