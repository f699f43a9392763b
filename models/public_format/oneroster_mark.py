"""Marks from OneRoster's results: a score is read against the scale of its line item, and only there."""

import polars as pl

from models.public_format.imported import first_reason
from models.public_format.oneroster_table import Account, Export, is_deleted, typed

MARK_KEY = ["person_code", "school_reg_no", "mark_date", "subject_code", "work_kind", "sequence"]
_PLAIN_NUMBER = r"^\d{1,4}([.,]\d+)?$"
_TRUE = ("true", "1", "yes")


def marks(
    export: Export, account: Account, pupils: pl.DataFrame, classes: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the marks, and the keys of marks to withdraw: results to be deleted, where only what changed is told."""
    items = _line_items(export, account, classes)
    known = pupils.select("person_code", studentSourcedId="sourcedId")
    rows = typed(export, "results", account).join(items, on="lineItemSourcedId", how="left")
    used = account.judge("results", _judged(export, rows.join(known, on="studentSourcedId", how="left")))
    sequence = pl.col("sourcedId").rank("ordinal").over(MARK_KEY[:-1]).cast(pl.Int64)
    numbered = used.sort("sourcedId").with_columns(sequence=sequence)
    account.note("points above their maximum: they will wait in quarantine", numbered.filter(_is_above()).height)
    account.note("results that share pupil, day and work with another", numbered.filter(sequence > 1).height)
    kept, withdrawn = numbered.filter(~is_deleted()), numbered.filter(is_deleted())
    return kept.with_columns(mark_text=_text(export)).select(*MARK_KEY, "mark_text"), withdrawn.select(MARK_KEY)


def _line_items(export: Export, account: Account, classes: pl.DataFrame) -> pl.DataFrame:
    """Return each line item with school, subject, named work and scale.

    Subject and work are parts of a mark's key, so they come from what every export tells in the same way.
    """
    courses = typed(export, "courses", account).select("courseCode", courseSourcedId="sourcedId", course="title")
    joined = classes.join(courses, on="courseSourcedId", how="left").with_columns(
        subject_code=pl.coalesce("courseCode", "course", "classCode", "title"),
        lacks_course=pl.col("courseSourcedId").is_not_null() & pl.col("course").is_null(),
    )
    of_class = joined.select("school_reg_no", "subject_code", "lacks_course", classSourcedId="sourcedId")
    rows = typed(export, "lineItems", account).join(of_class, on="classSourcedId", how="left")
    judged = rows.with_columns(
        first_reason(
            ("its class is not in classes.csv", pl.col("school_reg_no").is_null()),
            ("the course of its class is not in courses.csv", pl.col("lacks_course")),
        )
    )
    return account.judge("lineItems", judged).select(
        "school_reg_no", "subject_code", lineItemSourcedId="sourcedId",
        work_kind=pl.concat_str(pl.lit("work:"), "sourcedId"),
        lowest=_number("resultValueMin"), highest=_number("resultValueMax"),
    )  # fmt: skip


def _number(name: str) -> pl.Expr:
    return pl.when(pl.col(name).str.contains(_PLAIN_NUMBER)).then(
        pl.col(name).str.replace(",", ".").cast(pl.Float64, strict=False)
    )


def _judged(export: Export, rows: pl.DataFrame) -> pl.DataFrame:
    told = pl.col("scoreStatus").fill_null("").str.to_lowercase()
    is_missing = pl.col("missing").fill_null("").str.to_lowercase().is_in(_TRUE)
    dated = rows.with_columns(is_exempt=told == "exempt", is_missing=is_missing, mark_date=pl.col("scoreDate"))
    speaks = pl.col("is_exempt") | pl.col("is_missing") | is_deleted()
    number, score = _number("score"), pl.col("score")
    return dated.with_columns(
        first_reason(
            ("its line item is not in lineItems.csv, or left out there", pl.col("school_reg_no").is_null()),
            ("its pupil is not among the pupils of users.csv", pl.col("person_code").is_null()),
            ("to be deleted: a bulk file replaces it anyway", is_deleted() & pl.lit(export.is_bulk("results"))),
            ("scoreDate is no date", pl.col("scoreDate_odd")),
            ("no scoreDate: the day of the mark is not told", pl.col("mark_date").is_null()),
            ("text score: no number to compare", ~speaks & score.is_null() & pl.col("textScore").is_not_null()),
            (
                "not submitted: whether the work was due is not told",
                ~speaks & score.is_null() & (told == "not submitted"),
            ),
            ("no score: the mark stays missing", ~speaks & score.is_null()),
            ("text score: no number to compare", ~speaks & number.is_null()),
            ("no maximum: what the score is worth is not told", ~speaks & (pl.col("highest").fill_null(0) <= 0)),
            ("a scale that does not begin at 0", ~speaks & (pl.col("lowest") > 0) & ~_is_ten_points(export)),
        )
    )


def _is_ten_points(export: Export) -> pl.Expr:
    """Write whether the scale is the Latvian one, 1 to 10, which only a Latvian export can mean."""
    whole = _number("score").is_between(1, 10) & (_number("score") == _number("score").floor())
    is_scale = (pl.col("lowest") == 1) & (pl.col("highest") == 10)
    return (pl.lit(export.is_latvian) & is_scale & whole).fill_null(value=False)


def _is_above() -> pl.Expr:
    return (_number("score") > pl.col("highest")).fill_null(value=False) & ~is_deleted()


def _text(export: Export) -> pl.Expr:
    """Write a mark as the contract knows it: exempt, owed, ten points, percent of 100, or points of a maximum."""
    points = pl.concat_str("score", pl.lit("/"), _short("highest"))
    return (
        pl.when("is_exempt").then(pl.lit("a"))
        .when("is_missing").then(pl.lit("nv"))
        .when(_is_ten_points(export)).then(_number("score").cast(pl.Int64).cast(pl.String))
        .when((pl.col("highest") == 100) & ~_is_above()).then(pl.concat_str("score", pl.lit("%")))
        .otherwise(points)
    )  # fmt: skip


def _short(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.String).str.strip_suffix(".0")
