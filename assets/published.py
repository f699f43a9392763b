"""About a group, protected: tables leave together, as one release."""

from collections.abc import Iterable
from typing import Any

import dagster as dg

from assets.contracted import check_specs, failed_checks, outcome, specification
from assets.release import TABLES, Site, release
from assets.warehouse import PromiseBroken, Warehouse
from data_contracts.contract import load


@dg.multi_asset(
    specs=[specification(key) for key in TABLES],
    check_specs=[check for key in TABLES for check in check_specs(load(key))],
    can_subset=False,
)
def released(warehouse: dg.ResourceParam[Warehouse], site: dg.ResourceParam[Site]) -> Iterable[Any]:
    """Count, protect together, attack, and swap the release in."""
    try:
        info, built = release(warehouse, site)
    except PromiseBroken as broken:
        yield from failed_checks(broken)
        raise
    yield from (outcome(table, release=info.release_id) for table in built)
