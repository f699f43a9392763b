"""By which SQL expression a column is made: followed back through queries to where it is more than a name."""

from itertools import chain

import sqlglot
from sqlglot import exp

from assets.queries import SQL, query_of


def formula(key: str, column: str) -> tuple[str, str]:
    """Return the table whose query makes the column, and the expression it makes it by."""
    return _made(key, _parsed(key), column, _ctes(_parsed(key)))


def _parsed(key: str) -> exp.Select:
    return sqlglot.parse_one(query_of(key), read="duckdb", into=exp.Select)


def _ctes(query: exp.Select) -> dict[str, exp.Select]:
    return {cte.alias: cte.this for cte in query.ctes}


def _made(key: str, query: exp.Select, column: str, ctes: dict[str, exp.Select]) -> tuple[str, str]:
    named = (made.unalias() for made in query.selects if made.alias_or_name == column)
    handed_on = (exp.column(column, table=made.text("table")) for made in query.selects if made.is_star)
    projection = next(chain(named, handed_on))
    if not isinstance(projection, exp.Column):
        return key, projection.sql(dialect="duckdb", pretty=True, normalize_functions="lower").lower()
    source = _source(query, projection.table)
    if source.db == "" and source.name in ctes:
        return _made(key, ctes[source.name], projection.name, ctes)
    below = f"{source.db}.{source.name}"
    if not (SQL / source.db / f"{source.name}.sql").exists() or source.db != "risk":
        return key, projection.name
    return _made(below, _parsed(below), projection.name, _ctes(_parsed(below)))


def _source(query: exp.Select, alias: str) -> exp.Table:
    """Find the table that a column is of; a column without a table's name is of the only one."""
    joined = [join.this for join in query.args.get("joins") or []]
    sources = [query.args["from_"].this if "from_" in query.args else query.args["from"].this, *joined]
    return next(source for source in sources if alias in ("", source.alias_or_name))
