"""From a contract to a Dagster asset: its arguments, its column schema, its blocking checks."""

from collections.abc import Callable, Iterable
from typing import Any

import dagster as dg

from assets.pictures import pictured
from assets.queries import query_of, tables_read
from assets.warehouse import Built, PromiseBroken, Warehouse
from data_contracts.contract import Column, Contract, load
from data_contracts.expectations import Verdict
from data_contracts.rules import check_names


def asset_key(key: str) -> dg.AssetKey:
    """Return the Dagster key of `layer.table`."""
    return dg.AssetKey(key.split("."))


def _column(column: Column) -> dg.TableColumn:
    return dg.TableColumn(
        name=column.name,
        type=column.type,
        description=f"{column.description} ({column.label_lv})",
        constraints=dg.TableColumnConstraints(nullable=not column.required),
    )


def column_schema(contract: Contract) -> dg.TableSchema:
    """Return the columns as Dagster shows them."""
    return dg.TableSchema(columns=[_column(c) for c in contract.columns])


def check_specs(contract: Contract) -> list[dg.AssetCheckSpec]:
    """Return one blocking check per rule of the contract."""
    return [
        dg.AssetCheckSpec(name, asset=asset_key(contract.key), description=description, blocking=True)
        for name, description in check_names(contract)
    ]


def _described(contract: Contract, deps: Iterable[str], kinds: set[str]) -> dict[str, Any]:
    return {
        "key": asset_key(contract.key),
        "deps": [asset_key(d) for d in deps],
        "group_name": contract.layer,
        "description": f"{contract.purpose}\n\nGrain: {contract.grain}.",
        "owners": [f"team:{contract.owner}"],
        "kinds": kinds,
        "code_version": contract.version,
        "metadata": {"dagster/column_schema": column_schema(contract)},
    }


def arguments(key: str, deps: Iterable[str], kinds: set[str], promised: Contract | None = None) -> dict[str, Any]:
    """Return the asset arguments that a contract gives; `promised` where what is kept differs from what arrives."""
    contract = promised or load(key)
    return {**_described(contract, deps, kinds), "check_specs": check_specs(contract)}


def specification(key: str) -> dg.AssetSpec:
    """Return the specification of a table that leaves by door one."""
    return dg.AssetSpec(**_described(load(key), upstream(key), {"parquet", "csv"}))


def _check_result(key: str, verdict: Verdict) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name=verdict.rule,
        asset_key=asset_key(key),
        passed=verdict.passed,
        metadata={"rows_breaking_the_rule": verdict.broken},
    )


def outcome(built: Built, **metadata: Any) -> dg.MaterializeResult:
    """Report a built table: row count, checks, and whatever else was counted."""
    return dg.MaterializeResult(
        asset_key=asset_key(built.key),
        metadata={"dagster/row_count": built.rows, **metadata},
        check_results=[_check_result(built.key, v) for v in built.verdicts],
    )


def failed_checks(broken: PromiseBroken) -> Iterable[dg.AssetCheckResult]:
    """Report the checks of a table that broke its contract."""
    return (_check_result(broken.key, verdict) for verdict in broken.verdicts)


def kept(
    build: Callable[[], Built], look: Callable[[], dict[str, Any]] = dict
) -> Iterable[dg.AssetCheckResult | dg.MaterializeResult]:
    """Build a table; on a broken promise report the checks, which block everything downstream.

    look: what else is shown of it once it stands.
    """
    try:
        built = build()
    except PromiseBroken as broken:
        yield from failed_checks(broken)
        raise
    yield outcome(built, **look())


def upstream(key: str) -> list[str]:
    """Name what a query waits for: tables it reads or refers to, and the ledger that sets the clock of raw rows."""
    referred = {c.references.table for c in load(key).columns if c.references}
    read = {*tables_read(query_of(key)), *referred} - {key}
    return sorted({*read, "raw.delivery"} if any(t.startswith("raw.") for t in read) else read)


def table(key: str) -> dg.AssetsDefinition:
    """Define the asset of a table that its SQL file builds from the tables it reads."""

    @dg.asset(**arguments(key, upstream(key), {"duckdb", "sql"}))
    def built_by_query(context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse]) -> Iterable[Any]:
        yield from kept(lambda: warehouse.build(key), lambda: pictured(context, key, warehouse))

    return built_by_query
