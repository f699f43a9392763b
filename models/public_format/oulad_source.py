"""Judge every row of the Open University data set: what it tells of a pupil or, where it tells nothing, why.

Days are counted from day 0, on which a presentation starts: 1 February (B) or 1 October (J) of its year.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from models.public_format.imported import ImportRefused, first_reason

PRESENTATION = ["code_module", "code_presentation"]
STUDENT = [*PRESENTATION, "id_student"]
PUPIL_AT_SCHOOL = ["person_code", "school_reg_no"]
START_MONTH = {"B": 2, "J": 10}
END_OF = {"Pass": "absolvējis", "Distinction": "absolvējis", "Fail": "nav sekmīgs"}
WITHDRAWN = "Withdrawn"
LEFT_EARLY = "pārtraucis mācības"
NOT_IN_COHORT = "student in no cohort"
LOG_ROWS = "log_rows"  # of a student's day in the click log: how many rows of the file it stands for


@dataclass(frozen=True)
class Source:
    """One source table: its columns by type, its key, and the columns in which a value may be missing."""

    text: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()
    number: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    may_be_empty: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of all columns read."""
        return (*self.text, *self.whole, *self.number)


_TEXT = tuple(PRESENTATION)
SOURCES = {
    "courses": Source(_TEXT, ("module_presentation_length",), key=_TEXT),
    "assessments": Source(
        (*_TEXT, "assessment_type"), ("id_assessment", "date"), key=("id_assessment",), may_be_empty=("date",)
    ),
    "studentInfo": Source((*_TEXT, "gender", "region", "final_result"), ("id_student",), key=tuple(STUDENT)),
    "studentRegistration": Source(
        _TEXT,
        ("id_student", "date_registration", "date_unregistration"),
        key=tuple(STUDENT),
        may_be_empty=("date_registration", "date_unregistration"),
    ),
    "studentAssessment": Source(
        whole=("id_assessment", "id_student", "date_submitted", "is_banked"),
        number=("score",),
        key=("id_assessment", "id_student"),
        may_be_empty=("score",),
    ),
    "clicks": Source(_TEXT, ("id_student", "date")),
}


@dataclass(frozen=True)
class Judged:
    """The source rows with what they tell; a row that tells nothing has a reason."""

    presentations: pl.DataFrame
    students: pl.DataFrame
    cohort: pl.DataFrame
    results: pl.DataFrame
    not_handed_in: pl.DataFrame
    weeks: pl.DataFrame
    clicks: pl.DataFrame


def judge(tables: Mapping[str, pl.DataFrame]) -> Judged:
    """Judge the tables of SOURCES as import_tables takes them; ImportRefused if they do not fit."""
    _check(tables)
    presentations = _presentations(tables["courses"])
    students = _students(tables, presentations)
    results = _results(tables, students)
    cohort = _cohort(students, results, tables["clicks"])
    missing = _not_handed_in(_works(tables["assessments"]), results, cohort)
    weeks = _covered_weeks(tables["clicks"], presentations)
    clicks = _clicks(tables["clicks"], cohort, weeks)
    return Judged(presentations, students, cohort, results, missing, weeks, clicks)


def _refuse_if(count: int, what: str) -> None:
    if count:
        raise ImportRefused(f"{what} ({count} found); take the files as the Open University publishes them")


def _check(sources: Mapping[str, pl.DataFrame]) -> None:
    """Refuse what has no place in the codes of a delivery or no meaning here."""
    info = sources["studentInfo"]
    odd = ~pl.col("code_presentation").str.contains(r"^\d{4}[BJ]$")
    _refuse_if(sources["courses"].filter(odd).height, "courses.csv: a presentation must be a year and B or J")
    outcome = ~pl.col("final_result").is_in([*END_OF, WITHDRAWN])
    _refuse_if(info.filter(outcome).height, "studentInfo.csv: final_result must be one of the four published")
    number = ~pl.col("id_student").is_between(0, 9_999_999)
    _refuse_if(info.filter(number).height, "studentInfo.csv: id_student must have at most seven digits")
    crowded = max(info["region"].n_unique(), sources["courses"]["code_module"].n_unique()) - 99
    _refuse_if(max(crowded, 0), "studentInfo.csv, courses.csv: regions and modules must be at most 99 each")


def on_day(day: str | pl.Expr) -> pl.Expr:
    """Write the date of a day counted from day 0."""
    return pl.col("day_0") + pl.duration(days=day)


def _numbered(name: str, digits: int) -> pl.Expr:
    """Write a number as text of so many digits."""
    return pl.col(name).cast(pl.String).str.zfill(digits)


def _presentations(courses: pl.DataFrame) -> pl.DataFrame:
    """Return day 0, length in days, whole weeks and the module's number, one row a presentation."""
    code = pl.col("code_presentation")
    month = code.str.slice(4).replace_strict(START_MONTH, return_dtype=pl.Int8)
    return courses.rename({"module_presentation_length": "length"}).with_columns(
        pl.date(code.str.slice(0, 4).cast(pl.Int32), month, 1).alias("day_0"),
        (pl.col("length") // 7).alias("weeks"),
        pl.col("code_module").rank("dense").alias("module_no"),
    )


def _codes() -> list[pl.Expr]:
    """Write the codes of pupil, school and municipality; each tells what it stands for and never changes."""
    module, start = _numbered("module_no", 2), pl.col("day_0").dt.strftime("%y%m")
    # A new personal code starts with 3 and a digit from 2, and carries no birth date.
    return [
        pl.concat_str(pl.lit("32"), module, _numbered("id_student", 7)).alias("person_code"),
        pl.concat_str(pl.lit("88"), module, start, _numbered("region_no", 2)).alias("school_reg_no"),
        pl.concat_str(pl.lit("UK"), _numbered("region_no", 5)).alias("atvk_code"),
    ]


def _end() -> list[pl.Expr]:
    """Write the first day of no longer belonging, empty where a withdrawal has no date, and its status."""
    withdrawn = pl.col("final_result") == WITHDRAWN
    unregistered = pl.col("date_unregistration")
    day = pl.when(withdrawn).then(unregistered).otherwise(pl.col("length") + 1)
    completed = pl.col("final_result").replace_strict(END_OF, default=None, return_dtype=pl.String)
    status = pl.when(withdrawn).then(pl.lit(LEFT_EARLY)).otherwise(completed)
    return [day.alias("exit_day"), status.alias("exit_status")]


def _students(sources: Mapping[str, pl.DataFrame], presentations: pl.DataFrame) -> pl.DataFrame:
    """Return every student of a presentation with codes, entry and end and, where in no cohort, the reason."""
    info = sources["studentInfo"].with_columns(pl.col("region").rank("dense").alias("region_no"), in_info=True)
    registration = sources["studentRegistration"].with_columns(in_registration=True)
    joined = info.join(registration, on=STUDENT, how="full", coalesce=True, validate="1:1")
    entry = pl.max_horizontal(0, "date_registration").alias("entry_day")
    students = joined.join(presentations, on=PRESENTATION, how="left").with_columns(*_codes(), entry, *_end())
    return students.with_columns(
        first_reason(
            ("no row in studentInfo.csv", pl.col("in_info").is_null()),
            ("no row in studentRegistration.csv", pl.col("in_registration").is_null()),
            ("no row in courses.csv", pl.col("length").is_null()),
            ("unregistered on day 0 or before", pl.col("date_unregistration") <= 0),
            ("unregistered before registering", pl.col("exit_day") < pl.col("entry_day")),
        )
    )


def _works(assessments: pl.DataFrame) -> pl.DataFrame:
    """Name every work by its kind and number, such as TMA:2: a later mark of a named work closes its `nv`."""
    number = pl.col("id_assessment").rank("ordinal").over([*PRESENTATION, "assessment_type"])
    return assessments.select(
        *PRESENTATION,
        "id_assessment",
        pl.concat_str("assessment_type", pl.lit(":"), number).alias("work_kind"),
        pl.col("date").alias("due_day"),
        pl.lit(1, pl.Int8).alias("sequence"),
    )


def _results(sources: Mapping[str, pl.DataFrame], students: pl.DataFrame) -> pl.DataFrame:
    """Return every recorded result with its work and pupil and, where it makes no mark, the reason."""
    cohort = students.filter(pl.col("reason").is_null())
    known = cohort.select(*STUDENT, *PUPIL_AT_SCHOOL, "day_0", "entry_day", "exit_day")
    joined = sources["studentAssessment"].join(_works(sources["assessments"]), on="id_assessment", how="left")
    return joined.join(known, on=STUDENT, how="left").with_columns(
        first_reason(
            ("banked: carried over from an earlier presentation", pl.col("is_banked") == 1),
            ("no row in assessments.csv", pl.col("work_kind").is_null()),
            (NOT_IN_COHORT, pl.col("person_code").is_null()),
            ("no score: the mark stays missing", pl.col("score").is_null()),
        )
    )


def _cohort(students: pl.DataFrame, results: pl.DataFrame, clicks: pl.DataFrame) -> pl.DataFrame:
    """Return the students who belong, with the first day on which it is not known that they still do.

    That is the end or, for a withdrawal without a date, the day after the last trace: a click or a work handed in.
    """
    handed_in = results.filter(pl.col("is_banked") == 0).select(*STUDENT, pl.col("date_submitted").alias("date"))
    traces = pl.concat([clicks.select(*STUDENT, "date"), handed_in])
    last = traces.group_by(STUDENT).agg((pl.col("date").max() + 1).alias("after_trace"))
    cohort = students.filter(pl.col("reason").is_null()).join(last, on=STUDENT, how="left")
    return cohort.with_columns(pl.coalesce("exit_day", "after_trace", "entry_day").alias("until_day"))


def _not_handed_in(works: pl.DataFrame, results: pl.DataFrame, cohort: pl.DataFrame) -> pl.DataFrame:
    """Return the works without a result by the end of `nv_day`, of pupils who belong from the due day to that day.

    A banked result excuses from the work.
    """
    belongs = (pl.col("entry_day") <= pl.col("due_day")) & (pl.col("until_day") > pl.col("nv_day"))
    open_works = _with_nv_day(works, results)
    due = open_works.join(cohort, on=PRESENTATION).filter(belongs)
    is_settled = (pl.col("is_banked") == 1) | (pl.col("date_submitted") <= pl.col("nv_day"))
    settled = results.join(open_works.select("id_assessment", "nv_day"), on="id_assessment").filter(is_settled)
    return due.join(settled, on=[*STUDENT, "id_assessment"], how="anti")


def _with_nv_day(works: pl.DataFrame, results: pl.DataFrame) -> pl.DataFrame:
    """Return the works with a due day and any result, with the day on which it is known who has handed in nothing.

    That is the day after the due day. But the results of some works are entered for all at once, days after it: until
    half of them are there, a missing one says nothing of the pupil. A work without any result says nothing at all.
    """
    half = pl.col("date_submitted").quantile(0.5, "lower").cast(pl.Int64).alias("entered_day")
    entered = results.filter(pl.col("is_banked") == 0).group_by("id_assessment").agg(half)
    known = works.filter(pl.col("due_day").is_not_null()).join(entered, on="id_assessment")
    return known.with_columns((pl.max_horizontal("due_day", "entered_day") + 1).alias("nv_day"))


def _covered_weeks(clicks: pl.DataFrame, presentations: pl.DataFrame) -> pl.DataFrame:
    """Return the whole weeks of a course of which the click log holds every day, one row a presentation and week."""
    days = clicks.select(*PRESENTATION, "date").unique().join(presentations, on=PRESENTATION)
    day = pl.col("date")
    first, last = day.min().over(PRESENTATION), day.max().over(PRESENTATION)
    # A log that begins or ends inside the course was cut off there, so this one day may be cut short as well.
    is_cut = ((day == first) & (first > 0)) | ((day == last) & (last < pl.col("length")))
    is_held = day.is_between(0, pl.col("weeks") * 7 - 1)
    logged = days.filter(is_held & ~is_cut).group_by(*PRESENTATION, (day // 7).alias("week")).len()
    return logged.filter(pl.col("len") == 7).select(*PRESENTATION, "week")


def is_enrolled_all_week() -> pl.Expr:
    """Write whether a pupil is known to belong from the first to the last day of the week."""
    return (pl.col("entry_day") <= pl.col("week") * 7) & (pl.col("until_day") >= pl.col("week") * 7 + 7)


def _clicks(clicks: pl.DataFrame, cohort: pl.DataFrame, weeks: pl.DataFrame) -> pl.DataFrame:
    """Return every row of the click log with pupil and week and, where it tells of no lesson, the reason."""
    known = cohort.select(*STUDENT, *PUPIL_AT_SCHOOL, "entry_day", "until_day")
    dated = clicks.with_columns((pl.col("date") // 7).alias("week")).join(known, on=STUDENT, how="left")
    judged = dated.join(weeks.with_columns(is_covered=True), on=[*PRESENTATION, "week"], how="left")
    return judged.with_columns(
        first_reason(
            (NOT_IN_COHORT, pl.col("person_code").is_null()),
            ("before day 0", pl.col("date") < 0),
            ("in a week that is not whole in the course and in the log", pl.col("is_covered").is_null()),
            ("in a week not wholly inside the enrolment", ~is_enrolled_all_week()),
        )
    )
