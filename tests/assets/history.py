"""Seeded histories of deliveries over some weeks, and the list of each week, without the graph."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from assets.issued import Issue, build_and_issue, issues
from assets.opening import kept_open
from assets.replay import LIST, needed
from assets.stand import Days
from tests.assets.kit import (
    NEW_SCHOOL,
    OTHER_SCHOOL,
    SCHOOL,
    Country,
    absence,
    code_of,
    enrolment,
    institution,
    municipality,
    pupil,
)

FIRST_MONDAY = date(2024, 9, 2)
PUPILS, LESSONS = 6, 3


def calendar(weeks: int = 12) -> list[dict[str, Any]]:
    """Return the school days of the first semester for all schools and grades."""
    days = (FIRST_MONDAY + timedelta(days=n) for n in range(7 * weeks))
    about = {"school_year": "2024/2025", "grade_from": 1, "school_reg_no": None, "grade_to": 13}
    return [about | {"date": str(d), "semester": 1, "kind": "school_day"} for d in days if d.weekday() < 5]


def registers() -> dict[str, list[dict[str, Any]]]:
    """Return the registers of a county with two schools and a few pupils of class 8a."""
    pupils = range(1, PUPILS + 1)
    return {
        "municipality": [municipality()],
        "institution": [institution(), institution(OTHER_SCHOOL)],
        "calendar_day": calendar(),
        "pupil": [pupil(n) for n in pupils],
        "enrolment": [enrolment(n, class_label="8a") for n in pupils],
    }


def roll(week: int, pupils: range | list[int], said: random.Random | None = None, **more: Any) -> list[dict[str, Any]]:
    """Return a week's roll; a pupil is absent the more lessons the higher the number, or as chance has it."""
    days = [FIRST_MONDAY + timedelta(days=7 * week + n) for n in range(5)]
    rows = []
    for number in pupils:
        for at, (day, lesson) in enumerate((d, n) for d in days for n in range(1, LESSONS + 1)):
            is_away = said.random() < number / 8 if said else at < 2 * number
            rows.append(absence(number, str(day), lesson, "n" if is_away else None, **more))
    return rows


@dataclass
class Weeks:
    """A country in which a week's deliveries come before its Monday's list, and what happened so far."""

    country: Country
    said: random.Random
    told: list[dict[str, Any]] = field(default_factory=list)
    made: list[Issue] = field(default_factory=list)
    number: int = 0

    def deliver(self, files: dict[str, Any], on: str, **notes: Any) -> str:
        """Deliver under the next number; return its name."""
        self.number += 1
        name = f"d{self.number:02d}"
        self.country.deliver(name, files, on=on, notes=notes, source="e-klase")
        return name

    @kept_open()
    def stand_on(self, days: Days) -> Issue:
        """Take in what came and issue the list of these days, as the weekly job does."""
        self.country.take_in(known_on=days.known_on)
        warehouse = self.country.warehouse
        warehouse.store("risk.stand", days.frame())
        for key in needed([*LIST, "core.role_assignment"]):
            if key not in ("risk.stand", "listed.attention_list"):
                warehouse.build(key)
        build_and_issue(warehouse)
        self.made.append(issues(self.country.home, days.as_of, days.known_on)[-1])
        return self.made[-1]

    def week(self, number: int) -> Issue:
        """Let a week pass: its roll, and corrections of weeks before; then the list of the Monday after it."""
        monday = FIRST_MONDAY + timedelta(days=7 * (number + 1))
        rows = roll(number, range(1, PUPILS + 1), self.said)
        self.told += rows
        roll_note = {"attendance": {"mode": "delta", "shape": "roll"}}
        self.deliver({"attendance": rows}, f"{monday - timedelta(days=2)}T15:00:00+03:00", **roll_note)
        for at, (files, notes) in enumerate(self.corrections(number)):
            self.deliver(files, f"{monday}T0{6 + at}:30:00+03:00", **notes)
        return self.stand_on(Days(monday, monday))

    def corrections(self, week: int) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """Choose what else arrives: excuses, withdrawals, a full week, moves, new names and schools, rows that wait."""
        kinds = (self.excuse, self.withdraw, self.repeat, self.move, self.rename, self.wait)
        for kind in self.said.sample(kinds, 3):
            yield kind(week)

    def _some(self) -> list[dict[str, Any]]:
        away = [row for row in self.told if row["code"] == "n"]
        return self.said.sample(away, min(8, len(away)))

    def excuse(self, _: int) -> tuple[dict[str, Any], dict[str, Any]]:
        return {"attendance": [row | {"code": "ns"} for row in self._some()]}, {}

    def withdraw(self, _: int) -> tuple[dict[str, Any], dict[str, Any]]:
        return {"attendance": self._some()}, {"attendance": {"mode": "delta", "deleted": True}}

    def repeat(self, week: int) -> tuple[dict[str, Any], dict[str, Any]]:
        first = FIRST_MONDAY + timedelta(days=7 * self.said.randint(0, week))
        scope = {"schools": [SCHOOL], "from": str(first), "to": str(first + timedelta(days=6))}
        rows = roll((first - FIRST_MONDAY).days // 7, range(1, PUPILS), self.said)
        return {"attendance": rows}, {"attendance": {"mode": "full", "shape": "roll", **scope}}

    def move(self, week: int) -> tuple[dict[str, Any], dict[str, Any]]:
        number, day = self.said.randint(1, PUPILS), str(FIRST_MONDAY + timedelta(days=7 * week + 2))
        left = enrolment(number, class_label="8a", exit_date=day)
        came = enrolment(number, OTHER_SCHOOL, class_label="8b", entry_date=day, exit_date=None)
        return {"enrolment": [left, came]}, {}

    def rename(self, week: int) -> tuple[dict[str, Any], dict[str, Any]]:
        school = institution(self.said.choice((SCHOOL, OTHER_SCHOOL, NEW_SCHOOL))) | {"name": f"Skola {week}"}
        return {"institution": [school], "pupil": [pupil(self.said.randint(1, PUPILS), f"Anna{week}")]}, {}

    def wait(self, week: int) -> tuple[dict[str, Any], dict[str, Any]]:
        """A new pupil: the roll comes this week, the register with the next call."""
        number = PUPILS + 1 + week // 2
        if week % 2:
            return {"pupil": [pupil(number)], "enrolment": [enrolment(number, class_label="8a")]}, {}
        return {"attendance": roll(week, [number])}, {"attendance": {"mode": "delta", "shape": "roll"}}


def weeks_of(country: Country, seed: int, count: int) -> Weeks:
    """Return a history of some weeks, a list issued after each."""
    weeks = Weeks(country, random.Random(seed))
    weeks.deliver(registers(), "2024-09-01T08:00:00+03:00")
    for number in range(count):
        weeks.week(number)
    return weeks


def key_of(country: Country, number: int) -> str:
    """Return the pupil key of an invented pupil."""
    from assets.identity import Identity
    from models.pseudonym import pupil_key

    return pupil_key(code_of(number).replace("-", ""), Identity(country.home).secret())
