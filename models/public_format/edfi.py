"""Turn Ed-Fi attendance events and gradebook entries into datasets: the state of a whole day is one row, lesson 0."""

import polars as pl

from models.public_format import registers
from models.public_format.imported import Imported, ImportRefused, count_reasons, first_reason
from models.public_format.registers import System, coded

EDFI = System("edfi", "Ed-Fi", "EDFI000", "33", "34", "5", "61")
# Ed-Fi says that an absence is excused, not why, so it is excused for another reason than illness.
MEANINGS = {
    "In Attendance": "present",
    "Tardy": "late",
    "Excused Absence": "absent_other",
    "Unexcused Absence": "absent_unexcused",
}
DAY_STATES = ("In Attendance", "Excused Absence", "Unexcused Absence")
NAMESPACE = "uri://ed-fi.org/AttendanceEventCategoryDescriptor#"
EVENT = ["student_id", "school_id", "session", "event_date", "category", "section"]
ENTRY = ["student_id", "entry_id", "date_fulfilled", "letter", "numeric"]
GRADEBOOK = "gradebook"
_DAY = ["student_id", "school_id", "event_date"]
_HERE = ["person_code", "school_reg_no"]
_FORM = r"\d{1,3}(\.\d+)?"


def import_events(events: pl.DataFrame, entries: pl.DataFrame) -> Imported:
    """Turn events (EVENT) and gradebook entries (ENTRY) into datasets; the account is by their column `file`.

    All values are text; ImportRefused names file and count where an id, a day or a category is missing or no such.
    """
    typed = _typed_events(events)
    pupils, schools = EDFI.pupil_codes(typed["student_id"]), EDFI.school_codes(typed["school_id"])
    here = [coded("student_id", pupils, "person_code"), coded("school_id", schools, "school_reg_no")]
    judged, marks = _judged(typed).with_columns(here), _marks(entries, typed).with_columns(here)
    used = judged.filter(pl.col("reason").is_null())
    datasets = {
        "municipality": registers.municipality(EDFI),
        "institution": registers.institutions(EDFI, schools),
        "calendar_day": registers.calendar_days(used, _semester()),
        "attendance_code": registers.attendance_codes(EDFI, MEANINGS),
        "pupil": registers.pupils_without_names(used["person_code"].unique()),
        "enrolment": _enrolments(used),
        "attendance": registers.attendance(used),
        "mark": _mark_rows(marks),
    }
    kept = {name: rows for name, rows in datasets.items() if name != "mark" or rows.height}
    return _account([judged, marks], registers.in_order(kept), _notes(used, marks))


def _typed_events(events: pl.DataFrame) -> pl.DataFrame:
    for name in ("student_id", "school_id", "event_date", "category"):
        _refuse(events.filter(pl.col(name).is_null()), f"have no {name}")
    day = pl.col("event_date").str.to_date("%Y-%m-%d", strict=False)
    _refuse(events.filter(day.is_null()), "have an event_date that is no date such as 2021-08-31")
    return events.with_columns(event_date=day, code=pl.col("category").str.strip_prefix(NAMESPACE))


def _refuse(wrong: pl.DataFrame, what: str) -> None:
    if wrong.height:
        raise ImportRefused(f"{wrong['file'][0]}: {wrong.height} rows {what}; correct them and export again")


def _judged(events: pl.DataFrame) -> pl.DataFrame:
    """Give every event its place in the pupil's day and, where it is not used, the reason."""
    key = [*_DAY, "code"]
    of_day = pl.col("section").is_null()
    told = events.filter(of_day).select(key).unique().with_columns(is_told=True)
    order = events.with_row_index("row").join(told, on=key, how="left").sort("row")
    again = pl.struct([*key, "section"]).is_first_distinct().not_()
    judged = order.with_columns(
        first_reason(
            ("told before: counted once", again),
            ("told by the event of the day", ~of_day & pl.col("is_told").is_not_null()),
        )
    )
    # Of a whole day only one of these can be true: as one lesson they disagree, and wait until somebody decides.
    is_state = of_day & pl.col("code").is_in(DAY_STATES)
    other = pl.struct("code", pl.col("section").fill_null(""), of_section=~of_day)
    place = pl.when(is_state).then(0).otherwise(other.rank("dense").over(*_DAY, is_state).cast(pl.Int64))
    used = judged.filter(pl.col("reason").is_null()).with_columns(lesson_no=place)
    placed = judged.join(used.select("row", "lesson_no"), on="row", how="left").rename({"event_date": "lesson_date"})
    crowded = pl.when(pl.col("lesson_no") > 14).then(pl.lit("more than 15 events of a pupil on one day"))
    return placed.with_columns(reason=pl.coalesce("reason", crowded))


def _semester() -> pl.Expr:
    """Write the semester by the session's name; a session that is neither Fall nor Spring by the half of the year."""
    name, month = pl.col("session").str.to_lowercase(), pl.col("lesson_date").dt.month()
    by_day = pl.when(month >= 8).then(1).otherwise(2)
    return pl.when(name.str.contains("fall")).then(1).when(name.str.contains("spring")).then(2).otherwise(by_day)


def _enrolments(used: pl.DataFrame) -> pl.DataFrame:
    """Return one row a pupil and school, from the first event; that a pupil left is told by no event."""
    first = used.group_by(_HERE).agg(entry_date=pl.col("lesson_date").min(), grade=pl.lit(None, pl.Int64))
    return registers.open_enrolments(first)


def _marks(entries: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Give every gradebook entry the school of its pupil, its day and, where it makes no mark, the reason."""
    for name in ("student_id", "entry_id"):
        _refuse(entries.filter(pl.col(name).is_null()), f"have no {name}")
    schools = events.group_by("student_id").agg(pl.col("school_id").unique().sort().alias("schools"))
    one_school = pl.when(pl.col("schools").list.len() == 1).then(pl.col("schools").list.first()).alias("school_id")
    day = pl.col("date_fulfilled").str.to_date("%Y-%m-%d", strict=False)
    _refuse(
        entries.filter(day.is_null() & pl.col("date_fulfilled").is_not_null()), "have a date_fulfilled that is none"
    )
    known = entries.with_row_index("row").join(schools, on="student_id", how="left").sort("row")
    number = pl.col("numeric").str.strip_suffix("%")
    return known.with_columns(one_school, mark_date=day, number=number).with_columns(
        first_reason(
            ("told before: counted once", pl.struct(ENTRY).is_first_distinct().not_()),
            ("no date fulfilled: a mark needs its day", pl.col("mark_date").is_null()),
            ("no numeric grade: a letter has no form here", number.is_null()),
            ("numeric grade is not 0 to 999 percent", ~number.str.contains(f"^{_FORM}$")),
            ("no attendance event tells the pupil's one school", pl.col("school_id").is_null()),
        )
    )


def _mark_rows(marks: pl.DataFrame) -> pl.DataFrame:
    return marks.filter(pl.col("reason").is_null()).select(
        *_HERE,
        "mark_date",
        subject_code=pl.lit(GRADEBOOK),
        work_kind=pl.concat_str(pl.lit(f"{GRADEBOOK}:"), "entry_id"),
        sequence=pl.lit(1, pl.Int8),
        mark_text=pl.concat_str("number", pl.lit("%")),
    )


def _notes(used: pl.DataFrame, marks: pl.DataFrame) -> dict[str, int]:
    return {
        "pupils and schools: enrolled from the first event, the end is not known": used.n_unique(_HERE)
        if used.height
        else 0,
        "events of a whole day, one row each": used.filter(pl.col("section").is_null()).height,
        "events of a section": used.filter(pl.col("section").is_not_null()).height,
        "events of a category without a meaning: they wait in quarantine": used.filter(
            ~pl.col("code").is_in(list(MEANINGS))
        ).height,
        "marks without a course: subject gradebook": marks.filter(pl.col("reason").is_null()).height,
    }


def _account(judged: list[pl.DataFrame], datasets: dict[str, pl.DataFrame], notes: dict[str, int]) -> Imported:
    rows = pl.concat([frame.select("file", "reason") for frame in judged])
    used, left_out = {}, {}
    for (file,), part in rows.partition_by("file", as_dict=True, maintain_order=True).items():
        left_out[file] = count_reasons(part)
        used[file] = part.height - sum(left_out[file].values())
    return Imported(datasets, used, left_out, notes)
