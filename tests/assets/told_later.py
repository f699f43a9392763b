"""What may be delivered after a day, of any time before it: corrections, withdrawals, full weeks, moves, codes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from assets.stand import Days
from tests.assets.kit import (
    OTHER_SCHOOL,
    SCHOOL,
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
from tests.assets.small_past import CODES, FIRST, FULL_WEEK, MARKS, PUPILS, SUBJECTS, Batch, calendar

Told = tuple[dict[str, Rows], dict[str, Any]]
_SPELLS = ((1, SCHOOL, "2024-09-01"), (2, OTHER_SCHOOL, "2025-01-27"), (5, OTHER_SCHOOL, "2024-09-01"))


@dataclass(frozen=True)
class Later:
    """A delivery so many days after the last that counts, of a kind, its rows chosen by a number."""

    after: int
    kind: str
    choice: int
    source: str = "e-klase"

    def batch(self, known_on: date, number: int, batches: list[Batch]) -> Batch:
        """Make the delivery: from the first second of its day on it is later."""
        files, notes = KINDS[self.kind](self.choice, batches)
        on = f"{known_on + timedelta(days=self.after)}T00:00:{number + 1:02}"
        return Batch(f"z{number:02}-{self.kind}", on, files, notes, self.source)


def _some(choice: int, batches: list[Batch], dataset: str) -> Rows:
    """Choose every ninth row of a dataset, from the beginning of the past to its end."""
    rows = {str(row): row for batch in batches for row in batch.files.get(dataset, []) if batch.name[0] in "bcd"}
    return list(rows.values())[choice % 9 :: 9]


def _corrected(choice: int, batches: list[Batch]) -> Told:
    rows = [row | {"code": CODES[2 + choice % 5]} for row in _some(choice, batches, "attendance")]
    return {"attendance": rows}, {"attendance": {"shape": "roll"}}


def _withdrawn(choice: int, batches: list[Batch]) -> Told:
    dataset = ("attendance", "mark", "lesson")[choice % 3]
    return {dataset: _some(choice, batches, dataset)}, {dataset: {"deleted": True}}


def _remarked(choice: int, batches: list[Batch]) -> Told:
    return {"mark": [row | {"mark_text": MARKS[choice % 8]} for row in _some(choice, batches, "mark")]}, {}


def _closed(choice: int, _: list[Batch]) -> Told:
    """A work of the past that nobody told of: owed, and done within the week."""
    about = {"subject_code": SUBJECTS[choice % 3], "work_kind": "pd:9"}
    days = [str(FIRST + timedelta(days=choice % 150 + n)) for n in (0, 3)]
    return {"mark": [mark(1, text, mark_date=day, **about) for text, day in zip(("nv", "8"), days, strict=True)]}, {}


def _cancelled(choice: int, batches: list[Batch]) -> Told:
    return {"lesson": [row | {"is_held": choice % 2 == 0} for row in _some(choice, batches, "lesson")]}, {}


def _anew(choice: int, _: list[Batch]) -> Told:
    """A full week of the first school's roll, or of its marks: what it does not name is gone."""
    monday = FULL_WEEK - timedelta(days=7 * (choice % 12))
    scope = {"mode": "full", "schools": [SCHOOL], "from": str(monday), "to": str(monday + timedelta(days=6))}
    if choice % 2:
        return {"mark": [mark(n, "2", mark_date=str(monday)) for n in (1, 2)]}, {"mark": scope}
    rows = [absence(n, str(monday), lesson, "n") for n in (1, 2, 4) for lesson in (1, 2, 3)]
    return {"attendance": rows}, {"attendance": scope | {"shape": "roll"}}


def _moved(choice: int, _: list[Batch]) -> Told:
    """A pupil turns out to have left, come, or been in another class on a day of the past."""
    number, school, since = _SPELLS[choice % 3]
    day = str(FIRST + timedelta(days=30 + choice % 120))
    ended = enrolment(number, school, entry_date=since, exit_date=max(day, "2025-01-28"), class_label="8b", grade=7)
    came = enrolment(6, OTHER_SCHOOL, entry_date=day, class_label="8b", grade=7)
    return {"enrolment": [ended, came]}, {"enrolment": {"deleted": choice % 5 == 0}}


def _recoded(choice: int, _: list[Batch]) -> Told:
    """One pupil is another one; the new code brings lessons of its own."""
    former, new = ((1, 11), (5, 6), (2, 7))[choice % 3]
    rows = [absence(new, str(FIRST + timedelta(days=14 + n)), 5, "n") for n in range(4)]
    return {"person_code_change": [code_change(former, new, "2024-10-01")], "attendance": rows}, {}


def _renamed(choice: int, _: list[Batch]) -> Told:
    """Registers: when pupils were born, where schools lie, when the second semester began."""
    born = [pupil(n) | {"birth_date": f"20{8 + choice % 4:02}-02-03"} for n in PUPILS]
    schools = [institution(OTHER_SCHOOL, "LV00200") | {"kind": "vocational"}, institution()]
    year = calendar((None, SCHOOL)[choice % 2], date(2025, 1, 6) + timedelta(days=choice % 30))
    return {
        "pupil": born, "municipality": [municipality("LV00200")], "institution": schools, "calendar_day": year,
    }, {}  # fmt: skip


def _remeant(choice: int, _: list[Batch]) -> Told:
    """A code means something else, and always has; a period's marks are others."""
    about = {"source": ("*", "e-klase")[choice % 2], "school_reg_no": "*", "valid_from": "2001-01-01"}
    code = about | {"code": ("n", "ns", "nx")[choice % 3], "meaning": ("late", "absent_unexcused")[choice % 2]}
    period = {"school_reg_no": SCHOOL, "school_year": "2024/2025", "period": "semester1"}
    marks = [period | {"person_code": code_of(n), "subject_code": "MAT", "mark_text": "2"} for n in (1, 2)]
    return {"attendance_code": [code], "period_mark": marks}, {}


def to_come(days: Days) -> Batch:
    """Tell, by the day that counts, who will leave and who will come after the as-of day."""
    soon, later = (str(days.as_of + timedelta(days=n)) for n in (1, 9))
    leaving = enrolment(1, class_label="8a", exit_date=soon, exit_status="atskaitīts")
    moving = enrolment(5, OTHER_SCHOOL, class_label="8b", exit_date=later, exit_status="pārcelts")
    coming = [enrolment(n, SCHOOL, class_label="8a", entry_date=soon, grade=9) for n in (2, 5)]
    return Batch("h-to-come", f"{days.known_on}T23:59:59", {"enrolment": [leaving, moving, *coming]}, source="viis")


KINDS: dict[str, Callable[[int, list[Batch]], Told]] = {
    "corrected": _corrected, "withdrawn": _withdrawn, "remarked": _remarked, "closed": _closed,
    "cancelled": _cancelled, "anew": _anew, "moved": _moved, "recoded": _recoded, "renamed": _renamed,
    "remeant": _remeant,
}  # fmt: skip
