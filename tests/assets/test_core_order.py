"""However the same deliveries are ordered, split or repeated: the tables of core are the same in the end."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.assets.kit import (
    EVER,
    NEW_SCHOOL,
    ORDER,
    OTHER_SCHOOL,
    SCHOOL,
    Country,
    absence,
    as_csv,
    code_change,
    code_of,
    enrolment,
    institution,
    mark,
)
from tests.effort import effort

TOUCHED = (
    "attendance_code", "mark_text", "period_mark_text", "mark_form", "institution", "pupil_identity", "pupil",
    "enrolment", "pupil_day_attendance", "named_work", "pupil_subject_mark", "support_plan", "support_plan_status",
)  # fmt: skip
COUNTER = itertools.count()
PUPILS, SCHOOLS, CODE = (1, 9, 21, 22), (SCHOOL, OTHER_SCHOOL, NEW_SCHOOL), "zz"
FAMILY = {9: 1, 21: 1, 22: 1}
KNOWN, KNOWN_SCHOOLS = (1,), (SCHOOL, OTHER_SCHOOL)

Row = tuple[Any, ...]


def _code(source: str, meaning: str) -> dict[str, Any]:
    return {"source": source, "school_reg_no": "*", "code": CODE, "valid_from": "2000-01-01", "meaning": meaning}


def _plan(pupil: int, plan: str, status: str, on: int) -> dict[str, Any]:
    about = {"school_reg_no": SCHOOL, "programme": "own", "school_year": "2024/2025", "semester": 1}
    state = {"status": status, "status_on": f"2024-09-0{on}", "opened_on": "2024-09-01"}
    return {"plan_id": plan, "person_code": code_of(pupil)} | about | state


# How the rows of a dataset are made of small values, and how many of these values are its key.
MADE: dict[str, tuple[Any, int]] = {
    "institution": (lambda school, name: institution(school) | {"name": name}, 1),
    "pupil": (lambda number, sex: {"person_code": code_of(number), "sex": sex}, 1),
    "person_code_change": (lambda former, new, day: code_change(former, new, f"2024-09-0{day}"), 1),
    "attendance_code": (_code, 1),
    "enrolment": (
        lambda pupil, school, day, grade, status: enrolment(
            pupil, school, entry_date=f"2024-09-0{day}", grade=grade, exit_date=status and "2024-09-08",
            exit_status=status,
        ),
        3,
    ),
    "attendance": (
        lambda pupil, school, lesson, code: absence(pupil, lesson=lesson, code=code, school_reg_no=school), 3
    ),
    "mark": (lambda pupil, school, number, text: mark(pupil, text, number, school_reg_no=school), 3),
    "support_plan": (lambda plan, pupil, status, on: _plan(pupil, plan, status, on), 1),
}  # fmt: skip


@dataclass(frozen=True)
class Told:
    """One delivery: a dataset's rows as small values, and how they are meant."""

    day: int
    dataset: str
    rows: tuple[Row, ...]
    mode: str = "delta"
    schools: tuple[str, ...] = ()
    source: str = "viis"

    def file(self, name: str) -> dict[str, Any]:
        """Write the rows, with a column of the sender's own: only what comes again on purpose has the same bytes."""
        make = MADE[self.dataset][0]
        some = {
            "institution": (SCHOOL, "x"), "pupil": (1, "F"), "person_code_change": (1, 21, 1),
            "attendance_code": ("*", "late"), "enrolment": (1, SCHOOL, 1, 8, None), "attendance": (1, SCHOOL, 1, "n"),
            "mark": (1, SCHOOL, 1, "7"), "support_plan": ("P1", 1, "draft", 1),
        }  # fmt: skip
        lines = as_csv([make(*row) for row in self.rows or [some[self.dataset]]]).splitlines()[: len(self.rows) + 1]
        return {self.dataset: "\n".join([f"{lines[0]},sent_{name}", *(f"{line}," for line in lines[1:]), ""])}

    def note(self) -> dict[str, Any]:
        if self.mode == "full":
            return {self.dataset: {"mode": "full"} | ({"schools": list(self.schools)} if self.schools else {})}
        return {self.dataset: {"deleted": True}} if self.mode == "deleted" else {}

    def split(self) -> list["Told"]:
        """Tell the same in smaller deliveries: row by row, or school by school where all of a school is told."""
        if self.mode == "full" and len(self.schools) > 1:
            return [replace(self, schools=(s,), rows=tuple(r for r in self.rows if r[1] == s)) for s in self.schools]
        return [self] if self.mode == "full" else [replace(self, rows=(row,)) for row in self.rows]


def _distinct(dataset: str, rows: list[Row]) -> tuple[Row, ...]:
    """Keep one row of each key, pupils taken for what they become: a file that contradicts itself is another test."""
    keys = MADE[dataset][1]
    found = {tuple(FAMILY.get(value, value) for value in row[:keys]): row for row in rows}
    return tuple(found.values())


def _values(pupils: Any, schools: Any, codes: Any) -> dict[str, Any]:
    one_or_two = st.integers(1, 2)
    return {
        "institution": st.tuples(st.sampled_from([*KNOWN_SCHOOLS, NEW_SCHOOL]), st.sampled_from(["A", "B"])),
        "pupil": st.tuples(pupils, st.sampled_from(["F", "M", None])),
        "person_code_change": st.tuples(st.sampled_from(PUPILS), st.sampled_from(PUPILS), st.integers(1, 3)).filter(
            lambda change: change[0] != change[1]
        ),
        "attendance_code": st.tuples(st.sampled_from(["*", "e-klase"]), st.sampled_from(["late", "absent_other"])),
        "enrolment": st.tuples(
            pupils, schools, one_or_two, st.integers(7, 8), st.sampled_from([None, "pārcelts", "atskaitīts"])
        ),
        "attendance": st.tuples(pupils, schools, one_or_two, codes),
        "mark": st.tuples(pupils, schools, one_or_two, st.sampled_from(["4", "nv", "75 %"])),
        "support_plan": st.tuples(
            st.sampled_from(["P1", "P2"]), pupils, st.sampled_from(["draft", "approved", "void"]), st.integers(1, 3)
        ),
    }


ANY = _values(st.sampled_from(PUPILS), st.sampled_from(SCHOOLS), st.sampled_from(["n", "ns", CODE]))
SURE = _values(st.sampled_from(KNOWN), st.sampled_from(KNOWN_SCHOOLS), st.sampled_from(["n", "ns"]))
SCOPED = ("enrolment", "attendance", "mark")


@st.composite
def deliveries(draw: st.DrawFn) -> Told:
    """Draw one delivery. A full one names nothing unknown: while all its rows wait it does not count yet."""
    dataset = draw(st.sampled_from([*MADE, "pupil", "person_code_change", "enrolment", "attendance"]))
    modes = ["delta", "delta", "deleted", *(["full"] if dataset in SCOPED else [])]
    # A school without a register, and a code without a meaning, could not be told apart from a mistake downstream.
    mode = "delta" if dataset in ("institution", "attendance_code") else draw(st.sampled_from(modes))
    schools = draw(st.sampled_from([(SCHOOL,), KNOWN_SCHOOLS])) if mode == "full" else ()
    drawn = draw(st.lists((SURE if mode == "full" else ANY)[dataset], min_size=mode != "full", max_size=4))
    rows = [row for row in drawn if not schools or row[1] in schools]
    source = draw(st.sampled_from(["viis", "e-klase"]))
    return Told(draw(st.integers(10, 14)), dataset, _distinct(dataset, rows), mode, schools, source)


@dataclass(frozen=True)
class Case:
    """A history, and another way to tell it: which deliveries are split, which come again, and in what order."""

    history: tuple[Told, ...]
    split: frozenset[int]
    again: frozenset[int]
    order: tuple[float, ...]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    history = tuple(draw(st.lists(deliveries(), min_size=3, max_size=6)))
    some = st.frozensets(st.sampled_from(range(len(history))), max_size=len(history))
    return Case(history, draw(some), draw(some), tuple(draw(st.lists(st.floats(0, 1), min_size=9, max_size=9))))


def deliver(country: Country, name: str, told: Told, place: int, part: int) -> str:
    """Deliver and hold back; on one day the order of the history is the order of the minutes."""
    moment = f"2024-09-{told.day}T08:{place:02}:{part:02}+03:00"
    country.deliver(name, told.file(name.removesuffix(".again")), on=moment, source=told.source, notes=told.note())
    country.hold(name)
    return name


def retell(country: Country, case: Case) -> Iterator[str]:
    """Deliver the history in its other way; what comes again comes as it was, some days later."""
    for place, told in enumerate(case.history):
        for part, piece in enumerate(told.split() if place in case.split else [told]):
            yield deliver(country, f"d{place}.{part}", piece, place, part)
            if place in case.again:
                yield deliver(country, f"d{place}.{part}.again", replace(piece, day=20), place, part)


def core(country: Country) -> dict[str, list[Any]]:
    """Return the tables of core that the deliveries touch, as known in the end and on a day before, and what waits."""
    found: dict[str, list[Any]] = {"waiting": sorted(country.waiting().items())}
    for known_on in (date(2024, 9, 12), EVER):
        country.build(known_on)
        for name in TOUCHED:
            found[f"{name} {known_on}"] = country.query(f"select * from core.{name} order by all")
    return found


def check(registered: Country, folder: Path, case: Case) -> None:
    used = [name for name in ORDER if name in MADE]
    with registered.copy(folder / f"{next(COUNTER)}").one_session() as at_once:
        at_once.bring(*[deliver(at_once, f"d{n}", told, n, 0) for n, told in enumerate(case.history)])
        at_once.take_in(*used)
        expected = core(at_once)
    with registered.copy(folder / f"{next(COUNTER)}").one_session() as retold:
        names = list(retell(retold, case))
        for _, name in sorted(zip(itertools.cycle(case.order), names, strict=False)):
            retold.bring(name)
            retold.take_only(case.history[int(name[1])].dataset, "enrolment")
        retold.take_in(*used)
        found = core(retold)
    assert {key: rows for key, rows in found.items() if rows != expected[key]} == {}
    assert found == expected


def _case(*history: Told, split: tuple[int, ...] = (), again: tuple[int, ...] = (), order: tuple[float, ...]) -> Case:
    return Case(history, frozenset(split), frozenset(again), order)


CHANGED = (
    Told(10, "attendance", ((1, SCHOOL, 1, "n"), (21, SCHOOL, 2, "n")), source="e-klase"),
    Told(11, "attendance", ((21, SCHOOL, 1, "ns"),), source="e-klase"),
    Told(12, "person_code_change", ((1, 21, 1),)),
    Told(13, "enrolment", ((21, SCHOOL, 1, 8, "pārcelts"), (1, OTHER_SCHOOL, 2, 8, None))),
)
REPLACED = (
    Told(10, "mark", ((1, SCHOOL, 1, "4"), (1, OTHER_SCHOOL, 1, "4"), (9, SCHOOL, 1, "nv"))),
    Told(12, "mark", ((1, SCHOOL, 2, "75 %"),), "full", KNOWN_SCHOOLS),
    Told(13, "person_code_change", ((9, 1, 2),)),
)
GONE = (
    Told(10, "pupil", ((9, "F"), (1, "M"))),
    Told(11, "enrolment", ((9, SCHOOL, 1, 8, None),)),
    Told(12, "pupil", ((9, None), (1, None)), "deleted"),
)
FEW = settings(max_examples=1, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
MANY = settings(max_examples=effort(8, 50), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@given(case=cases())
@example(case=_case(*CHANGED, split=(0, 3), again=(1, 2), order=(0.9, 0.3, 0.5, 0.1, 0.7)))
@example(case=_case(*REPLACED, split=(0, 1), again=(0,), order=(0.9, 0.8, 0.5, 0.6, 0.1)))
@example(case=_case(*GONE, split=(2,), again=(0, 1), order=(0.9, 0.3, 0.5, 0.1)))
@FEW
def test_order_splits_and_repetitions_make_no_difference_to_core(
    registered: Country, tmp_path_factory: pytest.TempPathFactory, case: Case
):
    check(registered, tmp_path_factory.mktemp("core"), case)


@pytest.mark.slow
@given(case=cases())
@MANY
def test_many_histories_make_no_difference_to_core(
    registered: Country, tmp_path_factory: pytest.TempPathFactory, case: Case
):
    check(registered, tmp_path_factory.mktemp("core"), case)
