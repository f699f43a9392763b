"""The rows of some parts of the lake as one relation, whatever columns the contract gained since they were written."""

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from assets.home import Home
from assets.opened import globbed
from data_contracts.contract import load
from data_contracts.intake import accepted


def quoted(path: Path) -> str:
    """Write a path so that it can stand between quotes in SQL."""
    return str(path).replace("'", "''")


@cache
def _columns_of(path: Path) -> frozenset[str]:
    """Name the columns of a part's file, which never changes."""
    return frozenset(pq.read_schema(path).names)


def _lacking(home: Home, paths: Sequence[str]) -> dict[str, str]:
    """Name, with their types, the columns of the contract that some of the parts lack: it gained them later."""
    if not paths:
        return {}
    contract = accepted(load(f"raw.{Path(paths[0]).parent.name}"))
    try:
        there = [_columns_of(home.root / path) for path in paths]
    except (OSError, pa.ArrowException):  # lost or damaged: whoever reads the rows says so, and what to do
        return {}
    return {c.name: c.type for c in contract.columns if not all(c.name in names for names in there)}


def scan(home: Home, paths: Iterable[str]) -> str:
    """Write the relation of some parts' rows, with part_no and file_row_number.

    Parts from before the contract gained a column have it as empty.
    """
    told = list(paths)
    listed, lacking = ", ".join(f"'{globbed(home.root / path)}'" for path in told), _lacking(home, told)
    if not lacking:
        return f"read_parquet([{listed}], file_row_number = true, hive_partitioning = false)"
    rows = f"read_parquet([{listed}], file_row_number = true, hive_partitioning = false, union_by_name = true)"
    gained = ", ".join(f"null::{kind} as {name}" for name, kind in lacking.items())
    return f"(select * from {rows} union all by name select {gained} where false)"
