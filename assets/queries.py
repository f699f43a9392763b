"""The query of a table, and the tables it reads."""

import re
from functools import cache
from pathlib import Path

from data_contracts.contract import has_contract

SQL = Path(__file__).parent.parent / "sql"
_READ = re.compile(r"\b(?:from|join)\s+((?:raw|core|risk|listed)\.[a-z0-9_]+)")


def query_of(key: str) -> str:
    """Read the SQL file that builds a table."""
    layer, name = key.split(".")
    return (SQL / layer / f"{name}.sql").read_text(encoding="utf-8").rstrip().rstrip(";")


@cache
def tables_read(sql: str) -> tuple[str, ...]:
    """Name the tables a query reads; comments do not count."""
    code = re.sub(r"--.*", "", sql)
    return tuple(sorted({key for key in _READ.findall(code) if has_contract(key)}))


def queries_below(sql: str) -> list[str]:
    """Read the queries of the tables a query reads: what it makes depends on how these are made, too."""
    return [query_of(key) for key in tables_read(sql) if (SQL / f"{key.replace('.', '/')}.sql").exists()]
