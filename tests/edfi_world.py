"""Ed-Fi files of a small school, so that a test says only what matters to it."""

from pathlib import Path

SCHOOL, SECTION, GRADEBOOK, INTERCHANGE = (
    "school_attendance_events.csv", "section_attendance_tardy_events.csv", "student_gradebook_entries.csv",
    "StudentSchoolAttendance.xml",
)  # fmt: skip
COLUMNS = "student_id,school_id,session,event_date,category,reason,duration,section"
FALL, SPRING = "2021-2022 Fall Semester", "2021-2022 Spring Semester"
# (student, date, category, section): of one school
EVENTS = [
    ("604822", "2021-08-31", "Excused Absence", ""),
    ("604822", "2021-12-15", "Partial", ""),
    ("604822", "2021-12-15", "Excused Absence", ""),
    ("604823", "2022-03-07", "Tardy", ""),
    ("604823", "2022-03-08", "Unexcused Absence", ""),
]

Event = tuple[str, str, str, str]


def session(day: str) -> str:
    return FALL if day < "2022" else SPRING


def event_rows(events: list[Event]) -> str:
    lines = [f"{who},255901001,{session(day)},{day},{what},,,{section}" for who, day, what, section in events]
    return "\n".join([COLUMNS, *lines, ""])


def inside(value: str, *names: str) -> str:
    """Wrap a value into elements, the outermost first."""
    return "".join(f"<{name}>" for name in names) + value + "".join(f"</{name}>" for name in reversed(names))


def event_element(who: str, day: str, what: str, section: str) -> str:
    category = f"uri://ed-fi.org/AttendanceEventCategoryDescriptor#{what}"
    event = inside(day, "EventDate") + inside(category, "AttendanceEventCategory")
    pupil = inside(who, "StudentReference", "StudentIdentity", "StudentUniqueId")
    place = inside("255901001", "SchoolReference", "SchoolIdentity", "SchoolId")
    place += inside(session(day), "SessionReference", "SessionIdentity", "SessionName")
    if section:
        offered = inside(place, "CourseOfferingReference", "CourseOfferingIdentity")
        place = inside(inside(section, "SectionIdentifier") + offered, "SectionReference", "SectionIdentity")
    kind = f"Student{'Section' if section else 'School'}AttendanceEvent"
    return inside(inside(event, "AttendanceEvent") + pupil + place, kind)


def interchange(body: str, prolog: str = "") -> str:
    root = 'InterchangeStudentAttendance xmlns="http://ed-fi.org/5.2.0"'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{prolog}<{root}>\n{body}\n</InterchangeStudentAttendance>\n'


def write_csv(folder: Path, events: list[Event] = EVENTS, name: str = SCHOOL) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(event_rows(events), encoding="utf-8")
    return folder


def write_xml(folder: Path, events: list[Event] = EVENTS) -> Path:
    folder.mkdir(exist_ok=True)
    body = "\n".join(event_element(*event) for event in events)
    (folder / INTERCHANGE).write_text(interchange(body), encoding="utf-8")
    return folder


def write_gradebook(folder: Path, *rows: str) -> None:
    lines = ["student_id,entry_id,date_fulfilled,letter,numeric", *rows, ""]
    (folder / GRADEBOOK).write_text("\n".join(lines), encoding="utf-8")
