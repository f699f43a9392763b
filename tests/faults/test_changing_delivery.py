"""A delivery that changes while it is read is never taken in as a mix: nothing of it is, and the next run reads it."""

import gzip
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from assets import intake, landing
from assets.home import Home
from assets.intake import Intake
from tests.assets.kit import Country, absence, as_csv, deliver_registers, pupil

BEFORE, AFTER = [absence(1), absence(2)], [absence(1, code="ns"), absence(3), absence(4)]


@pytest.fixture(scope="module")
def registered(tmp_path_factory: pytest.TempPathFactory) -> Country:
    folder = tmp_path_factory.mktemp("registered")
    home = Home(folder / "home", folder / "secrets")
    home.prepare()
    country = Country(home)
    deliver_registers(country)
    country.take_in("attendance_code", "exit_status_code", "municipality", "institution", "pupil", "enrolment")
    return country


@pytest.fixture
def open_country(registered: Country, tmp_path: Path) -> Iterator[Country]:
    with registered.copy(tmp_path / "home").one_session() as opened:
        yield opened


def _append(path: Path) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(as_csv(AFTER).split("\n", 1)[1])


def _replace(path: Path) -> None:
    new = path.with_name(".new")
    new.write_text(as_csv(AFTER), encoding="utf-8")
    new.replace(path)


def _unseen(path: Path) -> None:
    """Change a letter and set the clock of the file back: neither size nor time tell."""
    about = path.stat()
    path.write_bytes(path.read_bytes().replace(b",n,", b",k,"))
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))


def _note(path: Path) -> None:
    note = path.with_name("delivery.yaml")
    note.write_text(note.read_text(encoding="utf-8").replace("2024-09-10", "2024-09-11"), encoding="utf-8")


WAYS: list[Callable[[Path], None]] = [_append, _replace, _unseen, _note, Path.unlink]


def after_hash(patch: pytest.MonkeyPatch, change: Callable[[], None]) -> None:
    opened = intake.open_file
    patch.setattr(intake, "open_file", lambda *told: (change(), opened(*told))[1])


def after_opening(patch: pytest.MonkeyPatch, change: Callable[[], None]) -> None:
    opened = intake.open_file
    patch.setattr(intake, "open_file", lambda *told: (opened(*told), change())[0])


def before_the_end(patch: pytest.MonkeyPatch, change: Callable[[], None]) -> None:
    enter = Intake.enter
    patch.setattr(Intake, "enter", lambda *told: (enter(*told), change())[0])


MOMENTS = [after_hash, after_opening, before_the_end]


def _once(change: Callable[[Path], None], path: Path) -> Callable[[], None]:
    left = [change]
    return lambda: left.pop()(path) if left and path.exists() else None


def _nothing_taken(country: Country, dataset: str = "attendance") -> None:
    assert country.query("select count(*) from raw.lake_part where delivery_id = 'viis.a'") == [(0,)]
    assert country.query("select count(*) from raw.waiting where rule <> 'file_refused'") == [(0,)]
    assert not list(country.home.lake.glob(f"{dataset}/viis.a.*"))
    assert not [path for path in country.home.vault.glob("*") if "viis.a" in path.name]
    ((status, note),) = country.query("select status, note from raw.intake where delivery_id = 'viis.a'")
    assert status == "refused"
    assert "changed while it was read" in note


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda m: m.__name__)
@pytest.mark.parametrize("way", WAYS, ids=lambda w: w.__name__.strip("_"))
def test_nothing_of_it_is_taken_and_the_next_run_reads_it_anew(
    open_country: Country, monkeypatch: pytest.MonkeyPatch, way: Callable[[Path], None], moment: Any
):
    country = open_country
    path = country.deliver("a", {"attendance": BEFORE}) / "attendance.csv"
    with monkeypatch.context() as patched:
        moment(patched, _once(way, path))
        country.take_in("attendance")
    _nothing_taken(country)
    country.take_in("attendance")
    if way is Path.unlink:
        return
    assert country.counts("viis.a", "attendance")[1] > 0
    codes = {code for (code,) in country.rows("code", "attendance")}
    # Of what was appended one row says another thing than before of the same lesson: both wait.
    assert codes == {_append: {"n"}, _replace: {"n", "ns"}, _unseen: {"k"}, _note: {"n"}}[way]


@pytest.mark.parametrize("name", ["attendance.parquet", "attendance.csv.gz"])
def test_a_packed_or_columnar_file_is_no_exception(open_country: Country, monkeypatch: pytest.MonkeyPatch, name: str):
    country = open_country
    packed = gzip.compress(as_csv(BEFORE).encode())
    path = country.deliver("a", {name: BEFORE if name.endswith("parquet") else packed}) / name
    with monkeypatch.context() as patched:
        after_opening(patched, _once(lambda p: p.write_bytes(p.read_bytes()[:-9]), path))
        country.take_in("attendance")
    _nothing_taken(country)


def test_no_name_of_a_file_that_changed_stays_in_the_vault(open_country: Country, monkeypatch: pytest.MonkeyPatch):
    country = open_country
    path = country.deliver("a", {"pupil": [pupil(5, "Zane", "Ozola")]}) / "pupil.csv"
    with monkeypatch.context() as patched:
        before_the_end(patched, _once(lambda p: p.write_text(as_csv([pupil(5)]), encoding="utf-8"), path))
        country.take_in("pupil")
    _nothing_taken(country, "pupil")


def test_an_earlier_twin_that_changes_takes_nothing_from_the_later_one(
    open_country: Country, monkeypatch: pytest.MonkeyPatch
):
    country = open_country
    country.deliver("later", {"attendance": BEFORE}, on="2024-09-12")
    country.take_in("attendance")
    path = country.deliver("a", {"attendance": BEFORE}, on="2024-09-10") / "attendance.csv"
    with monkeypatch.context() as patched:
        after_hash(patched, _once(_replace, path))
        country.take_in("attendance")
    _nothing_taken(country)
    assert country.counts("viis.later", "attendance") == (2, 2, 0, 0)
    assert len(country.rows("code", "attendance")) == 2


def test_a_change_back_to_what_it_was_is_read_anew(open_country: Country, monkeypatch: pytest.MonkeyPatch):
    country = open_country
    path = country.deliver("a", {"attendance": BEFORE}) / "attendance.csv"
    about, first = path.stat(), path.read_bytes()
    with monkeypatch.context() as patched:
        after_opening(patched, _once(_append, path))
        country.take_in("attendance")
    _nothing_taken(country)
    path.write_bytes(first)
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))
    country.take_in("attendance")
    assert country.counts("viis.a", "attendance") == (2, 2, 0, 0)


def test_a_change_between_stamp_and_hash_is_seen_by_the_next_run(
    open_country: Country, monkeypatch: pytest.MonkeyPatch
):
    country = open_country
    path = country.deliver("a", {"attendance": BEFORE}) / "attendance.csv"
    hashed, change = landing.content_sha256, _once(_replace, path)
    with monkeypatch.context() as patched:
        patched.setattr(landing, "content_sha256", lambda p: (change() if p == path else None, hashed(p))[1])
        country.take_in("attendance")
    assert country.counts("viis.a", "attendance") == (3, 3, 0, 0)
    country.take_in("attendance")
    assert country.query("select count(*) from raw.intake where dataset = 'attendance'") == [(1,)]
