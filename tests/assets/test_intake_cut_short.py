"""A run that is cut short anywhere leaves nothing half done: the next one makes what an undisturbed one would."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assets import intake
from assets.lake import Lake
from assets.ledger import Ledger
from assets.warehouse import PromiseBroken
from tests.assets.kit import Country, absence, as_csv, mark, pupil


class Cut(BaseException):
    """Stands for a process that is killed."""


def cut_after(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> None:
    """Kill the run as soon as a step is done for the first time; before anything is deleted, not after."""
    whole: Callable[..., Any] = getattr(owner, name)

    def killed(*values: Any, **named: Any) -> Any:
        if name != "unlink":
            whole(*values, **named)
        raise Cut

    monkeypatch.setattr(owner, name, killed)


def state(country: Country) -> tuple[Any, ...]:
    """Return everything that counts: ledger, rows, what waits, and the files that are there."""
    ledger = country.query("select * from raw.delivery order by delivery_id, dataset")
    rows = country.rows("pupil_key, lesson_no, code, delivery_id, known_from", "attendance")
    files = sorted(str(path.relative_to(country.home.quarantine)) for path in country.home.quarantine.rglob("*.*"))
    return ledger, rows, country.waiting(), files


def first(country: Country) -> None:
    rows = [absence(), absence(), absence(2, lesson=99), absence(9), absence(3)]
    country.deliver("a", {"attendance": as_csv(rows) + "cut\n"}, on="2024-09-10")
    country.deliver("b", {"attendance": [absence(3, code="ns")]}, on="2024-09-12")


STEPS = [(Lake, "write"), (intake, "register"), (intake, "swap_in"), (Ledger, "put")]


@pytest.fixture(scope="module")
def taken(registered: Country, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, ...]:
    """Return what an undisturbed run makes of the first deliveries."""
    country = registered.copy(tmp_path_factory.mktemp("whole") / "home")
    first(country)
    country.take_in("attendance")
    return state(country)


@pytest.fixture(scope="module")
def waiting_for_a_pupil(registered: Country, tmp_path_factory: pytest.TempPathFactory) -> Country:
    """Give a country in which a row waits for a pupil who has arrived."""
    country = registered.copy(tmp_path_factory.mktemp("waiting") / "home")
    first(country)
    country.take_in("attendance")
    country.deliver("p", {"pupil": [pupil(9)]}, on="2024-09-14")
    country.take_only("pupil")
    return country


@pytest.fixture(scope="module")
def let_in(waiting_for_a_pupil: Country, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, ...]:
    """Return what an undisturbed run makes of the row that waited."""
    country = waiting_for_a_pupil.copy(tmp_path_factory.mktemp("let-in") / "home")
    country.take_in("attendance")
    return state(country)


def disturb(country: Country, monkeypatch: pytest.MonkeyPatch, *step: Any) -> None:
    with monkeypatch.context() as patched:
        cut_after(patched, *step)
        with pytest.raises(Cut):
            country.take_only("attendance")


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step[1])
def test_taking_in_is_done_once_and_whole(
    registered: Country, taken: tuple, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: tuple[Any, str]
):
    country = registered.copy(tmp_path / "home")
    first(country)
    disturb(country, monkeypatch, *step)
    country.take_in("attendance")
    assert state(country) == taken


@pytest.mark.parametrize("step", [*STEPS, (Path, "unlink")], ids=lambda step: step[1])
def test_letting_in_what_waited_is_done_once_and_whole(
    waiting_for_a_pupil: Country,
    let_in: tuple,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: tuple[Any, str],
):
    country = waiting_for_a_pupil.copy(tmp_path / "home")
    disturb(country, monkeypatch, *step)
    country.take_in("attendance")
    *whole, files = state(country)
    assert whole == list(let_in[:-1])
    assert len(files) == len(let_in[-1]), "nothing that no longer waits stays behind"


def test_a_promise_that_the_door_let_break_stops_the_file_and_the_next_run_too(
    country: Country, monkeypatch: pytest.MonkeyPatch
):
    country.deliver("a", {"mark": [mark(text="abc")]})
    monkeypatch.setattr("assets.judging.door_rules", lambda *told: [])
    for _ in range(2):
        with pytest.raises(PromiseBroken, match=r"raw.mark broke its contract .* mark_text_form \(1 rows"):
            country.take_in("mark")
    assert country.query("select count(*) from raw.lake_part where dataset = 'mark'") == [(0,)]


def test_rows_that_do_not_add_up_stop_the_run(country: Country, monkeypatch: pytest.MonkeyPatch):
    country.deliver("a", {"mark": [mark(text="abc")]})
    monkeypatch.setattr("assets.judging.Judging.set_aside", lambda self: {})
    with pytest.raises(RuntimeError, match=r"mark.csv: 1 rows do not add up"):
        country.take_in("mark")
    assert country.query("select count(*) from raw.intake where dataset = 'mark'") == [(0,)]
