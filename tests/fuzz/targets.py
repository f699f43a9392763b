"""What the fuzzer calls with bytes of its own making: whatever they are, rows are counted or the file is refused."""

import io
import tempfile
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import duckdb
import xlsxwriter

from assets.delimited import open_delimited
from assets.landing import read_arrived
from assets.opened import Asked, Opened
from assets.spreadsheet import open_workbook
from data_contracts.contract import load
from models.delivery import DeliveryRefused

HEADER = ("source", "school_reg_no", "code")
CONTRACT = load("raw.attendance_code")
_STARTS = (
    b"source,school_reg_no,code\n",
    b"source;school_reg_no;code;\r\n",
    b"\xff\xfe",
    b'"source"\tschool_reg_no\tcode\n',
    b"",
)


@cache
def folder() -> Path:
    """Make a folder for the files of this process."""
    return Path(tempfile.mkdtemp(prefix="pumpurs-fuzz-"))


@cache
def engine() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1})


def asked(name: str, content: bytes) -> Asked:
    path = folder() / name
    path.write_bytes(content)
    return Asked(path, CONTRACT, frozenset(HEADER))


def refused(name: str, refusal: DeliveryRefused) -> None:
    """Prove that a refusal names its file."""
    assert str(refusal).startswith(f"{name}: ")


def check(opened: Opened) -> None:
    """Prove that every record has a number of its own, whether it is a row or was set aside."""
    numbers = engine().execute("select row_no from delivered_rows").fetchall()
    aside = engine().execute("select row_no from carried_rows").fetchall() if opened.carried else []
    assert (len(numbers), len(aside)) == (opened.rows, opened.carried_rows)
    assert len({*numbers, *aside}) == opened.delivered


def delimited(data: bytes) -> None:
    """Open text; the first byte chooses how it begins, and whether it is packed."""
    start = _STARTS[data[0] % len(_STARTS)] if data else b""
    try:
        check(open_delimited(engine(), asked("attendance_code.csv", start + data[1:]), folder()))
    except DeliveryRefused as refusal:
        refused("attendance_code.csv", refusal)


def note(data: bytes) -> None:
    """Read a delivery.yaml."""
    place = folder() / "delivery"
    place.mkdir(exist_ok=True)
    (place / "attendance.csv").touch()
    (place / "delivery.yaml").unlink(missing_ok=True)
    (place / "delivery.yaml").write_bytes(data)
    arrived = read_arrived(place)
    assert (arrived.delivery is None) == (arrived.refusal is not None)


@cache
def parts() -> dict[str, bytes]:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        page = book.add_worksheet("dati")
        for column, name in enumerate(HEADER):
            page.write(0, column, name)
            page.write(1, column, f"=1+{column}")
    with zipfile.ZipFile(out) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def workbook(data: bytes) -> None:
    """Open a workbook: the bytes are the whole file, or stand somewhere in one of its parts."""
    content = data[3:]
    if data and data[0] % 8:
        changed, out = dict(parts()), io.BytesIO()
        name = sorted(changed)[data[0] % len(changed)] if data[0] > 128 else "xl/worksheets/sheet1.xml"
        place = int.from_bytes(data[1:3], "big") % (len(changed[name]) + 1)
        changed[name] = changed[name][:place] + content + changed[name][place + len(content) :]
        with zipfile.ZipFile(out, "w") as archive:
            for part, text in changed.items():
                archive.writestr(part, text)
        content = out.getvalue()
    try:
        check(open_workbook(engine(), asked("attendance_code.xlsx", content)))
    except DeliveryRefused as refusal:
        refused("attendance_code.xlsx", refusal)


TARGETS: dict[str, Callable[[bytes], None]] = {"delimited": delimited, "note": note, "workbook": workbook}
SEEDS: dict[str, list[bytes]] = {
    "delimited": [
        b"\x00viis,4112900001,ns\nviis,4112900001,n\n", b"\x01viis;4112900001;\"n\ns\";\r\n;;;\r\n",
        b"\x02" + "source,school_reg_no,code\nviis,1,ā\n".encode("utf-16-le"), b"\x03\"a\"\t\"b\"\t\"c\"\"d\"\n",
        "\x04source,school_reg_no,code\nš,б\u00a0,a\u0304\n".encode(), "\x00viis,1,ž\n".encode("cp1257"),
    ],
    "note": [
        b"source: viis\ndelivered_on: 2024-09-10T08:00:00+03:00\n",
        b"source: viis\ndelivered_on: 2024-09-10\n"
        b"datasets: {attendance: {mode: full, from: 2024-09-01, schools: ['4112900001']}}",
        b"source: viis\ndelivered_on: 2024-09-10\ndatasets: {attendance: {deleted: true, shape: roll, to: 2024-09-01}}",
    ],
    "workbook": [b"\x01\x02\x80<c r=\"C2\"><f>1</f></c>", b"\x01\x01\x00<row r=\"9\">", b"\x81\x00\x10<sheet ",
         b"\x00\x00\x00PK"],
}  # fmt: skip
