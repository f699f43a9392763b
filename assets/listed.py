"""About a pupil, for a named person: the attention list."""

from collections.abc import Iterable
from typing import Any

import dagster as dg

from assets.contracted import arguments, kept, upstream
from assets.issued import build_and_issue
from assets.warehouse import Warehouse


@dg.asset(**arguments("listed.attention_list", upstream("listed.attention_list"), {"duckdb", "sql"}))
def attention_list(warehouse: dg.ResourceParam[Warehouse]) -> Iterable[Any]:
    """Build the list, and keep it as issued."""
    yield from kept(lambda: build_and_issue(warehouse))
