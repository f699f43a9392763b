"""About a pupil, for a named person: the attention list, and how far it can be trusted."""

from collections.abc import Iterable
from typing import Any

import dagster as dg

from assets.contracted import arguments, kept, table, upstream
from assets.issued import build_and_issue
from assets.pictures import pictured
from assets.warehouse import Warehouse

school_week_coverage = table("listed.school_week_coverage")
staff_feedback = table("listed.staff_feedback")
support_matter = table("listed.support_matter")
school_staff_support = table("listed.school_staff_support")
school_support = table("listed.school_support")

_READ = [*upstream("listed.attention_list"), "listed.school_week_coverage"]


@dg.asset(**arguments("listed.attention_list", _READ, {"duckdb", "sql"}))
def attention_list(context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse]) -> Iterable[Any]:
    """Build the list, and keep it as issued."""
    yield from kept(lambda: build_and_issue(warehouse), lambda: pictured(context, "listed.attention_list", warehouse))
