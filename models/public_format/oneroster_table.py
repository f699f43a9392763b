"""OneRoster's tables, typed and joined to who and where: a row tells something, or there is a reason why not."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

import polars as pl

from models.public_format.imported import ImportRefused, count_reasons, first_reason
from models.public_format.made_code import make_codes, person_code, school_code, territory_code
from models.public_format.oneroster_source import FILES, once
from models.public_format.oneroster_value import ACTIVE, DELETED, date_orders, grade, read_dates, status

BULK, DELTA = "bulk", "delta"
PUPIL = "student"
ROLES = (
    "administrator", "aide", "counselor", "districtadministrator", "guardian", "parent", "principal", "proctor",
    "relative", "siteadministrator", "student", "systemadministrator", "teacher",
)  # fmt: skip
_DATES = {
    "academicSessions": ("startDate", "endDate"), "roles": ("beginDate", "endDate"), "demographics": ("birthDate",),
    "enrollments": ("beginDate", "endDate"), "results": ("scoreDate",),
}  # fmt: skip
_UNITS = ("district", "local", "state", "national")
_PERSON_CODE, _SCHOOL_CODE, _TERRITORY_CODE = r"^\d{6}-?\d{5}$", r"^\d{10}$", r"^[0-9A-Z]{7}$"
ODD_STATUS = "status is neither active nor tobedeleted"


def dates_of(file: str) -> tuple[str, ...]:
    """Name the columns of a file that hold dates."""
    return ("dateLastModified", *_DATES.get(file, ()))


@dataclass(frozen=True)
class Export:
    """One export as it was read: text tables by file, how each is meant, who sends it, whose identifiers it bears."""

    tables: Mapping[str, pl.DataFrame]
    modes: Mapping[str, str]
    version: str
    source: str = "oneroster"
    is_latvian: bool = False
    date_order: str | None = None

    @cached_property
    def orders(self) -> dict[str, str]:
        """Tell, for columns with dates such as 03/04/2025, whether the day stands first (dmy) or the month (mdy)."""
        dated = {f"{file}.csv {name}": self.tables[file][name] for file in self.tables for name in dates_of(file)}
        return date_orders(dated, self.date_order)

    def is_bulk(self, file: str) -> bool:
        """Tell whether a file holds everything; a file that is not there does."""
        return self.modes.get(file, BULK) == BULK


@dataclass
class Account:
    """Why rows are left out, file by file."""

    left_out: dict[str, dict[str, int]] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=dict)
    changed: list[date] = field(default_factory=list)

    def leave(self, file: str, reasons: Mapping[str, int]) -> None:
        """Add rows that are left out, by reason."""
        told = self.left_out.setdefault(file, {})
        for why, count in reasons.items():
            told[why] = told.get(why, 0) + count

    def judge(self, file: str, judged: pl.DataFrame) -> pl.DataFrame:
        """Count what has a reason, and return what has none."""
        self.leave(file, count_reasons(judged))
        return judged.filter(pl.col("reason").is_null()).drop("reason")

    def note(self, what: str, count: int) -> None:
        """Count what is kept with a doubt."""
        self.notes |= {what: count} if count else {}


def merge(base: Export, later: Export) -> tuple[Export, dict[str, int]]:
    """Return the whole state after a later export, and how many rows of each file it replaced."""
    if base.version != later.version:
        raise ImportRefused(
            f"manifest.csv: oneroster.version is {later.version}, the export before it has {base.version}; start anew"
            " with a bulk export of the new version"
        )
    tables, replaced = dict(base.tables), {}
    for file, rows in later.tables.items():
        if later.is_bulk(file) or file not in tables:
            tables[file] = rows
            continue
        kept = tables[file].join(rows.select("sourcedId"), on="sourcedId", how="anti")
        replaced[file] = tables[file].height - kept.height
        tables[file] = pl.concat([kept, rows])
    modes = dict.fromkeys(tables, BULK)
    return replace(later, tables=tables, modes=modes), replaced


def typed(export: Export, file: str, account: Account) -> pl.DataFrame:
    """Return a file's rows of known status, once each, with dates; an empty table for a file that is not there."""
    rows = export.tables.get(file, pl.DataFrame(schema=dict.fromkeys(FILES[file].columns, pl.String)))
    nameless = pl.col("sourcedId").is_null()
    account.leave(file, {"no sourcedId": rows.filter(nameless).height} if rows.filter(nameless).height else {})
    orders = {name: export.orders.get(f"{file}.csv {name}", "dmy") for name in dates_of(file)}
    dated = read_dates(rows.filter(~nameless), orders)
    different, left_out = once(file, dated.rename({"dateLastModified": "modified"}).with_columns(status=status()))
    account.leave(file, left_out)
    latest = [different[name].max() for name in ("modified", "scoreDate") if name in different.columns]
    account.changed += [day for day in latest if isinstance(day, date)]
    return account.judge(
        file, different.with_columns(first_reason((ODD_STATUS, ~pl.col("status").is_in([ACTIVE, DELETED]))))
    )


def is_deleted() -> pl.Expr:
    """Write whether a row is to be deleted."""
    return pl.col("status") == DELETED


def units_and_schools(export: Export, account: Account) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return municipalities and schools with `code`, schools also with `unit_code`, the municipality's code."""
    orgs = typed(export, "orgs", account).with_columns(kind=pl.col("type").str.to_lowercase())
    named = _with_unit(orgs)
    territory = _coded(export, pl.concat([orgs["sourcedId"], named["unit"]]), "territory", orgs)
    school = _coded(export, orgs["sourcedId"], "school", orgs)
    joined = named.join(territory.rename({"code": "unit_code"}), left_on="unit", right_on="identifier", how="left")
    joined = joined.join(school, left_on="sourcedId", right_on="identifier", how="left")
    is_school, is_unit = pl.col("kind") == "school", pl.col("kind").is_in(_UNITS)
    needed = pl.col("sourcedId").is_in(joined.filter(is_school)["unit"].to_list()) | pl.col("kind").is_in(_UNITS[:2])
    judged = joined.with_columns(
        first_reason(
            ("neither school nor municipality, district or state", ~is_school & ~is_unit),
            ("no school belongs to it directly", is_unit & ~needed),
            ("identifier is no registration number", is_school & pl.col("code").is_null()),
            ("identifier of it or of its district is no ATVK code", pl.col("unit_code").is_null()),
        )
    )
    kept = account.judge("orgs", judged)
    own = kept.filter((pl.col("kind") == "school") & (pl.col("unit") == pl.col("sourcedId")))
    account.note("schools of no district: each stands as a municipality of its own", own.height)
    units = pl.concat([kept.filter(pl.col("kind") != "school"), own])
    return units, kept.filter(pl.col("kind") == "school")


def _with_unit(orgs: pl.DataFrame) -> pl.DataFrame:
    """Add `unit`: the nearest district or state above, the parent where the file does not hold it, or else itself."""
    above = orgs.select(up="sourcedId", up_kind="kind", up_parent="parentSourcedId")
    rows = orgs.with_columns(
        unit=pl.when(pl.col("kind").is_in(_UNITS)).then("sourcedId").otherwise("parentSourcedId"),
    )
    for _ in range(8):  # more levels there are not; a circle of parents ends here
        joined = rows.join(above, left_on="unit", right_on="up", how="left")
        climbs = pl.col("up_kind").is_not_null() & ~pl.col("up_kind").is_in(_UNITS)
        rows = joined.with_columns(unit=pl.when(climbs).then("up_parent").otherwise("unit")).drop(
            "up_kind", "up_parent"
        )
    return rows.with_columns(unit=pl.coalesce("unit", "sourcedId"))


def _coded(export: Export, identifiers: pl.Series, what: str, orgs: pl.DataFrame) -> pl.DataFrame:
    """Return `identifier`, an org's sourcedId, with its `code`: delivered if the identifiers are Latvian, else made."""
    form, make = {"school": (_SCHOOL_CODE, school_code), "territory": (_TERRITORY_CODE, territory_code)}[what]
    if not export.is_latvian:
        return make_codes(identifiers, make, export.source, "orgs")
    written = pl.col("identifier").str.replace_all(r"[\s]", "")
    return orgs.select(identifier="sourcedId", code=pl.when(written.str.contains(form)).then(written))


def people(export: Export, account: Account) -> pl.DataFrame:
    """Return the students with person_code, grade and `gone_on`, the day on which a user to be deleted was gone."""
    users = typed(export, "users", account)
    pupils = _student_ids(export, users, account)
    codes = _person_codes(export, users)
    judged = users.join(pupils, on="sourcedId", how="left").join(codes, on="sourcedId", how="left")
    judged = judged.with_columns(
        first_reason(
            *[(f"not a pupil: {role}", pl.col("user_role") == role) for role in ROLES if role != PUPIL],
            ("the role is none of the standard, or not told", pl.col("user_role").fill_null("") != PUPIL),
            ("identifier is no personal code", pl.col("person_code").is_null()),
        ),
        grade=grade(),
        gone_on=pl.when(is_deleted()).then("modified"),
    )
    kept = account.judge("users", judged)
    account.note("pupils whose grade is none of 1 to 12, or several", kept["grade"].null_count())
    account.note("pupils to be deleted: kept, their belonging ends", kept["gone_on"].count())
    dayless = kept.filter(is_deleted() & pl.col("gone_on").is_null()).height
    account.note("pupils to be deleted without a day: kept, their belonging goes on", dayless)
    _refuse_shared(kept)
    return kept


def _refuse_shared(pupils: pl.DataFrame) -> None:
    shared = pupils.height - pupils["person_code"].n_unique()
    if shared:
        raise ImportRefused(f"users.csv: {shared} pupils share a personal code with another; correct the identifiers")


def _student_ids(export: Export, users: pl.DataFrame, account: Account) -> pl.DataFrame:
    """Return each user's role; in 1.2 it stands in roles.csv, where a user may have several: being a pupil counts."""
    if export.version == "1.1":
        return users.select("sourcedId", user_role=pl.col("role").str.to_lowercase())
    roles = typed(export, "roles", account).with_columns(user_role=pl.col("role").str.to_lowercase())
    known = roles.join(users.select(userSourcedId="sourcedId", has_user=True), on="userSourcedId", how="left")
    used = account.judge(
        "roles", known.with_columns(first_reason(("its user is not in users.csv", pl.col("has_user").is_null())))
    )
    first = (pl.col("user_role") != PUPIL).alias("is_other")
    ranked = used.sort(first, "user_role", "sourcedId").unique("userSourcedId", keep="first", maintain_order=True)
    return ranked.select("user_role", sourcedId="userSourcedId")


def _person_codes(export: Export, users: pl.DataFrame) -> pl.DataFrame:
    if not export.is_latvian:
        codes = make_codes(users["sourcedId"], person_code, export.source, "users")
        return codes.rename({"identifier": "sourcedId", "code": "person_code"})
    written = pl.col("identifier").str.replace_all(r"[\s-]", "")
    return users.select("sourcedId", person_code=pl.when(written.str.contains(_PERSON_CODE)).then(written))
