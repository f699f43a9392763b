"""Door two: a list of pupils leaves only to a person whose role covers them, and every look is logged."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from unicodedata import combining, normalize

import polars as pl

from assets.access_log import log_look
from assets.home import Home
from assets.identity import Identity
from assets.issued import PLACES, Issue
from assets.warehouse import Warehouse

HEALTH = ("reasons_health", "reasons_health_lv", "reasons_health_en")
_COORDINATORS = ("school_coordinator", "municipal_coordinator")


class NoSuchList(Exception):
    """There is no list to show; the message names the next step."""


@dataclass(frozen=True)
class Place:
    """A school or a municipality, as it was called when the list was issued."""

    code: str
    name: str
    column: str


@dataclass(frozen=True)
class CaseList:
    """One list as it leaves: ordered, cut to a capacity, with or without names."""

    issue: Issue
    place: Place
    capacity: int
    total: int
    is_named: bool
    rows: pl.DataFrame
    shows_health: bool = False

    @property
    def as_of(self) -> date:
        """Return the day the list stands on."""
        return self.issue.as_of

    @property
    def known_on(self) -> date:
        """Return the last day of delivery that counted."""
        return self.issue.known_on

    def label(self, column: str, value: str) -> str:
        """Return the Latvian label of a value, or of a column (`columns`), with which the list was issued."""
        return self.issue.about["labels"][column].get(value) or value


def _plain(text: str) -> str:
    """Write a name as somebody without a Latvian keyboard types it."""
    return "".join(sign for sign in normalize("NFKD", text.lower()) if not combining(sign))


def fitting(places: pl.DataFrame, wanted: str) -> pl.DataFrame:
    """Keep the places of that code or whole name; if there is none, those with it as a part of the name."""
    exact = places.filter(
        (pl.col("code") == wanted) | ((pl.col("name").str.to_lowercase() == wanted.lower()) & pl.col("is_current"))
    )
    if exact.height:
        return exact
    return places.filter(pl.Series([_plain(wanted) in _plain(name) for name in places["name"]], dtype=pl.Boolean))


def find_place(issue: Issue, wanted: str, today: pl.DataFrame) -> Place:
    """Find a school or municipality by its code or by part of its name; NoSuchList if none or several fit.

    It is called as it was when the list was issued. A name it got later finds it, too, by `today`'s places.
    """
    then = issue.places
    found = fitting(then, wanted)
    if not found.height:
        found = then.filter(pl.col("code").is_in(fitting(today, wanted)["code"].implode()))
    if found.height == 1:
        row = found.row(0, named=True)
        return Place(row["code"], row["name"], row["kind"])
    if not found.height:
        raise NoSuchList(f"no school or municipality is called or coded '{wanted}'; `pumpurs status` names the schools")
    some = "; ".join(f"{r['code']} {r['name']}" for r in found.sort("code").head(5).to_dicts())
    raise NoSuchList(f"{found.height} places fit '{wanted}': {some}; give the code")


def covers(
    warehouse: Warehouse, person: str, today: date, place: Place, roles: tuple[str, ...] = _COORDINATORS
) -> bool:
    """Tell whether a role of the person covers the place today; a municipal role covers its schools.

    A delegated role covers no more than the person who delegated it has today, and is not delegated further.
    """
    if not person:
        return False
    found = warehouse.query(
        """
        with held as (
            select * from core.role_assignment where $day between valid_from and coalesce(valid_to, date '9999-12-31')
        )
        select count(*) as roles from held
        where login = $login and list_contains($roles, role)
            and (organisation = $code and (role = 'school_coordinator') = $is_school
                or role = 'municipal_coordinator' and organisation in (
                select max_by(atvk_code, valid_from) from core.institution
                where school_reg_no = $code and valid_from <= $day))
            and (delegated_by is null or exists (
                select 1 from held as own
                where own.login = held.delegated_by and own.role = held.role and own.organisation = held.organisation
                    and own.delegated_by is null))
        """,
        {
            "login": person,
            "day": today,
            "code": place.code,
            "roles": list(roles),
            "is_school": place.column == "school_reg_no",
        },
    )
    return bool(found["roles"][0])


def sees_health(warehouse: Warehouse, person: str, today: date, place: Place) -> bool:
    """Tell whether the person sees reasons of health: a role of that very school does, a municipal one never."""
    return place.column == "school_reg_no" and covers(warehouse, person, today, place, ("school_coordinator",))


def _without_health(rows: pl.DataFrame) -> pl.DataFrame:
    """Drop reasons of health, and the pupils who have no other: a list from before there were any is as it was."""
    return rows.filter(pl.col("reasons").is_not_null()).drop(*HEALTH, strict=False)


def _ordered(rows: pl.DataFrame, place: Place) -> pl.DataFrame:
    """Keep the school's own order; over a municipality the same rule orders all its schools."""
    if place.column == "school_reg_no":
        return rows.sort("position")
    by = ["is_legal_raised", "families_raised", "severity", "position", "school_reg_no"]
    mixed = rows.sort(by, descending=[True, True, True, False, False])
    return mixed.with_columns(pl.int_range(1, pl.len() + 1).alias("position"))


def named(
    rows: pl.DataFrame, identity: Identity, former: Mapping[str, list[str]], files: list[str] | None
) -> pl.DataFrame:
    """Name every pupil by the key shown or, where the vault knows no name for it, by a former key of that pupil.

    files: the vault files of the day of the list; all if None.
    """
    vault = identity.read_vault(files)
    found = ((k, next((vault[o] for o in (k, *former.get(k, ())) if o in vault), None)) for k in rows["pupil_key"])
    names = [f"{p.given_name} {p.family_name}" if p else k for k, p in found]
    return rows.with_columns(pl.Series("name", names, dtype=pl.String))


def read_list(warehouse: Warehouse, issue: Issue, wanted: str, capacity: int, who: tuple[str, date]) -> CaseList:
    """Read an issued list for a person who looks on a day, cut to what a team can talk about.

    who: login, and the day of the look: a role that has ended shows no names, however old the list is. Names are those
    that were known when the list was issued. Reasons of health leave only to a role of the school itself.
    """
    place = find_place(issue, wanted, warehouse.query(PLACES))
    is_named, shows_health = covers(warehouse, *who, place), sees_health(warehouse, *who, place)
    rows = issue.rows.filter(pl.col(place.column) == place.code)
    rows = rows if shows_health else _without_health(rows)
    shown = _ordered(rows, place).head(capacity)
    if is_named:
        shown = named(shown, Identity(warehouse.home), issue.former_keys, issue.about["vault"])
    return CaseList(issue, place, capacity, rows.height, is_named, shown, shows_health)


def log_access(home: Home, person: str, shown: CaseList, moment: datetime) -> None:
    """Append who looked at which list, when, how many rows, with names or without."""
    told: dict[str, Any] = {
        "as_of": shown.as_of.isoformat(),
        "known_on": shown.known_on.isoformat(),
        "issue": shown.issue.number,
        "pupils": shown.rows.height,
        "named": shown.is_named,
        "health": shown.shows_health,
    }
    log_look(home, person, shown.place.code, told, moment)
