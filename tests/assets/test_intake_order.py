"""Whatever was delivered: the order in which it is taken in, and in how many runs, makes no difference."""

import itertools
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.assets.kit import SCHOOL, Country, absence, as_csv, pupil
from tests.effort import effort

UNKNOWN_PUPIL, UNKNOWN_CODE = 9, "zz"
FULL = {"mode": "full", "schools": [SCHOOL], "from": "2024-09-02", "to": "2024-09-02"}
MODES = {"delta": {}, "full": FULL, "deleted": {"deleted": True}}
COUNTER = itertools.count()


@dataclass(frozen=True)
class Told:
    """One delivery: rows of attendance as (pupil, lesson, code), or a reference that was missing."""

    day: int
    mode: str = "delta"
    rows: tuple[tuple[int, int, str], ...] = ()
    brings: str | None = None
    source: str = "e-klase"
    corrects: tuple[str, ...] = ()

    def files(self) -> dict[str, Any]:
        if self.brings == "pupil":
            return {"pupil": [pupil(UNKNOWN_PUPIL, given=f"Nr{self.day}")]}
        if self.brings == "code":
            code = {"source": "*", "school_reg_no": "*", "code": UNKNOWN_CODE, "valid_from": f"20{self.day}-01-01"}
            return {"attendance_code": [code | {"meaning": "absent_other"}]}
        header = as_csv([absence()]).splitlines()[0] + "\n"
        rows = [absence(number, lesson=lesson, code=code) for number, lesson, code in self.rows]
        return {"attendance": as_csv(rows) if rows else header}


row = st.tuples(
    st.sampled_from([1, UNKNOWN_PUPIL]), st.sampled_from([1, 2]), st.sampled_from(["n", "ns", UNKNOWN_CODE])
)
days = st.integers(10, 14)
lessons = st.builds(
    Told,
    day=days,
    mode=st.sampled_from(sorted(MODES)),
    rows=st.lists(row, max_size=4).map(tuple),
    source=st.sampled_from(["e-klase", "mykoob"]),
    corrects=st.sampled_from([(), (), ("d0",), ("d0", "d1", "d2")]),
)
references = st.builds(Told, day=days, brings=st.sampled_from(["pupil", "code"]))
histories = st.lists(st.one_of(lessons, lessons, references), min_size=2, max_size=5)


def deliver(country: Country, history: list[Told]) -> list[str]:
    """Deliver a history and hold it back."""
    for number, told in enumerate(history):
        notes = {} if told.brings else {"attendance": MODES[told.mode] | {"corrects": list(told.corrects)}}
        country.deliver(f"d{number}", told.files(), on=f"2024-09-{told.day}", source=told.source, notes=notes)
        country.hold(f"d{number}")
    return list(country.kept_back)


def outcome(country: Country) -> tuple[list[Any], list[Any], dict[str, int]]:
    """Return the ledger, every view of attendance day by day, and what waits."""
    ledger = country.query("select * exclude (content_sha256) from raw.delivery order by delivery_id, dataset")
    columns = "pupil_key, lesson_no, code, source, delivery_id, known_from"
    views = [country.rows(columns, "attendance", date(2024, 9, day)) for day in range(10, 15)]
    keys = [[row[:2] for row in view] for view in views]
    assert all(len(set(view)) == len(view) for view in keys), "one row a key on every day"
    return ledger, views, country.waiting()


def check(registered: Country, folder: Path, history: list[Told], order: list[int]) -> None:
    with registered.copy(folder / f"{next(COUNTER)}").one_session() as at_once:
        at_once.bring(*deliver(at_once, history))
        at_once.take_in("attendance_code", "pupil", "attendance")
        expected = outcome(at_once)
    with registered.copy(folder / f"{next(COUNTER)}").one_session() as one_by_one:
        names = deliver(one_by_one, history)
        for place in order:
            one_by_one.bring(names[place])
            one_by_one.take_only(*history[place].files(), "attendance")
        one_by_one.take_in("attendance")
        assert outcome(one_by_one) == expected


@st.composite
def shuffled(draw: st.DrawFn) -> tuple[list[Told], list[int]]:
    history = draw(histories)
    return history, draw(st.permutations(range(len(history))))


FEW = settings(max_examples=1, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
MANY = settings(max_examples=effort(12, 50), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
TWINS = [Told(10, rows=((1, 1, "n"),)), Told(12, rows=((1, 1, "ns"),)), Told(14, rows=((1, 1, "n"),))]
LATE = [Told(10, rows=((9, 1, "n"),)), Told(14, brings="pupil"), Told(12, brings="pupil"), Told(11, "full")]


@given(case=shuffled())
@example(case=(TWINS, [2, 1, 0]))
@example(case=(TWINS, [2, 0, 1]))
@example(case=(LATE, [3, 0, 1, 2]))
@example(case=(LATE, [1, 0, 3, 2]))
@FEW
def test_order_makes_no_difference(registered: Country, tmp_path_factory: pytest.TempPathFactory, case: tuple):
    check(registered, tmp_path_factory.mktemp("order"), *case)


@pytest.mark.slow
@given(case=shuffled())
@MANY
def test_order_makes_no_difference_in_many_histories(
    registered: Country, tmp_path_factory: pytest.TempPathFactory, case: tuple
):
    check(registered, tmp_path_factory.mktemp("order"), *case)
