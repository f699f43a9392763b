"""A warehouse that is lost is made anew from the deliveries; one that is damaged is said to be, with the next step."""

from pathlib import Path

import duckdb
import pytest

from assets.home import Home
from assets.leftovers import remove_unregistered
from assets.warehouse import Warehouse
from pipelines.weekly import only_run
from tests.assets.kit import Country, absence, deliver_registers
from tests.faults.conftest import Crew, Wave
from tests.faults.world import copy, difference, state


def _rebuilt(wave: Wave, root: Path, crew: Crew, **task: str) -> dict[str, tuple]:
    home = copy(wave.after, root)
    home.warehouse.unlink()
    assert crew.run(home, **task).code in (0, 1)
    return difference(state(home, with_report=not task), wave.state)


def test_an_intake_without_its_warehouse_is_made_anew(first_intake: Wave, tmp_path: Path, crew: Crew):
    assert not _rebuilt(first_intake, tmp_path / "home", crew, kind="intake")


@pytest.mark.slow
def test_a_run_without_its_warehouse_is_made_anew(first_run: Wave, tmp_path: Path, crew: Crew):
    assert not _rebuilt(first_run, tmp_path / "home", crew)


@pytest.mark.slow
def test_two_runs_made_anew_in_one_come_to_the_same(second_run: Wave, tmp_path: Path, crew: Crew):
    """The lake's parts bear other numbers then, and no list or report followed the first run; all else is equal."""
    differing = _rebuilt(second_run, tmp_path / "home", crew)
    files = {name for name in differing if name.startswith(("lake/", "quarantine/"))}
    by_part = ("clearing", "intake", "lake_part", "part_week", "superseded")
    # What stands, and what is learnt from it, is told by the parts.
    contents = ("known_part", "week_content", "dataset_content", "built_slice", "gone", "learnt")
    registers = {f"table raw.{name}" for name in by_part + contents}
    lists = {"table listed.attention_list", "table listed.school_week_coverage"}
    reports = {name for name in differing if name.startswith("report ")}
    assert set(differing) - files - registers - reports <= lists
    assert all(value for name, value in second_run.state.items() if name.startswith("table raw.delivery"))
    assert "table raw.delivery" not in differing


@pytest.mark.parametrize("size", [0, 1, 4096, 8192, 12287])
def test_a_warehouse_that_was_killed_at_its_birth_is_made_anew(size: int, home: Home):
    """A kill while the engine writes its headers leaves a file that the engine itself would refuse for ever."""
    home.warehouse.write_bytes(b"\0" * size)
    with pytest.raises(duckdb.IOException), Warehouse(home).connect():
        pass
    with only_run(home), Warehouse(home).connect() as connection:
        assert connection.execute("select count(*) from duckdb_tables()").fetchall() == [(0,)]


def test_a_warehouse_without_a_table_is_not_taken_for_one_that_was_never_born(home: Home):
    with Warehouse(home).connect():
        pass
    before = home.warehouse.stat()
    with only_run(home):
        assert home.warehouse.stat().st_ino == before.st_ino


def test_a_damaged_warehouse_is_said_to_be_and_left_as_it_is(first_intake: Wave, tmp_path: Path, crew: Crew):
    home = copy(first_intake.after, tmp_path / "home")
    whole = home.warehouse.read_bytes()
    home.warehouse.write_bytes(whole[: len(whole) // 3])
    for task in ({"kind": "intake"}, {"words": ["status", "--home", str(home.root)]}):
        ended = crew.run(home, **task)
        assert ended.code == 2, ended.err[-2000:]
        (line,) = [line for line in ended.err.splitlines() if line.startswith("pumpurs: ")]
        assert f"{home.warehouse} is damaged; move it away" in line
    assert home.warehouse.read_bytes() == whole[: len(whole) // 3]


def test_parts_that_no_delivery_of_the_ledger_explains_are_kept(home: Home):
    country = Country(home)
    deliver_registers(country)
    country.deliver("a", {"attendance": [absence()]})
    country.take_in()
    folder = home.lake / "attendance"
    left, unknown = folder / "viis.a.999.parquet", folder / "viis.lost.1.parquet"
    for path in (left, unknown):
        path.write_bytes(b"PAR1")
    with Warehouse(home).connect() as connection:
        remove_unregistered(connection, home)
    assert sorted(path.name for path in folder.iterdir() if "999" in path.name or "lost" in path.name) == [unknown.name]
    assert len(country.rows("code", "attendance")) == 1


def test_what_a_killed_run_left_half_written_is_removed_and_what_others_use_is_not(home: Home):
    half = [
        home.scratch / "pupil.csv.utf8",
        home.scratch / "spill" / "duckdb_temp_block-1.block",
        home.runs / ".20260101T000000000.json.part",
        home.releases / ".2026-01-01-abc.part" / "release.json",
        home.vault / ".x.age.part",
        home.lake / "mark" / ".x.1.parquet.part",
    ]
    used = [
        home.scratch / "replay-1" / "warehouse.duckdb",
        home.scratch / ".replay.lock",
        home.landing / "in" / ".a.part",
    ]
    for path in [*half, *used]:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    with only_run(home):
        assert not [path for path in half if path.exists()]
        assert all(path.exists() for path in used)
