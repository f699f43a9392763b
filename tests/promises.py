"""Hold a delivery folder that an import wrote against the contracts, before any intake has seen it."""

from pathlib import Path

import duckdb

from data_contracts.contract import load
from data_contracts.rules import row_rules


def delivered(dest: Path) -> list[str]:
    """Name the datasets of a delivery folder."""
    return sorted(path.stem for path in dest.iterdir() if path.suffix in (".csv", ".parquet"))


def relations(connection: duckdb.DuckDBPyConnection, dest: Path) -> None:
    """Open every delivered file under its dataset's name, with the types that the contract promises."""
    for dataset in delivered(dest):
        columns = load(f"raw.{dataset}").columns
        if (dest / f"{dataset}.csv").is_file():
            kinds = ", ".join(f"'{c.name}': '{c.type}'" for c in columns)
            connection.execute(f"create view {dataset} as from read_csv('{dest}/{dataset}.csv', columns={{{kinds}}})")
        else:
            connection.execute(f"create view {dataset} as from read_parquet('{dest}/{dataset}.parquet')")


def _count(connection: duckdb.DuckDBPyConnection, rows: str) -> int:
    return connection.execute(f"select count(*) {rows}").fetchall()[0][0]


def _wheres(dataset: str, beside: list[str]) -> dict[str, str]:
    """Write, per rule, what rows break it; a reference counts where the list it refers to is delivered as well."""
    contract = load(f"raw.{dataset}")
    wheres = {rule.name: f"not ({rule.holds})" for rule in row_rules(contract)}
    for column in contract.columns:
        target = column.references and column.references.table.split(".")[1]
        if target in beside:
            known = f"select {column.references.column} from {target}"
            wheres[f"{column.name} unknown"] = f"{column.name} not in ({known})"
    return wheres


def broken_promises(dest: Path) -> dict[str, int]:
    """Count the rows that break a rule, repeat a key or refer to nothing, per dataset and rule."""
    counts, names = {}, delivered(dest)
    with duckdb.connect() as connection:
        relations(connection, dest)
        for dataset in names:
            for rule, where in _wheres(dataset, names).items():
                counts[f"{dataset} {rule}"] = _count(connection, f"from {dataset} where {where}")
            keys = ", ".join(load(f"raw.{dataset}").natural_key)
            repeated = f"from (from {dataset} select {keys} group by {keys} having count(*) > 1)"
            counts[f"{dataset} key"] = _count(connection, repeated)
    return {rule: broken for rule, broken in counts.items() if broken}
