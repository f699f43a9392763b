"""When a pupil belongs to a school: OneRoster tells of classes only, so their spells are joined."""

from datetime import date

import polars as pl

from models.public_format.imported import first_reason
from models.public_format.oneroster_table import PUPIL, ROLES, Account, Export, is_deleted, typed
from models.public_format.oneroster_value import listed

EVER = date(9999, 12, 31)
AT_SCHOOL = ["person_code", "school_reg_no"]
ENROLMENT = [*AT_SCHOOL, "entry_date", "grade", "class_label", "programme_code", "exit_date", "exit_status"]
NOT_WHOLE = "delta: a change of one class does not tell when the pupil came or left (give the last bulk with --onto)"


def sessions_of(export: Export, account: Account) -> pl.DataFrame:
    """Return the academic sessions with dates, `label` (2025/2026), and `last_day`: endDate itself is excluded."""
    sessions = typed(export, "academicSessions", account)
    start, end = pl.col("startDate"), pl.col("endDate")
    year = pl.coalesce(pl.col("schoolYear").str.extract(r"(\d{4})\D*$", 1).cast(pl.Int32), _year_of(start))
    judged = sessions.with_columns(
        first_reason(
            ("to be deleted", is_deleted()),
            ("startDate or endDate is no date", start.is_null() | end.is_null()),
            ("it ends before it begins", end <= start),
        ),
        label=pl.concat_str(year - 1, year, separator="/"),
        last_day=end.dt.offset_by("-1d"),
        kind=pl.col("type").str.to_lowercase(),
    )
    return account.judge("academicSessions", judged)


def _year_of(start: pl.Expr) -> pl.Expr:
    """Name a school year by the calendar year in which it ends, as OneRoster does."""
    return start.dt.year() + (start.dt.month() >= 7).cast(pl.Int32)


def classes_of(export: Export, account: Account, sessions: pl.DataFrame, schools: pl.DataFrame) -> pl.DataFrame:
    """Return the classes with school, and first day, end and school year of their terms as far as those are there."""
    classes = typed(export, "classes", account)
    terms = classes.select("sourcedId", term=listed("termSourcedIds")).explode("term")
    dated = terms.join(sessions, left_on="term", right_on="sourcedId").group_by("sourcedId").agg(
        class_start=pl.col("startDate").min(), class_end=pl.col("endDate").max(), label=pl.col("label").max()
    )  # fmt: skip
    years = sessions.group_by("label").agg(year_start=pl.col("startDate").min())
    known = schools.select(schoolSourcedId="sourcedId", school_reg_no="code")
    joined = classes.join(dated.join(years, on="label", how="left"), on="sourcedId", how="left")
    joined = joined.join(known, on="schoolSourcedId", how="left")
    newest = pl.col("year_start").max().over("schoolSourcedId")
    return account.judge(
        "classes",
        joined.with_columns(
            first_reason(("its school is not in orgs.csv", pl.col("school_reg_no").is_null())),
            is_current=(pl.col("class_end") > newest).fill_null(value=True),
        ),
    )


def enrolments(export: Export, account: Account, pupils: pl.DataFrame, classes: pl.DataFrame) -> pl.DataFrame:
    """Return when each pupil belongs to which school; an end that is that of the class's terms is no leaving."""
    rows = typed(export, "enrollments", account).with_columns(enrolment_role=pl.col("role").str.to_lowercase())
    judged = _judged(export, _with_days(rows, pupils, classes))
    used = account.judge("enrollments", judged)
    account.note("class enrolments to be deleted: they end on the day of the change", used.filter(is_deleted()).height)
    return _joined_spells(used)


def _with_days(rows: pl.DataFrame, pupils: pl.DataFrame, classes: pl.DataFrame) -> pl.DataFrame:
    known = pupils.select("person_code", "grade", "gone_on", userSourcedId="sourcedId")
    of_class = classes.select(
        "school_reg_no", "class_start", "class_end", "is_current", "classType", classSourcedId="sourcedId",
        class_title="title",
    )  # fmt: skip
    joined = rows.join(known, on="userSourcedId", how="left").join(of_class, on="classSourcedId", how="left")
    deleted_on = pl.when(is_deleted()).then(pl.min_horizontal("endDate", "modified"))
    begin, end = pl.coalesce("beginDate", "class_start"), pl.coalesce(deleted_on, "endDate")
    return joined.with_columns(begin=begin, told_end=pl.min_horizontal(end, "gone_on"))


def _judged(export: Export, rows: pl.DataFrame) -> pl.DataFrame:
    role = pl.col("enrolment_role")
    return rows.with_columns(
        first_reason(
            *[(f"not a pupil: {other}", role == other) for other in ROLES if other != PUPIL],
            ("the role is none of the standard, or not told", role.fill_null("") != PUPIL),
            (NOT_WHOLE, pl.lit(not export.is_bulk("enrollments"))),
            ("its user is not among the pupils of users.csv", pl.col("person_code").is_null()),
            ("its class is not in classes.csv", pl.col("school_reg_no").is_null()),
            ("beginDate or endDate is no date", pl.col("beginDate_odd") | pl.col("endDate_odd")),
            ("neither it nor its class's terms tell when it begins", pl.col("begin").is_null()),
            ("to be deleted, and no day tells since when", is_deleted() & pl.col("told_end").is_null()),
            ("it ends before it begins", (pl.col("told_end") < pl.col("begin")) & ~is_deleted() & _stays()),
        )
    )


def _stays() -> pl.Expr:
    return pl.col("gone_on").is_null()


def _joined_spells(rows: pl.DataFrame) -> pl.DataFrame:
    """Join a pupil's classes at a school into spells; classes of an earlier school year end with their terms."""
    is_open = pl.col("told_end").is_null() | (pl.col("told_end") >= pl.col("class_end")) & _stays() & ~is_deleted()
    end = pl.when(is_open & pl.col("is_current")).then(pl.lit(EVER)).otherwise(pl.coalesce("told_end", "class_end"))
    dated = rows.with_columns(until=pl.max_horizontal(end, "begin")).sort(*AT_SCHOOL, "begin", "sourcedId")
    covered = pl.col("until").cum_max().shift(1).over(AT_SCHOOL)
    spell = (pl.col("begin") > covered).fill_null(value=True).cum_sum().over(AT_SCHOOL).alias("spell")
    is_homeroom = pl.col("classType").str.to_lowercase() == "homeroom"
    spells = dated.with_columns(spell).group_by(*AT_SCHOOL, "spell", maintain_order=True).agg(
        entry_date=pl.col("begin").min(),
        until=pl.col("until").max(),
        grade=pl.when(pl.col("is_current").any()).then(pl.col("grade").first()),
        class_label=pl.col("class_title").filter(is_homeroom).last(),
    )  # fmt: skip
    nothing = pl.lit(None, pl.String)
    left = spells.with_columns(exit_date=pl.when(pl.col("until") < EVER).then("until"))
    return left.with_columns(programme_code=nothing, exit_status=nothing).select(ENROLMENT)
