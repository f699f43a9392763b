"""An OpenEduAnalytics feed of a small school, so that a test says only what matters to it."""

import csv
from pathlib import Path
from typing import Any

from models.public_format.oea_source import ATTENDANCE, COLUMNS, MARKS, STUDENTS

Row = dict[str, Any]

_ANNA = {"student_id": "st1", "school_id": "sch0"}
USUAL = {
    ATTENDANCE: _ANNA | {
        "attendance_date": "28/05/2020", "school_year": "2020", "all_day": "No", "Period": "1", "section_id": "sec1",
        "AttendanceCode": "P", "PresenceFlag": "1", "attendance_status": "Present",
    },
    STUDENTS: {
        "SIS ID": "st1", "School SIS ID": "sch0", "First Name": "Anna", "Last Name": "Liepa", "Grade": "11",
        "Status": "Active", "Birthdate": "4/2/2004", "Gender": "Female",
    },
    MARKS: {
        "student_id": "st1", "section_id": "sec1", "term_id": "term2", "numeric_grade_earned": "66",
        "alpha_grade_earned": "D", "is_final_grade": "No",
    },
}  # fmt: skip
ABSENT = {"AttendanceCode": "A", "PresenceFlag": "0", "attendance_status": "Absent"}


def lesson(number: int, day: str = "28/05/2020", section: str = "sec1", **more: Any) -> Row:
    return {"id": str(number), "attendance_date": day, "section_id": section} | more


def write_table(folder: Path, table: str, rows: list[Row]) -> None:
    columns = list(COLUMNS[table])
    with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(USUAL[table] | row for row in rows)


def write_day(
    folder: Path, lessons: list[Row], students: list[Row] | None = None, marks: list[Row] | None = None
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    write_table(folder, ATTENDANCE, lessons)
    write_table(folder, STUDENTS, [{}] if students is None else students)
    write_table(folder, MARKS, [{"id": "m1"}] if marks is None else marks)
    return folder


def write_feed(root: Path) -> Path:
    """Write two days: a repeated row and two sections of one period; then a correction, an absence and a new pupil."""
    first = [lesson(1, "1/9/2019"), lesson(1, "1/9/2019"), lesson(2), lesson(3, section="sec2")]
    write_day(root / "day2", first, [{}, {"SIS ID": "st4", "First Name": "Jon"}])
    more = [lesson(2, **ABSENT), lesson(4, section="sec3"), lesson(5, "29/05/2020", student_id="st2")]
    listed = [{"First Name": "Annija"}, {"SIS ID": "st2", "Gender": "Male", "Grade": "KG"}]
    write_day(root / "day10", more, listed, [{"id": "m1"}, {"id": "m2", "student_id": "st2"}])
    return root
