"""Judge every row of an OpenEduAnalytics feed: what it tells of a pupil or, where it tells nothing, why.

`arrival` is the number of the day on which a row came, from 0.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import polars as pl

from models.public_format.day_order import decide, read_dates
from models.public_format.imported import ImportRefused, first_reason
from models.public_format.lesson_slot import LESSON, numbered
from models.public_format.registers import school_year

ATTENDANCE, STUDENTS, MARKS = "studentattendance", "students", "studentsectionmark"
COLUMNS = {
    ATTENDANCE: {
        "id": "id", "student_id": "student_id", "school_id": "school_id", "attendance_date": "attendance_date",
        "school_year": "school_year", "all_day": "all_day", "Period": "period", "section_id": "section_id",
        "AttendanceCode": "code", "PresenceFlag": "flag", "attendance_status": "status",
    },
    STUDENTS: {
        "SIS ID": "student_id", "School SIS ID": "school_id", "First Name": "given_name", "Last Name": "family_name",
        "Grade": "grade", "Status": "status", "Birthdate": "birthdate", "Gender": "gender",
    },
    MARKS: {
        "id": "id", "student_id": "student_id", "section_id": "section_id", "term_id": "term_id",
        "numeric_grade_earned": "numeric", "alpha_grade_earned": "alpha", "is_final_grade": "is_final",
    },
}  # fmt: skip
NEVER_EMPTY = {
    ATTENDANCE: ("id", "student_id", "school_id", "attendance_date", "code"),
    STUDENTS: ("student_id", "school_id"),
    MARKS: ("id", "student_id", "section_id", "term_id"),
}
MEANINGS = {"P": "present", "A": "absent_open"}  # why a pupil was absent is not told, so it is open
MAY_BE_HIDDEN = {"Birthdate": "birthdate", "Gender": "gender", "Grade": "grade"}
_CONFIRMED = {"P": ("1", "present"), "A": ("0", "absent")}
_REPEATED = "exact repetition of a row of the same file: counted once"
_PERCENT = r"^\d{1,3}(\.\d+)?$"


@dataclass(frozen=True)
class Feed:
    """The rows of all days with `arrival`, what they tell and, where that is nothing, the `reason`."""

    attendance: pl.DataFrame
    students: pl.DataFrame
    marks: pl.DataFrame

    def mapped(self, change: Callable[[pl.DataFrame], pl.DataFrame]) -> "Feed":
        """Return the feed with every table changed in the same way."""
        return Feed(change(self.attendance), change(self.students), change(self.marks))


def judge(tables: Mapping[str, pl.DataFrame], date_order: str | None, hidden: Collection[str] = ()) -> Feed:
    """Judge the tables of all days of a feed, all text under the names of COLUMNS, with `arrival`.

    `hidden` names the columns of students that the feed's owner wants hidden: they are read as empty. ImportRefused
    names file, count and rule.
    """
    for table, names in NEVER_EMPTY.items():
        _require(table, tables[table], names)
    empty = [pl.lit(None, pl.String).alias(column) for name, column in MAY_BE_HIDDEN.items() if name in hidden]
    read = {**tables, STUDENTS: tables[STUDENTS].with_columns(empty)}
    dated = {ATTENDANCE: ("attendance_date", "date"), STUDENTS: ("birthdate", "birth_date")}
    columns = {f"{table}.csv, {_header(table, old)}": read[table][old] for table, (old, _) in dated.items()}
    orders = decide(columns, date_order)
    for (table, (_, new)), (name, values) in zip(dated.items(), columns.items(), strict=True):
        read[table] = read[table].with_columns(read_dates(name, values, orders[name]).alias(new))
    attendance = _attendance(read[ATTENDANCE])
    return Feed(attendance, _students(read[STUDENTS]), _marks(read[MARKS], attendance))


def _require(table: str, rows: pl.DataFrame, names: tuple[str, ...]) -> None:
    for name in names:
        empty = rows[name].null_count()
        if empty:
            raise ImportRefused(
                f"{table}.csv: {empty} values of {_header(table, name)} are empty, which may not be; export it again"
            )


def _header(table: str, name: str) -> str:
    """Return what a column is called in the file."""
    return next(header for header, column in COLUMNS[table].items() if column == name)


def _is_repeated(rows: pl.DataFrame) -> pl.Expr:
    """Write whether a row stands before in the same file, in all that is read of it."""
    return pl.struct(rows.columns).is_first_distinct().not_()


def _attendance(rows: pl.DataFrame) -> pl.DataFrame:
    """Return every row with its lesson number and the code to deliver."""
    repeated = rows.with_columns(is_repeated=_is_repeated(rows))
    ids = ["arrival", "id"]
    differing = (~pl.col("is_repeated")).sum().over(ids) > 1
    sections = repeated.with_columns(section_id=pl.when(pl.col("all_day") == "Yes").then(None).otherwise("section_id"))
    judged = sections.with_columns(
        _code().alias("code"),
        first_reason((_REPEATED, pl.col("is_repeated")), ("one id stands for rows that differ", differing)),
    )
    lessons = numbered(judged.filter(pl.col("reason").is_null()).select(*LESSON, "arrival"))
    placed = judged.join(lessons, on=LESSON, how="left", nulls_equal=True, maintain_order="left")
    crowded = pl.when(pl.col("lesson_no").is_null()).then(pl.lit("more than 15 lessons of a pupil on one day"))
    return placed.with_columns(reason=pl.coalesce("reason", crowded))


def _code() -> pl.Expr:
    """Write the code; one that the flag or the status of its row contradicts becomes a code that nobody knows."""
    code, flag, status = pl.col("code"), pl.col("flag"), pl.col("status")
    flags, statuses = ({known: pair[place] for known, pair in _CONFIRMED.items()} for place in (0, 1))
    agrees = (flag == code.replace_strict(flags, default=flag)).fill_null(True) & (
        status.str.to_lowercase() == code.replace_strict(statuses, default=status.str.to_lowercase())
    ).fill_null(True)
    return pl.when(agrees).then(code).otherwise(pl.concat_str(code, flag, status, separator=" ", ignore_nulls=True))


def _students(rows: pl.DataFrame) -> pl.DataFrame:
    grade = pl.col("grade").cast(pl.Int64, strict=False)
    sex = pl.col("gender").str.to_uppercase().str.slice(0, 1)
    # A name that was masked before it came here is no name.
    names = [pl.when(pl.col(n).str.contains(r"[^*]")).then(n).alias(n) for n in ("given_name", "family_name")]
    return rows.with_columns(first_reason((_REPEATED, _is_repeated(rows)))).with_columns(
        *names,
        grade=pl.when(grade.is_between(1, 13)).then(grade),
        sex=pl.when(sex.is_in(["M", "F"])).then(sex),
    )


def _marks(rows: pl.DataFrame, attendance: pl.DataFrame) -> pl.DataFrame:
    """Return every mark with its period, and the school and school year in which its section has lessons."""
    term = pl.col("term_id").str.extract(r"([0-9]+)$").replace_strict({"1": "1", "2": "2"}, default=None)
    arrivals = rows["arrival"].unique().sort().to_list() or [0]
    placed = pl.concat([_placed(rows.filter(pl.col("arrival") == day), attendance, day) for day in arrivals])
    return placed.with_columns(pl.concat_str(pl.lit("semester"), term).alias("period")).with_columns(
        first_reason(
            (_REPEATED, _is_repeated(rows)),
            ("no numeric grade: a letter has no form here", pl.col("numeric").is_null()),
            ("numeric grade is not 0 to 999 percent", ~pl.col("numeric").str.contains(_PERCENT)),
            ("its term is neither the first nor the second", pl.col("period").is_null()),
            ("no lesson tells the one school and school year of its section", pl.col("school_id").is_null()),
        )
    )


def _placed(marks: pl.DataFrame, attendance: pl.DataFrame, arrival: int) -> pl.DataFrame:
    """Find school and school year of one day's marks by the lessons told by then: the pupil's, or else anybody's."""
    told = attendance.filter(pl.col("arrival") <= arrival, pl.col("reason").is_null())
    lessons = told.select("student_id", "section_id", "school_id", school_year("date").alias("year")).unique()
    place, columns = pl.struct("school_id", "year"), ["student_id", "section_id"]
    for key in (columns, columns[1:]):
        one = lessons.group_by(key).agg(pl.when(place.n_unique() == 1).then(place.first()).alias(f"by_{len(key)}"))
        marks = marks.join(one, on=key, how="left", maintain_order="left")
    return marks.with_columns(pl.coalesce("by_2", "by_1").alias("place")).drop("by_2", "by_1").unnest("place")
