"""Turn the days of an OpenEduAnalytics feed into datasets: every day is what it adds to the days before it.

Attendance is additive, students are corrected and added, marks are a whole snapshot, as the feed's own rules say.
"""

from collections.abc import Collection, Mapping
from datetime import date
from itertools import accumulate

import polars as pl

from models.public_format import registers
from models.public_format.day_order import count_open
from models.public_format.imported import Imported, count_reasons
from models.public_format.oea_source import ATTENDANCE, MARKS, MEANINGS, STUDENTS, Feed, judge
from models.public_format.registers import System, coded

OEA = System("oea", "OpenEduAnalytics", "OEA0000", "35", "36", "7", "62")
_HERE = ["person_code", "school_reg_no"]
_PAIR = ["student_id", "school_id"]
_SO_FAR = "enrolments known so far: from the first lesson or list, the end is not known"


def import_days(
    tables: Mapping[str, pl.DataFrame], date_order: str | None = None, hidden: Collection[str] = ()
) -> list[Imported]:
    """Turn the tables of a feed, as `judge` takes them, into the datasets of each of its days, in order."""
    feed = judge(tables, date_order, hidden)
    pupils = OEA.pupil_codes(pl.concat([feed.attendance["student_id"], feed.students["student_id"]]))
    schools = OEA.school_codes(pl.concat([feed.attendance["school_id"], feed.students["school_id"]]))
    codes = [coded("student_id", pupils, "person_code"), coded("school_id", schools, "school_reg_no")]
    known = feed.mapped(lambda rows: rows.with_columns(codes))
    arrivals = pl.concat([rows["arrival"] for rows in tables.values()]).unique().sort()
    return [_import_day(known, arrival, schools) for arrival in arrivals]


def _import_day(feed: Feed, arrival: int, schools: Mapping[str, str]) -> Imported:
    by_then = feed.mapped(lambda rows: rows.filter(pl.col("arrival") <= arrival))
    today = feed.mapped(lambda rows: rows.filter(pl.col("arrival") == arrival))
    lessons = _used(today.attendance).with_columns(pl.col("date").alias("lesson_date"))
    seen = {*_used(by_then.attendance)["school_id"], *by_then.students["school_id"]}
    datasets = {
        "municipality": registers.municipality(OEA),
        "institution": registers.institutions(OEA, {k: v for k, v in schools.items() if k in seen}),
        "calendar_day": registers.calendar_days(lessons, pl.when(pl.col("date").dt.month() >= 8).then(1).otherwise(2)),
        "attendance_code": registers.attendance_codes(OEA, MEANINGS),
        "pupil": _pupils(by_then),
        "enrolment": _enrolments(by_then, arrival),
        "attendance": registers.attendance(lessons.rename({"section_id": "section"})),
        "period_mark": _period_marks(_used(today.marks)),
    }
    judged = {ATTENDANCE: today.attendance, STUDENTS: today.students, MARKS: today.marks}
    left_out = {name: count_reasons(rows) for name, rows in judged.items()}
    used = {name: rows.height - sum(left_out[name].values()) for name, rows in judged.items()}
    return Imported(
        registers.in_order(datasets), used, left_out, _notes(by_then, today) | {_SO_FAR: datasets["enrolment"].height}
    )


def _used(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(pl.col("reason").is_null())


def _pupils(by_then: Feed) -> pl.DataFrame:
    """Return the students as the newest list with them has them, and without a name those of lessons on no list."""
    listed = _used(by_then.students)
    newest = listed.filter(pl.col("arrival") == pl.col("arrival").max().over("student_id"))
    unlisted = _used(by_then.attendance).join(listed, on="student_id", how="anti")
    nameless = registers.pupils_without_names(unlisted["person_code"].unique())
    columns = ["person_code", "given_name", "family_name", "birth_date", "sex"]
    return pl.concat([newest.select(columns), nameless]).unique()


def _list_days(attendance: pl.DataFrame, arrivals: int) -> list[date]:
    """Return the last lesson day told by each arrival, or before it: the day on which its list of students stood."""
    last = dict(attendance.group_by("arrival").agg(pl.col("date").max()).iter_rows())
    return list(accumulate((last.get(arrival, date.min) for arrival in range(arrivals)), max))


def _enrolments(by_then: Feed, arrival: int) -> pl.DataFrame:
    """Return all pupils by school as known by then: from the first lesson or, if earlier, the first list with them."""
    lessons, listed = _used(by_then.attendance), _used(by_then.students)
    days = _list_days(by_then.attendance, arrival + 1)
    evidence = [
        lessons.select(*_HERE, entry_date="date", grade=pl.lit(None, pl.Int64), arrival="arrival"),
        listed.select(
            *_HERE,
            entry_date=pl.col("arrival").replace_strict(dict(enumerate(days)), return_dtype=pl.Date),
            grade="grade",
            arrival="arrival",
        ),
    ]
    known = pl.concat(evidence).sort("arrival", maintain_order=True)
    first = known.group_by(_HERE).agg(pl.col("entry_date").min(), pl.col("grade").drop_nulls().last())
    return registers.open_enrolments(first)


def _period_marks(marks: pl.DataFrame) -> pl.DataFrame:
    return marks.select(
        *_HERE,
        pl.col("year").alias("school_year"),
        "period",
        pl.col("section_id").alias("subject_code"),
        pl.concat_str("numeric", pl.lit("%")).alias("mark_text"),
    )


def _notes(by_then: Feed, today: Feed) -> dict[str, int]:
    lessons, students, marks = _used(today.attendance), _used(today.students), _used(today.marks)
    year = registers.school_year("date")
    fits = (pl.col("school_year") == year.str.slice(0, 4)) | (pl.col("school_year") == year.str.slice(5))
    before = _used(by_then.students).join(students, on=_PAIR, how="anti")
    unlisted = lessons.join(_used(by_then.students), on="student_id", how="anti")
    return {
        "students of earlier lists who are not on this one: whether they left is not told": before.n_unique(_PAIR)
        if before.height
        else 0,
        "students of lessons who are on no list: no name, no birth date": unlisted["student_id"].n_unique(),
        "students whose status is not Active: whether they left is not told": students.filter(
            pl.col("status") != "Active"
        ).height,
        "birth dates that fit both orders of day and month: read in the order of the other dates": count_open(
            students["birthdate"]
        ),
        "lessons whose school_year does not fit their date: the date counts": lessons.filter(~fits).height,
        "lessons of a whole day: each is one lesson": lessons.filter(pl.col("all_day") == "Yes").height,
        "lessons with a code that has no meaning: they wait in quarantine": lessons.filter(
            ~pl.col("code").is_in(list(MEANINGS))
        ).height,
        "marks above 100 percent: kept as they are": marks.filter(pl.col("numeric").cast(pl.Float64) > 100).height,
        "marks that are not final: kept as marks of their term": marks.filter(pl.col("is_final") == "No").height,
    }
