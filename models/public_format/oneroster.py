"""Turn a OneRoster export into a delivery: orgs, sessions, users, enrollments and results. It tells no attendance."""

from dataclasses import dataclass
from datetime import date

import polars as pl

from models.public_format.imported import Imported, ImportRefused
from models.public_format.oneroster_belonging import classes_of, enrolments, sessions_of
from models.public_format.oneroster_mark import marks
from models.public_format.oneroster_source import require_always
from models.public_format.oneroster_table import Account, Export, is_deleted, people, typed, units_and_schools
from models.public_format.registers import VALID_FROM, in_order

SEX = {"male": "M", "female": "F"}
NEEDS = {
    "municipality": "orgs", "institution": "orgs", "calendar_day": "academicSessions", "pupil": "users",
    "enrolment": "enrollments", "mark": "results",
}  # fmt: skip


@dataclass(frozen=True)
class RosterImport:
    """What an export becomes, the keys of marks to withdraw, and what its full datasets reach back to."""

    imported: Imported
    withdrawn: pl.DataFrame
    first_day: date | None
    last_change: date | None


def import_export(export: Export) -> RosterImport:
    """Turn an export into datasets; ImportRefused names file, count, rule and next step."""
    require_always(export.version, export.tables)
    account = Account()
    units, schools = units_and_schools(export, account)
    sessions = sessions_of(export, account)
    classes = classes_of(export, account, sessions, schools)
    pupils = people(export, account)
    if not pupils.height and export.is_bulk("users"):
        why = ", ".join(f"{count} {reason}" for reason, count in account.left_out["users"].items())
        raise ImportRefused(
            f"users.csv: 0 of its {export.tables['users'].height} users can be taken as pupils ({why}); correct these"
        )
    kept, withdrawn = marks(export, account, pupils, classes)
    found = {
        "municipality": _municipalities(units),
        "institution": _institutions(schools),
        "calendar_day": _calendar_days(sessions, schools),
        "pupil": _pupils(pupils, typed(export, "demographics", account), account),
        "enrolment": enrolments(export, account, pupils, classes),
        "mark": kept,
    }
    datasets = in_order({name: rows for name, rows in found.items() if NEEDS[name] in export.tables})
    return RosterImport(_counted(export, account, datasets), withdrawn, *_days(account, datasets, sessions))


def _counted(export: Export, account: Account, datasets: dict[str, pl.DataFrame]) -> Imported:
    left_out = {file: account.left_out.get(file, {}) for file in export.tables}
    used = {file: rows.height - sum(left_out[file].values()) for file, rows in export.tables.items()}
    return Imported(datasets, used, left_out, account.notes)


def _days(
    account: Account, datasets: dict[str, pl.DataFrame], sessions: pl.DataFrame
) -> tuple[date | None, date | None]:
    """Return the first day of all sessions and rows, and the last day on which anything is told to have changed."""
    dated = {"enrolment": "entry_date", "mark": "mark_date"}
    starts = [datasets[name][column].min() for name, column in dated.items() if name in datasets]
    first = [day for day in [*starts, sessions["startDate"].min()] if isinstance(day, date)]
    return min(first, default=None), max(account.changed, default=None)


def _municipalities(units: pl.DataFrame) -> pl.DataFrame:
    is_wide = pl.col("kind").is_in(["state", "national"])
    return units.select(
        atvk_code="unit_code",
        valid_from=pl.lit(VALID_FROM),
        name_lv="name",
        name_en="name",
        kind=pl.when(is_wide).then(pl.lit("region")).otherwise(pl.lit("county")),
        valid_to=pl.when(is_deleted()).then("modified"),
        successor_atvk=pl.lit(None, pl.String),
    )


def _institutions(schools: pl.DataFrame) -> pl.DataFrame:
    return schools.select(
        school_reg_no="code",
        valid_from=pl.lit(VALID_FROM),
        name="name",
        atvk_code="unit_code",
        kind=pl.lit("general"),
        founder=pl.lit(None, pl.String),
        valid_to=pl.when(is_deleted()).then("modified"),
    )


def _calendar_days(sessions: pl.DataFrame, schools: pl.DataFrame) -> pl.DataFrame:
    """Return the first and the last day of each semester, and no day between: OneRoster does not tell of breaks."""
    ranked = {"semester": 0, "term": 1, "schoolyear": 2}
    rank = pl.col("kind").replace_strict(ranked, default=None, return_dtype=pl.Int8)
    parts = sessions.with_columns(rank=rank).filter(pl.col("rank") == pl.col("rank").min().over("label"))
    place = pl.struct("startDate", "sourcedId").rank("ordinal").over("label").cast(pl.Int64) - 1
    half = pl.when(place * 2 < pl.len().over("label")).then(1).otherwise(2)
    semesters = parts.with_columns(semester=half).group_by("label", "semester").agg(
        first=pl.col("startDate").min(), last=pl.col("last_day").max()
    )  # fmt: skip
    weekday = pl.col("first").dt.weekday(), pl.col("last").dt.weekday()
    # School is on weekdays: a session from Saturday on begins on Monday, one to Sunday ends on Friday.
    first = pl.col("first") + pl.duration(days=pl.when(weekday[0] > 5).then(8 - weekday[0]).otherwise(0))
    last = pl.col("last") - pl.duration(days=pl.when(weekday[1] > 5).then(weekday[1] - 5).otherwise(0))
    days = semesters.with_columns(date=pl.concat_list(first, last)).explode("date")
    return days.unique(["label", "date"]).join(schools.select(school_reg_no="code"), how="cross").select(
        school_year="label", date="date", grade_from=pl.lit(1), school_reg_no="school_reg_no", grade_to=pl.lit(13),
        semester="semester", kind=pl.lit("school_day"),
    )  # fmt: skip


def _pupils(pupils: pl.DataFrame, demographics: pl.DataFrame, account: Account) -> pl.DataFrame:
    ids = pupils.select("sourcedId", is_pupil=True)
    judged = demographics.join(ids, on="sourcedId", how="left").with_columns(
        pl.when(pl.col("is_pupil").is_null()).then(pl.lit("not of a pupil of users.csv")).alias("reason")
    )
    known = account.judge("demographics", judged).select("sourcedId", "birthDate", "sex")
    sex = pl.col("sex").str.to_lowercase().replace_strict(SEX, default=None, return_dtype=pl.String)
    return pupils.join(known, on="sourcedId", how="left").select(
        "person_code", given_name="givenName", family_name="familyName", birth_date="birthDate", sex=sex
    )
