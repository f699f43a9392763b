"""Door two: a list of pupils leaves only to a person whose role covers them, and every look is logged."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from assets.home import Home
from assets.identity import Identity
from assets.warehouse import Warehouse
from data_contracts.contract import load


class NoSuchList(Exception):
    """There is no list to show; the message names the next step."""


@dataclass(frozen=True)
class Place:
    """A school or a municipality."""

    code: str
    name: str
    column: str


@dataclass(frozen=True)
class CaseList:
    """One list as it leaves: ordered, cut to a capacity, with or without names."""

    place: Place
    as_of: date
    known_on: date
    capacity: int
    total: int
    is_named: bool
    rows: pl.DataFrame


_PLACES = """
    select school_reg_no as code, max_by(name, valid_from) as name, 'school_reg_no' as kind, true as is_current
    from core.institution group by school_reg_no
    union all
    select atvk_code, max_by(name_lv, valid_from), 'atvk_code', bool_or(valid_to is null)
    from core.municipality group by atvk_code
"""

_ROWS = """
    select attention_list.*, institution.name as school
    from listed.attention_list
    left join (select school_reg_no, max_by(name, valid_from) as name from core.institution group by school_reg_no)
        as institution on institution.school_reg_no = attention_list.school_reg_no
    where as_of = $as_of and known_on = $known_on
"""


# A list on which nobody stands is a list, too: the stand of the last run is always one of the days.
_ISSUED = """
    select as_of, known_on from listed.attention_list
    union select as_of, known_on from risk.stand order by as_of, known_on
"""


def _places(warehouse: Warehouse) -> pl.DataFrame:
    return warehouse.query(_PLACES)


def find_place(warehouse: Warehouse, wanted: str) -> Place:
    """Find a school or municipality by its code or by part of its name; NoSuchList if none or several fit."""
    places = _places(warehouse)
    by_name = (pl.col("name").str.to_lowercase() == wanted.lower()) & pl.col("is_current")
    exact = places.filter((pl.col("code") == wanted) | by_name)
    found = (
        exact
        if exact.height
        else places.filter(pl.col("name").str.to_lowercase().str.contains(wanted.lower(), literal=True))
    )
    if found.height == 1:
        row = found.row(0, named=True)
        return Place(row["code"], row["name"], row["kind"])
    if not found.height:
        raise NoSuchList(f"no school or municipality is called or coded '{wanted}'; `pumpurs status` names the schools")
    some = "; ".join(f"{r['code']} {r['name']}" for r in found.sort("code").head(5).to_dicts())
    raise NoSuchList(f"{found.height} places fit '{wanted}': {some}; give the code")


def issued(warehouse: Warehouse, as_of: date | None, known_on: date | None) -> tuple[date, date]:
    """Return the clocks of the newest list that fits the wish; NoSuchList names the run that would make it."""
    days = warehouse.query(_ISSUED)
    if as_of:
        days = days.filter(pl.col("as_of") == as_of)
    if known_on:
        days = days.filter(pl.col("known_on") == known_on)
    if not days.height:
        wanted = f" --as-of {as_of}" if as_of else ""
        wanted += f" --known-on {known_on}" if known_on else ""
        raise NoSuchList(f"no list was made for these days; make it with `pumpurs run{wanted}`")
    return days.row(-1)


def covers(warehouse: Warehouse, person: str, today: date, place: Place) -> bool:
    """Tell whether a role of the person covers the place today; a municipal role covers its schools."""
    if not person:
        return False
    found = warehouse.query(
        """
        select count(*) as roles from core.role_assignment
        where login = $login and role in ('school_coordinator', 'municipal_coordinator')
            and $day between valid_from and coalesce(valid_to, date '9999-12-31')
            and (organisation = $code or organisation in (
                select max_by(atvk_code, valid_from) from core.institution
                where school_reg_no = $code and valid_from <= $day))
        """,
        {"login": person, "day": today, "code": place.code},
    )
    return bool(found["roles"][0])


def _ordered(rows: pl.DataFrame, place: Place) -> pl.DataFrame:
    """Keep the school's own order; over a municipality the same rule orders all its schools."""
    if place.column == "school_reg_no":
        return rows.sort("position")
    by = ["is_legal_raised", "families_raised", "severity", "position", "school_reg_no"]
    mixed = rows.sort(by, descending=[True, True, True, False, False])
    return mixed.with_columns(pl.int_range(1, pl.len() + 1).alias("position"))


def _with_names(rows: pl.DataFrame, identity: Identity) -> pl.DataFrame:
    vault = identity.read_vault()
    names = [f"{p.given_name} {p.family_name}" if (p := vault.get(k)) else k for k in rows["pupil_key"]]
    return rows.with_columns(pl.Series("name", names, dtype=pl.String))


def read_list(
    warehouse: Warehouse, wanted: str, days: tuple[date | None, date | None], capacity: int, who: tuple[str, date]
) -> CaseList:
    """Read a list for a person who looks on a day, cut to what a team can talk about.

    days: as_of and known_on of the list, None for the newest. who: login, and the day of the look: a role that has
    ended shows no names, however old the list is.
    """
    place = find_place(warehouse, wanted)
    day, clock = issued(warehouse, *days)
    rows = warehouse.query(_ROWS, {"as_of": day, "known_on": clock}).filter(pl.col(place.column) == place.code)
    is_named = covers(warehouse, *who, place)
    shown = _ordered(rows, place).head(capacity)
    if is_named:
        shown = _with_names(shown, Identity(warehouse.home))
    return CaseList(place, day, clock, capacity, rows.height, is_named, shown)


def log_access(home: Home, person: str, shown: CaseList, moment: datetime) -> None:
    """Append who looked at which list, when, how many rows, with names or without."""
    entry: dict[str, Any] = {
        "at": moment.isoformat(timespec="seconds"),
        "person": person or "-",
        "place": shown.place.code,
        "as_of": shown.as_of.isoformat(),
        "known_on": shown.known_on.isoformat(),
        "pupils": shown.rows.height,
        "named": shown.is_named,
    }
    with (home.root / "access.jsonl").open("a", encoding="utf-8") as log:
        log.write(json.dumps(entry) + "\n")


def plan_label(status: str) -> str:
    """Return the Latvian label of a plan status."""
    column = load("raw.support_plan").column("status")
    labels = dict(zip(column.values, column.value_labels, strict=True))
    return labels.get(status) or {"unknown": "ir plāns, statuss vēlāks"}.get(status, "nav plāna")
