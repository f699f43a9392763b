"""Build the published tables, protect them together, and hand them to door one."""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

from assets.contracted import upstream
from assets.home import Home
from assets.identity import Identity
from assets.labels import labels
from assets.open_data import describe
from assets.publication import Publication, ReleaseInfo
from assets.publication_ledger import Publications
from assets.requested import asked, keep, requested
from assets.so_far import lasting
from assets.stage import stage
from assets.warehouse import Built, Warehouse
from data_contracts.contract import keys, load
from models.disclosure import (
    CountTable,
    attack,
    is_of_events,
    is_of_shares,
    protect_after,
    protect_events,
    protect_shares,
    share_summary,
)
from models.public_format.imported import ImportRefused

TABLES = tuple(keys("published"))
PUBLISHED_FROM = tuple(dict.fromkeys(table for key in TABLES for table in upstream(key)))
GROUPS = "school_group_month_pupils"  # the groups that all published tables are sums of, and how many pupils they have
NESTED = [
    ("pupils_raised_unexcused_10", "pupils_raised_unexcused_15", "pupils_raised_unexcused_over_20"),
    ("pupils_at_risk", "pupils_raised_unexcused_over_20"),
    ("pupils_at_risk_this_year", "pupils_at_risk_this_term", "pupils_at_risk"),
    ("pupils_noticed", "pupils_spoken_with", "pupils_supported"),
]
_COUNTS = """
    select
        as_of_date.month as period,
        counted.as_of,
        counted.atvk_code,
        counted.school_kind as kind,
        counted.* exclude (as_of, atvk_code, school_kind, school_name, pupils_known, pupils_at_risk),
        case when counted.pupils_known > 0 then counted.pupils_at_risk end as pupils_at_risk,
        case when pupils_known_this_term > 0 then pupils_at_risk_this_term end as pupils_at_risk_this_term,
        case when pupils_known_this_year > 0 then pupils_at_risk_this_year end as pupils_at_risk_this_year,
        support.pupils_noticed,
        support.pupils_spoken_with,
        support.pupils_supported,
        support.pupils_with_plan
    from risk.group_week_count as counted
    inner join risk.as_of_date on counted.as_of = as_of_date.as_of and as_of_date.is_month_close
    inner join risk.group_month_so_far as so_far
        on
            counted.as_of = so_far.as_of
            and counted.school_reg_no = so_far.school_reg_no
            and counted.grade = so_far.grade
            and counted.sex = so_far.sex
    inner join risk.group_month_support as support
        on
            counted.as_of = support.as_of
            and counted.school_reg_no = support.school_reg_no
            and counted.grade = support.grade
            and counted.sex = support.sex
    order by counted.as_of, counted.school_reg_no, counted.grade, counted.sex
"""

# The thresholds with which pages hint at topics.
_POLICY = """
    select parameter, value from risk.policy_parameter cross join risk.stand
    where parameter like 'hint_%' and as_of between valid_from and coalesce(valid_to, date '9999-12-31')
    order by parameter
"""
# `pumpurs synth` says of every school that it is invented; pages must say so, too, as municipalities have real names.
_INVENTED = "select coalesce(bool_and(name like '%(izdomāt_)'), false) as all from core.institution"


@dataclass(frozen=True)
class Site:
    """Whatever writes pages into a release folder; wiring chooses it, the graph does not know it."""

    write: Callable[[Path], Any] | None = None
    funding: Mapping[str, str] = field(default_factory=dict)  # by language: who runs and who pays for it

    def complete(self, folder: Path) -> None:
        """Write, beside the tables of a release, what describes them, and the pages."""
        describe(folder)
        if self.write:
            self.write(folder)


def _raw_counts(warehouse: Warehouse, key: str, last_period: str | None) -> tuple[CountTable, Built]:
    frame, built = warehouse.examine(key)
    wanted = frame if last_period is None else frame.filter(pl.col("period") <= last_period)
    group = tuple(n for n in load(key).natural_key if n != "period")
    return CountTable(key.split(".")[1], wanted, group), built


def _inner(warehouse: Warehouse, last_period: str | None) -> pl.DataFrame:
    """Return the raw counts of the groups that all published tables are sums of."""
    frame = warehouse.query(_COUNTS)
    return frame if last_period is None else frame.filter(pl.col("period") <= last_period)


def _meta(warehouse: Warehouse, site: Site) -> dict[str, Any]:
    stand = warehouse.query("select as_of, known_on from risk.stand").row(0, named=True)
    said = {"funding": dict(site.funding)} if site.funding else {}
    policy = {"policy": dict(warehouse.query(_POLICY).rows()), "is_invented": warehouse.query(_INVENTED)["all"][0]}
    return {**stand, "pipeline_version": version("pumpurs"), "labels": labels(warehouse), **policy, **said}


def _is_newest(publication: Publication, meta: dict[str, Any]) -> bool:
    """Tell whether readers should be moved to the release: one of a past day, or of less knowledge, is no news."""
    current = publication.current()
    clocks = ("as_of", "known_on")
    return current is None or [current.report[c] for c in clocks] <= [meta[c].isoformat() for c in clocks]


def _asked_for(home: Home, inner: pl.DataFrame, wanted: Path | None) -> list[CountTable]:
    """Count what was asked for, now or before; ImportRefused where a new request counts nobody."""
    requests = {request.name: request for request in requested(home)}
    new = asked(home, wanted) if wanted else None
    if new and new.table(inner).frame.is_empty():
        raise ImportRefused(f"{wanted}: it counts nobody; name months from {inner['period'].min()} on in from and to")
    requests |= {new.name: new} if new else {}
    made = [request.table(inner) for _, request in sorted(requests.items())]
    return [table for table in made if table.frame.height]


def is_of_pupils(table: CountTable) -> bool:
    """Tell whether a table counts pupils: neither shares of lessons nor events."""
    return not is_of_shares(table.frame) and not is_of_events(table.name)


def release(
    warehouse: Warehouse, site: Site, last_period: str | None = None, wanted: Path | None = None
) -> tuple[ReleaseInfo, list[Built]]:
    """Protect all published tables together and write the release; DisclosureRefused when that cannot be done.

    wanted: a request for one more table, kept for all releases that follow; ImportRefused if it cannot be had.
    """
    with stage("published") as measured:
        counted = [_raw_counts(warehouse, key, last_period) for key in TABLES]
        inner = _inner(warehouse, last_period)
        raw = [table for table, _ in counted]
        others = [protect_shares(table) for table in raw if is_of_shares(table.frame)]
        others += [protect_events(table) for table in raw if is_of_events(table.name)]
        counts = [table for table in raw if is_of_pupils(table)] + _asked_for(warehouse.home, inner, wanted)
        ledger, publication = Publications(warehouse.home), Publication(warehouse.home.releases)
        secret = hmac.digest(Identity(warehouse.home).secret(), b"pumpurs publications", "sha256")
        made = protect_after(ledger.seen(), counts, inner, NESTED, lasting=lasting(warehouse), secret=secret)
        meta, tables = _meta(warehouse, site), sorted([*made.tables, *others], key=lambda table: table.name)
        ledger.append(publication.name_of(tables, meta), made)
        if wanted:  # before readers see it: a table that came and went would not be protected with what follows
            keep(warehouse.home, wanted)
        info = publication.release(tables, meta, site.complete, is_current=_is_newest(publication, meta))
        ledger.mark_published()
        measured.rows = sum(table.frame.height for table in tables)
    return info, [built for _, built in counted]


def attacked(info: ReleaseInfo, *, is_thorough: bool = False) -> pl.DataFrame:
    """Attack the tables of a release as they lie on disk; thoroughly, with a solver."""
    tables = [table for table in info.tables() if is_of_pupils(table)]
    groups = next(table.frame for table in tables if table.name == GROUPS)
    return attack(tables, groups, info.nested, is_thorough=is_thorough)


def attacked_shares(info: ReleaseInfo) -> list[dict[str, Any]]:
    """Attack the tables of shares of a release; tell of each how many it shows, and what follows too closely."""
    tables = [table for table in info.tables() if is_of_shares(table.frame)]
    return [share_summary(table) for table in tables]
