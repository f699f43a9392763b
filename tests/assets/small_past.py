"""A small past told in deliveries: two schools whose years differ, pupils who move, and what may be told otherwise."""

import copy
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Any

from tests.assets.kit import (
    OTHER_SCHOOL,
    SCHOOL,
    Country,
    Rows,
    absence,
    code_change,
    code_of,
    enrolment,
    institution,
    mark,
    municipality,
    pupil,
)

# The column that says of what day a row tells: on the as-of day or after it, no measure may know of it.
DATED = {"attendance": "lesson_date", "lesson": "lesson_date", "mark": "mark_date"}
TAKEN = ("attendance_code", "exit_status_code", "municipality", "institution", "calendar_day", "pupil",
         "person_code_change", "enrolment", "lesson", "attendance", "mark", "period_mark")  # fmt: skip
FIRST, LAST = date(2024, 9, 2), date(2025, 2, 14)
PUPILS, SUBJECTS, CODES = range(1, 8), ("MAT", "LAT", "ANG"), (None, None, None, "n", "ns", "nx", "k")
MARKS = ("2", "3", "4", "7", "10", "nv", "60 %", "5|6")
FULL_WEEK = date(2025, 1, 27)


@dataclass(frozen=True)
class Batch:
    """One delivery: its folder, its moment, its rows by dataset, and how they are meant."""

    name: str
    on: str
    files: dict[str, Rows]
    notes: dict[str, Any] = field(default_factory=dict)
    source: str = "e-klase"

    def put(self, country: Country) -> None:
        """Put the delivery into landing; a dataset that lost all its rows is not told of."""
        files = {name: _even(rows) for name, rows in self.files.items() if rows}
        notes = {name: note for name, note in self.notes.items() if name in files}
        if files:
            country.deliver(self.name, files, on=self.on, source=self.source, notes=notes)

    @property
    def known_from(self) -> date:
        """The day from which the delivery counts."""
        return date.fromisoformat(self.on[:10])


def _even(rows: Rows) -> Rows:
    """Give every row all columns that any of them has."""
    columns = dict.fromkeys(name for row in rows for name in row)
    return [{name: row.get(name) for name in columns} for row in rows]


def school_days(first: date, last: date, weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)) -> Iterator[date]:
    """Yield the days of school time from first to last: no weekend, no days from 21 December to 5 January."""
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        if day.weekday() in weekdays and not date(2024, 12, 21) <= day < date(2025, 1, 6):
            yield day


def calendar(school: str | None, second_from: date) -> Rows:
    """Return the school days of a school, or of all, whose second semester begins on a day."""
    said = {"school_year": "2024/2025", "grade_from": 1, "school_reg_no": school, "grade_to": 13, "kind": "school_day"}
    days = school_days(FIRST, date(2025, 5, 30))
    return [said | {"date": str(day), "semester": 1 if day < second_from else 2} for day in days]


def enrolments() -> Rows:
    """Return who belongs where: one moves on an as-of day, one leaves, one is in both schools, one repeats."""
    return [
        enrolment(1, entry_date="2023-09-01", exit_date="2024-08-31", class_label="8a"),
        enrolment(1, class_label="8a"),
        enrolment(2, class_label="8a", exit_date="2025-01-27", exit_status="pārcelts"),
        enrolment(2, OTHER_SCHOOL, class_label="8b", entry_date="2025-01-27"),
        enrolment(3, OTHER_SCHOOL, class_label="8b"),
        enrolment(3, class_label="8a", entry_date="2024-09-16"),
        enrolment(4, class_label="8a", exit_date="2025-02-03", exit_status="atskaitīts"),
        enrolment(5, OTHER_SCHOOL, class_label="8b"),
        enrolment(6, class_label="8a"),
    ]


def registers() -> Batch:
    """Return what lessons and marks refer to; the second school's first semester lasts until 24 January."""
    days = calendar(None, date(2025, 1, 6)) + calendar(OTHER_SCHOOL, date(2025, 1, 27))
    files = {
        "municipality": [municipality()],
        "institution": [institution(), institution(OTHER_SCHOOL)],
        "calendar_day": days,
        "pupil": [pupil(n) for n in PUPILS],
        "person_code_change": [code_change(6, 7, "2024-11-04")],
        "enrolment": enrolments(),
    }
    return Batch("a-registers", "2024-09-01T08:00:00+03:00", files, source="viis")


def _roll(said: random.Random, day: date) -> Rows:
    whole = [absence(n, str(day), lesson, said.choice(CODES)) for n in (1, 2, 3, 4, 6) for lesson in (1, 2)]
    return [row for row in whole if said.random() < 0.95]


def _missed(said: random.Random, day: date) -> Rows:
    away = [absence(n, str(day), lesson, "n", school_reg_no=OTHER_SCHOOL) for n in (2, 3, 5) for lesson in (3, 4)]
    return [row | {"code": said.choice(["n", "ns"])} for row in away if said.random() < 0.2]


def _lessons(said: random.Random, day: date) -> Rows:
    about = {"school_reg_no": OTHER_SCHOOL, "group_label": "8b", "lesson_date": str(day)}
    held = [about | {"lesson_no": n, "subject_code": "MAT", "is_held": said.random() < 0.9} for n in (3, 4, 5)]
    return held if said.random() < 0.95 else []


def _marks(said: random.Random, day: date) -> Rows:
    given = []
    for number, school in ((1, SCHOOL), (2, SCHOOL), (3, SCHOOL), (3, OTHER_SCHOOL), (5, OTHER_SCHOOL), (7, SCHOOL)):
        about = {"mark_date": str(day), "school_reg_no": school, "work_kind": said.choice(["pd", "pd:1"])}
        # Enough of the pupil in both schools for a fall of marks just after the first school's second semester began.
        share = 0.95 if number == 3 else 0.6
        given += [mark(number, said.choice(MARKS), subject_code=s, **about) for s in SUBJECTS if said.random() < share]
    return given


def _told(name: str, on: str, said: random.Random, days: list[date]) -> list[Batch]:
    """Tell of some days: one school its roll and marks, the other its absences, lessons held and marks."""
    roll, missed, lessons, marks = ([row for day in days for row in of(said, day)] for of in _OF)
    shape = {"attendance": {"shape": "roll"}}
    first = {"attendance": roll, "mark": [row for row in marks if row["school_reg_no"] == SCHOOL]}
    other = {"lesson": lessons, "attendance": missed, "mark": [m for m in marks if m["school_reg_no"] == OTHER_SCHOOL]}
    return [Batch(f"{name}-roll", on, first, shape), Batch(f"{name}-absences", on, other, {}, "mykoob")]


_OF: tuple[Callable[[random.Random, date], Rows], ...] = (_roll, _missed, _lessons, _marks)


def _corrections(said: random.Random, rolls: Rows) -> Iterator[Batch]:
    """Excuse some absences, withdraw some rows, and tell one week anew in full."""
    away = [row for row in rolls if row["code"] in ("n", "nx")]
    excused = [row | {"code": "ns", "excused_on": "2025-01-30"} for row in said.sample(away, 30)]
    yield Batch("e-excuses", "2025-01-31T16:00:00+02:00", {"attendance": excused}, {"attendance": {"shape": "roll"}})
    gone = {"attendance": said.sample(rolls, 12)}
    yield Batch("f-withdrawn", "2025-02-16T08:00:00+02:00", gone, {"attendance": {"deleted": True}})
    days = school_days(FULL_WEEK, FULL_WEEK + timedelta(days=6))
    week = [row for day in days for row in _roll(said, day)]
    scope = {"schools": [SCHOOL], "from": str(FULL_WEEK), "to": str(FULL_WEEK + timedelta(days=6))}
    note = {"attendance": {"mode": "full", "shape": "roll", **scope}}
    yield Batch("g-week", "2025-02-17T08:00:00+02:00", {"attendance": week}, note)


@cache
def deliveries(seed: int) -> list[Batch]:
    """Return all deliveries of a past in their order."""
    said = random.Random(seed)
    days = list(school_days(FIRST, LAST, (0, 2, 4)))
    spans = {
        "b-autumn": ("2024-12-23T08:00:00+02:00", [day for day in days if day < date(2025, 1, 1)]),
        "c-january": ("2025-01-25T12:00:00+02:00", [d for d in days if date(2025, 1, 1) < d < date(2025, 1, 25)]),
        "d-february": ("2025-02-15T08:00:00+02:00", [day for day in days if day > date(2025, 1, 25)]),
    }
    told = [batch for name, (on, some) in spans.items() for batch in _told(name, on, said, some)]
    periods = [
        {"person_code": code_of(n), "school_reg_no": SCHOOL, "school_year": "2024/2025", "period": "semester1",
         "subject_code": subject, "mark_text": said.choice(MARKS[:5])}
        for n in (1, 2, 4) for subject in SUBJECTS
    ]  # fmt: skip
    told.insert(2, Batch("b-periods", "2024-12-23T09:00:00+02:00", {"period_mark": periods}))
    rolls = [row for one in told if one.name.endswith("-roll") for row in one.files["attendance"]]
    return [registers(), *told, *_corrections(said, rolls)]


@dataclass(frozen=True)
class Change:
    """Something told otherwise of a day on or after the as-of day: which row, counted from that day, and how."""

    kind: str
    dataset: str
    row: int
    value: int


def told_otherwise(batches: list[Batch], as_of: date, changes: list[Change]) -> list[Batch]:
    """Return the deliveries with rows of the as-of day and later altered, removed or added."""
    made = copy.deepcopy(batches)
    for change in changes:
        column = DATED[change.dataset]
        later = [(row[column], at, n) for at, batch in enumerate(made) for n, row in
                 enumerate(batch.files.get(change.dataset, [])) if row[column] >= str(as_of)]  # fmt: skip
        if later:
            _, at, n = sorted(later)[change.row % len(later)]
            _change(made[at].files[change.dataset], n, change, str(as_of))
    return made


def _change(rows: Rows, n: int, change: Change, as_of: str) -> None:
    """Remove a row, add one of another number, on its own day or the as-of day, or let it say something else."""
    if change.kind == "remove":
        del rows[n]
    elif change.kind == "add":
        number = "sequence" if change.dataset == "mark" else "lesson_no"
        day = as_of if change.value % 2 else rows[n][DATED[change.dataset]]
        rows.append(rows[n] | {number: 8 + change.value % 5, DATED[change.dataset]: day})
    elif change.dataset == "lesson":
        rows[n] |= {"is_held": not rows[n]["is_held"]}
    else:
        column, some = ("code", CODES[2:]) if change.dataset == "attendance" else ("mark_text", MARKS)
        others = [value for value in some if value != rows[n][column]]
        rows[n] |= {column: others[change.value % len(others)]}
