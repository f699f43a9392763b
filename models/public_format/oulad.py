"""Turn the Open University data set (OULAD) into a delivery: a presentation is a school year, a week is a lesson."""

from collections.abc import Mapping
from datetime import date

import polars as pl

from models.public_format.imported import Imported
from models.public_format.oulad_source import (
    LOG_ROWS,
    PRESENTATION,
    PUPIL_AT_SCHOOL,
    STUDENT,
    WITHDRAWN,
    Judged,
    is_enrolled_all_week,
    judge,
    on_day,
)

VALID_FROM = date(2012, 1, 1)  # before the first presentation
GROUP = "M"  # tutor groups are not published, so a presentation is one group
MISSED = "n"
NOT_HANDED_IN = "nv"
MARK = [*PUPIL_AT_SCHOOL, "mark_date", "subject_code", "work_kind", "sequence", "mark_text"]
# No lesson register: beside a roll it would count a week as held for a pupil who joined in the middle of it.
KEYS = {
    "municipality": ["atvk_code", "valid_from"],
    "institution": ["school_reg_no", "valid_from"],
    "calendar_day": ["school_year", "date", "grade_from", "school_reg_no"],
    "pupil": ["person_code"],
    "enrolment": [*PUPIL_AT_SCHOOL, "entry_date"],
    "attendance": [*PUPIL_AT_SCHOOL, "lesson_date", "lesson_no"],
    "mark": MARK[:-1],
}


def import_tables(tables: Mapping[str, pl.DataFrame]) -> Imported:
    """Turn the tables of SOURCES into datasets; ImportRefused if they do not fit.

    They are typed and have unique keys; the clicks have one row a student and day, and LOG_ROWS.
    """
    judged = judge(tables)
    found = {
        "municipality": _municipalities(judged.cohort),
        "institution": _institutions(judged.cohort),
        "calendar_day": _calendar_days(judged.cohort),
        "pupil": _pupils(judged.cohort),
        "enrolment": _enrolments(judged.cohort),
        "attendance": _attendance(judged),
        "mark": _marks(judged),
    }
    left_out = _left_out(tables, judged)
    used = {name: rows_read(table) - sum(left_out[name].values()) for name, table in tables.items()}
    # Sorted, because joins keep no order: the same rows must make the same bytes.
    return Imported({name: found[name].sort(key) for name, key in KEYS.items()}, used, left_out, _notes(judged))


def rows_read(table: pl.DataFrame) -> int:
    """Count the rows of the file from which a table was read."""
    return int(table[LOG_ROWS].sum()) if LOG_ROWS in table.columns else table.height


def _municipalities(cohort: pl.DataFrame) -> pl.DataFrame:
    return (
        cohort.select("atvk_code", "region")
        .unique()
        .select(
            "atvk_code",
            valid_from=VALID_FROM,
            name_lv="region",
            name_en="region",
            kind=pl.lit("region"),
            valid_to=pl.lit(None, pl.Date),
            successor_atvk=pl.lit(None, pl.String),
        )
    )


def _schools(cohort: pl.DataFrame) -> pl.DataFrame:
    """Return one row a presentation and region: a presentation has its own calendar, so it is a school of its own."""
    return cohort.select("school_reg_no", *PRESENTATION, "region", "atvk_code", "day_0", "weeks").unique()


def _institutions(cohort: pl.DataFrame) -> pl.DataFrame:
    return _schools(cohort).select(
        "school_reg_no",
        pl.lit(VALID_FROM).alias("valid_from"),
        pl.concat_str(*PRESENTATION, "region", separator=" ").alias("name"),
        "atvk_code",
        pl.lit("general").alias("kind"),
        pl.lit(None, pl.String).alias("founder"),
        pl.lit(None, pl.Date).alias("valid_to"),
    )


def _calendar_days(cohort: pl.DataFrame) -> pl.DataFrame:
    """Return day 0, so that the year has a start, and the last day of each week, on which its lesson is known."""
    schools = _schools(cohort)
    weekly = schools.with_columns(pl.int_ranges(0, "weeks").alias("week")).explode("week")
    days = weekly.select(
        *schools.columns,
        (pl.col("week") * 7 + 6).alias("day"),
        pl.when(pl.col("week") * 2 < pl.col("weeks")).then(1).otherwise(2).alias("semester"),
    )
    starts = schools.with_columns(day=pl.lit(0, pl.Int64), semester=1)
    return pl.concat([starts, days], how="vertical_relaxed").select(
        pl.concat_str("code_presentation", "code_module", separator=" ").alias("school_year"),
        on_day("day").alias("date"),
        pl.lit(1).alias("grade_from"),
        "school_reg_no",
        pl.lit(13).alias("grade_to"),
        "semester",
        pl.lit("school_day").alias("kind"),
    )


def _pupils(cohort: pl.DataFrame) -> pl.DataFrame:
    """Return one row a student of a module; only a band is known of the age, and no name."""
    return (
        cohort.sort(STUDENT)
        .unique("person_code", keep="first")
        .select(
            "person_code",
            given_name=pl.lit(None, pl.String),
            family_name=pl.lit(None, pl.String),
            birth_date=pl.lit(None, pl.Date),
            sex=pl.when(pl.col("gender").is_in(["M", "F"])).then("gender"),
        )
    )


def _enrolments(cohort: pl.DataFrame) -> pl.DataFrame:
    return cohort.select(
        *PUPIL_AT_SCHOOL,
        on_day("entry_day").alias("entry_date"),
        pl.lit(None, pl.Int64).alias("grade"),
        pl.lit(GROUP).alias("class_label"),
        pl.lit(None, pl.String).alias("programme_code"),
        on_day("exit_day").alias("exit_date"),
        "exit_status",
    )


def _attendance(judged: Judged) -> pl.DataFrame:
    """Return the roll of every covered week for those who belonged all week: empty is present, `n` is missed.

    A lesson is dated by the last day of its week: only then is it known that there was no click.
    """
    rolls = judged.cohort.join(judged.weeks, on=PRESENTATION).filter(is_enrolled_all_week())
    clicked = judged.clicks.filter(pl.col("reason").is_null()).select(*PUPIL_AT_SCHOOL, "week").unique()
    return rolls.join(clicked.with_columns(is_present=True), on=[*PUPIL_AT_SCHOOL, "week"], how="left").select(
        *PUPIL_AT_SCHOOL,
        on_day(pl.col("week") * 7 + 6).alias("lesson_date"),
        pl.lit(1, pl.Int8).alias("lesson_no"),
        pl.col("code_module").alias("subject_code"),
        pl.when(pl.col("is_present").is_null()).then(pl.lit(MISSED)).alias("code"),
        pl.lit(None, pl.Date).alias("excused_on"),
    )


def _percent() -> pl.Expr:
    score = pl.col("score")
    whole = pl.when(score == score.floor()).then(score.cast(pl.Int64).cast(pl.String))
    return pl.concat_str(whole.otherwise(score.cast(pl.String)), pl.lit("%")).alias("mark_text")


def _marks(judged: Judged) -> pl.DataFrame:
    """Return scores by the day of handing in, and `nv` by the day on which a work is known not to be in.

    An `nv` stands until a later row of the same pupil, school and named work.
    """
    subject = pl.col("code_module").alias("subject_code")
    scored = judged.results.filter(pl.col("reason").is_null()).with_columns(
        subject, on_day("date_submitted").alias("mark_date"), _percent()
    )
    missing = judged.not_handed_in.with_columns(
        subject, on_day("nv_day").alias("mark_date"), mark_text=pl.lit(NOT_HANDED_IN)
    )
    return pl.concat([scored.select(MARK), missing.select(MARK)])


def _reasons(rows: pl.DataFrame) -> dict[str, int]:
    unused = rows.filter(pl.col("reason").is_not_null()).partition_by("reason", as_dict=True)
    return {str(reason): rows_read(left_out) for (reason,), left_out in sorted(unused.items())}


def _unused(table: pl.DataFrame, using: pl.DataFrame, key: list[str], reason: str) -> dict[str, int]:
    count = table.join(using, on=key, how="anti").height
    return {reason: count} if count else {}


def _left_out(tables: Mapping[str, pl.DataFrame], judged: Judged) -> dict[str, dict[str, int]]:
    """Count per source table the rows that made nothing, by reason."""
    work = ["id_assessment"]
    marked = pl.concat(
        [judged.results.filter(pl.col("reason").is_null()).select(work), judged.not_handed_in.select(work)]
    )
    return {
        "courses": _unused(tables["courses"], judged.cohort, PRESENTATION, "no student in its cohort"),
        "assessments": _unused(tables["assessments"], marked, work, "no mark came of it: no result that can be used"),
        "studentInfo": _reasons(judged.students.filter("in_info")),
        "studentRegistration": _reasons(judged.students.filter("in_registration")),
        "studentAssessment": _reasons(judged.results),
        "clicks": _reasons(judged.clicks),
    }


def _notes(judged: Judged) -> dict[str, int]:
    """Count what was kept with a doubt and what is not known."""
    return {**_enrolment_notes(judged.cohort), **_mark_notes(judged), **_week_notes(judged)}


def _count(rows: pl.DataFrame, holds: pl.Expr) -> int:
    return rows.filter(holds).height


def _enrolment_notes(cohort: pl.DataFrame) -> dict[str, int]:
    withdrawn, left = pl.col("final_result") == WITHDRAWN, pl.col("date_unregistration")
    return {
        "no date of registration: entry on day 0": _count(cohort, pl.col("date_registration").is_null()),
        "withdrawn without a date: the end is not known": _count(cohort, withdrawn & left.is_null()),
        "unregistered but not withdrawn: kept to the end of the course": _count(
            cohort, ~withdrawn & left.is_not_null()
        ),
        "withdrawn after the end of the course: kept at that date": _count(
            cohort, withdrawn & (left > pl.col("length"))
        ),
    }


def _mark_notes(judged: Judged) -> dict[str, int]:
    marks, missing = judged.results.filter(pl.col("reason").is_null()), judged.not_handed_in
    later = missing.join(marks, on=[*STUDENT, "id_assessment"], how="semi").height
    day = pl.col("date_submitted")
    return {
        "marks from before the entry: kept at their date": _count(marks, day < pl.col("entry_day")),
        "marks from after the end of the enrolment: kept at their date": _count(marks, day >= pl.col("exit_day")),
        "marks from after the due day": _count(marks, day > pl.col("due_day")),
        "works not handed in (nv), a mark came later": later,
        "works not handed in (nv), no mark came": missing.height - later,
    }


def _week_notes(judged: Judged) -> dict[str, int]:
    weeks = int(judged.presentations["weeks"].sum())
    return {
        "presentation weeks with clicks of every day": judged.weeks.height,
        "presentation weeks without: no attendance is known": weeks - judged.weeks.height,
    }
