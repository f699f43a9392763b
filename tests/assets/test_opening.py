"""A run keeps the warehouse open between two tables, and steps back for whoever waits."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from assets import opening
from assets.home import Home
from assets.opening import kept_open
from assets.warehouse import Warehouse

READ = """
import sys
from pathlib import Path
from assets.home import Home
from assets.warehouse import Warehouse
home = Home(Path(sys.argv[1]), Path(sys.argv[2]))
print(Warehouse(home).query("select max(piece) as piece from worked")["piece"][0])
"""


@pytest.fixture
def openings(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Note each opening of the file: whether to read only."""
    noted: list[bool] = []
    whole = opening._opened

    def noting(path, read_only, *told):
        noted.append(read_only)
        return whole(path, read_only, *told)

    monkeypatch.setattr(opening, "_opened", noting)
    return noted


def work(home: Home, piece: int) -> None:
    with Warehouse(home).connect() as connection:
        connection.execute(f"create table if not exists worked (piece integer); insert into worked values ({piece})")
        connection.execute("create temp table passing as select 1 as one")


def test_a_run_opens_once_and_what_is_temporary_is_gone_with_its_piece(home: Home, openings: list[bool]):
    with kept_open():
        for piece in range(3):
            work(home, piece)
        assert Warehouse(home).query("from worked").height == 3
    assert openings == [False]
    assert not home.warehouse.with_suffix(".duckdb.wal").exists()
    work(home, 3)
    assert openings == [False, False]


def test_who_waits_is_let_in_between_two_pieces(home: Home, openings: list[bool]):
    pieces = 0
    with kept_open():
        work(home, pieces)
        command = [sys.executable, "-c", READ, str(home.root), str(home.secrets)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as reader:
            until = time.monotonic() + 60
            while reader.poll() is None and time.monotonic() < until:
                pieces += 1
                work(home, pieces)
                time.sleep(0.01)
            assert reader.stdout
            told = int(reader.stdout.read())
        assert reader.returncode == 0
        assert 0 <= told <= pieces
    assert len(openings) == 2


def test_after_an_error_the_file_is_opened_anew(home: Home, openings: list[bool]):
    with kept_open():
        work(home, 0)
        with pytest.raises(ZeroDivisionError), Warehouse(home).connect():
            raise ZeroDivisionError
        work(home, 1)
    assert openings == [False, False]


def test_who_died_while_waiting_stops_nobody(home: Home):
    held = opening._somebody_waits
    with kept_open():
        work(home, 0)
        assert not held(home.scratch)
        keep = f"import fcntl, os; f = os.open({str(home.scratch)!r}, 0); fcntl.flock(f, fcntl.LOCK_SH); print(1)"
        subprocess.run([sys.executable, "-c", keep], check=True, capture_output=True)
        assert not held(home.scratch)
        work(home, 1)


def test_a_run_steps_back_before_long_work(home: Home, openings: list[bool]):
    with kept_open():
        work(home, 0)
        opening.step_back()
        subprocess.run([sys.executable, "-c", READ, str(home.root), str(home.secrets)], check=True, capture_output=True)
        work(home, 1)
    assert openings == [False, False]


def test_another_warehouse_within_a_piece_disturbs_nothing(home: Home, tmp_path: Path, openings: list[bool]):
    other = Home(tmp_path / "other", home.secrets)
    other.prepare()
    with kept_open():
        with Warehouse(home).connect() as connection:
            connection.execute("begin; create table worked (piece integer); insert into worked values (7)")
            work(other, 0)
            opening.step_back()
            connection.execute("commit")
        assert Warehouse(home).query("from worked")["piece"].to_list() == [7]
    assert len(openings) == 2
