"""No file makes the door hang or fill memory: huge lines, huge packed files, cells at the far end of a sheet."""

import gzip
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Opens a file at the door in a process of its own, and tells rows, rows set aside or the refusal, and the peak in MB.
OPEN = """
import resource, sys
from pathlib import Path
import duckdb
from assets.front_door import open_file
from assets.opened import Asked
from data_contracts.contract import load
from models.delivery import DeliveryRefused
path = Path(sys.argv[1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with duckdb.connect(config={"threads": 1, "memory_limit": "200MB"}) as connection:
    asked = Asked(path, load("raw.attendance_code"), frozenset(("source", "school_reg_no", "code")))
    try:
        opened = open_file(connection, asked, path.parent)
        print(opened.rows, opened.carried_rows)
    except DeliveryRefused as refusal:
        print(refusal)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
HEADER = b"source,school_reg_no,code\n"
ROW = b"viis,4112900001,ns\n"


def opened(path: Path) -> tuple[str, int]:
    """Return what the door told of the file, and by how many MB it made the process grow."""
    told = subprocess.run(
        [sys.executable, "-c", OPEN, str(path)], cwd=ROOT, capture_output=True, text=True, check=True, timeout=900
    )
    said, peak = told.stdout.splitlines()
    return said, int(peak)


def long_line(path: Path, megabytes: int) -> Path:
    with path.open("wb") as out:
        out.write(HEADER + ROW)
        for _ in range(megabytes):
            out.write(b"x" * (1 << 20))
        out.write(b"\n" + ROW)
    return path


def test_a_long_line_is_set_aside_in_little_memory(tmp_path: Path):
    said, peak = opened(long_line(tmp_path / "attendance_code.csv", 24))
    assert said == "2 1"
    assert peak < 150


def test_a_packed_line_without_end_is_refused_in_little_memory(tmp_path: Path):
    path = tmp_path / "attendance_code.csv.gz"
    with gzip.open(path, "wb", compresslevel=9) as out:
        out.write(HEADER)
        for _ in range(80):
            out.write(b"x" * (1 << 20))
    said, peak = opened(path)
    assert "unpacks to more than 200 times its size" in said
    assert peak < 150


@pytest.mark.slow
def test_a_line_of_a_gigabyte_is_set_aside_in_little_memory(tmp_path: Path):
    said, peak = opened(long_line(tmp_path / "attendance_code.csv", 1024))
    assert said == "2 1"
    assert peak < 150


@pytest.mark.slow
def test_a_quote_left_open_before_a_gigabyte_is_set_aside_in_little_memory(tmp_path: Path):
    path = tmp_path / "attendance_code.csv"
    with path.open("wb") as out:
        out.write(HEADER + b'"' + ROW)
        for _ in range(1024):
            out.write(b"x" * ((1 << 20) - 1) + b"\n")
        out.write(ROW)
    said, peak = opened(path)
    assert said == "1 1025"
    assert peak < 400
