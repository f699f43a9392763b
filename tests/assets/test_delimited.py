"""Delimited text: whatever is written comes back, and whatever is damaged is counted."""

import csv
import io
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from assets.delimited import open_delimited
from assets.encoding import as_utf8
from assets.opened import Asked, Opened
from data_contracts.contract import load
from models.delivery import DeliveryRefused

DATABASE = duckdb.connect()
HEADER = ("source", "school_reg_no", "code")
FEW = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def opened(folder: Path, content: bytes) -> Opened:
    path = folder / "attendance_code.csv"
    path.write_bytes(content)
    asked = Asked(path, load("raw.attendance_code"), frozenset(HEADER))
    found = open_delimited(DATABASE, asked, folder)
    assert {file.name for file in folder.iterdir()} == {path.name}, "no copy stays behind"
    return found


def encoding_of(path: Path) -> str:
    with as_utf8(path, path.parent) as text:
        return text.encoding


def rows() -> list[tuple[str, ...]]:
    return DATABASE.execute(f"select row_no, {', '.join(HEADER)} from delivered_rows order by row_no").fetchall()


letters = st.text(alphabet="ab ā\"\n,;\t'", max_size=5)
tables = st.lists(st.tuples(letters, letters, letters), max_size=6)


@given(table=tables, delimiter=st.sampled_from(",;\t"), end=st.sampled_from(["\n", "\r\n"]), quoted=st.booleans())
@example(table=[("", "", ""), ("", "", " \n")], delimiter="\t", end="\n", quoted=False)
@FEW
def test_what_a_writer_wrote_comes_back(
    tmp_path: Path, table: list[tuple[str, str, str]], delimiter: str, end: str, quoted: bool
):
    out = io.StringIO()
    style = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=style).writerows([HEADER, *table])
    found = opened(tmp_path, out.getvalue().encode())
    told = [(number, *(cell.strip() or None for cell in row)) for number, row in enumerate(table, 1)]
    assert (found.rows, found.carried_rows) == (len(table), 0)
    assert [(number, *((cell or "").strip() or None for cell in row)) for number, *row in rows()] == told


lines = st.lists(st.text(alphabet='ab,"', max_size=9).filter(lambda line: line.strip()), max_size=9)


@given(lines)
@example(['a,"b,c', 'a,b,c"', "a,b,c"])
@example(['"', '"', "a,b,c"])
@example(['a,b,"c', 'a,b,"c"'])
@FEW
def test_every_line_is_a_row_or_set_aside_or_part_of_a_quoted_one(tmp_path: Path, lines: list[str]):
    found = opened(tmp_path, "\n".join([",".join(HEADER), *lines]).encode())
    breaks = sum(str(cell).count("\n") for row in rows() for cell in row)
    # An empty quoted cell beyond the header may hold a line break, too; that it was left out is in the note.
    left_out = len(lines) - found.delivered - breaks
    assert left_out == 0 or (left_out > 0 and "ended in empty fields" in found.note)
    aside = DATABASE.execute("select row_no from carried_rows").fetchall() if found.carried else []
    numbers = sorted([row[0] for row in rows()] + [row[0] for row in aside])
    assert numbers == list(range(1, found.delivered + 1)), "every record has a number of its own"


@given(st.binary(max_size=60))
@FEW
def test_no_bytes_stop_the_door(tmp_path: Path, content: bytes):
    refusal = "attendance_code.csv: "
    try:
        found = opened(tmp_path, ",".join(HEADER).encode() + b"\n" + content)
    except DeliveryRefused as refused:
        refusal = str(refused)
    else:
        assert found.rows == len(rows())
    assert refusal.startswith("attendance_code.csv: ")


@pytest.mark.parametrize("form", ["utf-8", "utf-16-le", "utf-16-be", "cp1257"])
@given(text=st.text(alphabet="aābcčdeēfgģ0123456789,;", min_size=1, max_size=30))
@FEW
def test_text_after_a_header_is_read_in_its_own_encoding(tmp_path: Path, form: str, text: str):
    path = tmp_path / "x.csv"
    path.write_bytes((",".join(HEADER) + "\n" + text).encode(form))
    with as_utf8(path, tmp_path) as plain:
        assert plain.path.read_text(encoding="utf-8") == ",".join(HEADER) + "\n" + text
    assert plain.encoding == form or text.isascii()


def test_a_mark_names_the_encoding(tmp_path: Path):
    found = {}
    for form in ("utf-8-sig", "utf-16"):
        (tmp_path / form).write_bytes("ā".encode(form))
        found[form] = encoding_of(tmp_path / form)
    assert found == {form: form for form in found}


def test_a_large_file_is_read_in_pieces(tmp_path: Path):
    row = "viis,4112900001,ns\n"
    many = 5 * (1 << 20) // len(row)
    found = opened(tmp_path, (",".join(HEADER) + "\n" + row * many + "cut,short\n" + row).encode())
    assert (found.rows, found.carried_rows) == (many + 1, 1)
    assert DATABASE.execute("select max(row_no), count(distinct row_no) from delivered_rows").fetchall() == [
        (many + 2, many + 1)
    ]


def test_quotes_across_pieces_are_followed(tmp_path: Path):
    row = 'viis,4112900001,"n\ns"\n'
    many = 5 * (1 << 20) // len(row)
    found = opened(tmp_path, (",".join(HEADER) + "\n" + row * many).encode())
    assert (found.rows, found.carried_rows) == (many, 0)


@pytest.mark.parametrize(
    ("content", "encoding"), [(b"", "utf-8"), (b"a", "utf-8"), (b"a;b\n", "utf-8"), (b"\xe2", "cp1257")]
)
def test_a_few_bytes_are_plain_text(tmp_path: Path, content: bytes, encoding: str):
    (tmp_path / "x").write_bytes(content)
    assert encoding_of(tmp_path / "x") == encoding


cells = st.lists(st.sampled_from(["a", "", '"', '"b"', "ā", ",", ";", " ", '""', '"\n"', "\r", "\n"]), max_size=14)


def read_each_way(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """Read a text as it would be read, with only its even lines by the engine, and record by record."""
    found = []
    for switched_off in ((), ("at_once",), ("at_once", "sifted")):
        with monkeypatch.context() as patch:
            for name in switched_off:
                said = None if name == "sifted" else False
                patch.setattr(f"assets.delimited._Reading.{name}", lambda *asked, said=said: said)
            told = opened(folder, (",".join(HEADER) + "\n" + text).encode())
        aside = DATABASE.execute("select row_no from carried_rows order by row_no").fetchall() if told.carried else []
        # What is empty may be null or no text at all; the door takes both for nothing.
        found.append(([tuple(cell or None for cell in row) for row in rows()], aside, told.note))
    return found


lines = st.lists(
    st.sampled_from(
        ["a,b,c", "ā,b,c", "a,b", "a,b,c,", "a,b,c,d", "a,,", ",,", "", " ", "a,b,c\r", "a,b\r", "x,y,z,,"]
    ),
    max_size=30,
).map("\n".join)


@given(st.one_of(cells.map("".join), lines))
@example("a,a,a,\na,a,a")
@example('a,b",c\nd,e",f')
@example("a,b,c\na,b\n\na,b,c,d\na,b,c,\na,b,c")
@FEW
def test_the_engine_and_we_read_the_same_records(tmp_path: Path, text: str):
    with pytest.MonkeyPatch.context() as monkeypatch:
        as_read, even_by_engine, by_us = read_each_way(tmp_path, text, monkeypatch)
    assert as_read == by_us
    assert even_by_engine == by_us


def test_one_uneven_line_leaves_the_others_to_the_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("assets.delimited._Reading.one_by_one", lambda reading: pytest.fail("read one by one"))
    row = "viis,4112900001,ns\n"
    text = row * 100_000 + "\ncut,short\n" + row * 2 + "viis,4112900001,n,\n" + row
    found = opened(tmp_path, (",".join(HEADER) + "\n" + text).encode())
    assert (found.rows, found.carried_rows) == (100_004, 1)
    assert DATABASE.execute("select row_no from carried_rows").fetchall() == [(100_001,)]
    told = DATABASE.execute("select row_no, code from delivered_rows order by row_no desc limit 3").fetchall()
    assert told == [(100_005, "ns"), (100_004, "n"), (100_003, "ns")]
    assert not list(tmp_path.glob("*.even"))
