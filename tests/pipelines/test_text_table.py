import csv
import io
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.public_format.imported import ImportRefused
from pipelines.importing import text_table
from pipelines.importing.text_table import read_text_table


def written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_cells_are_trimmed_text_and_an_empty_one_is_null(tmp_path: Path, start: bytes, end: bytes):
    lines = [start + b"b, a ,c", b'1,"x, ""y""",3', b"", b" ,007,\xc4\x81 ", b"", b'"1', b'2",q,r']
    rows = read_text_table(written(tmp_path, end.join(lines)), ["a", "b"], ["d"])
    assert rows.rows() == [('x, "y"', "1", None), ("007", None, None), ("q", f"1{end.decode()}2", None)]


def test_a_file_of_a_header_alone_has_no_rows_but_its_columns(tmp_path: Path):
    rows = read_text_table(written(tmp_path, b"a;b\n"), ["a"], ["c"], delimiter=";")
    assert (rows.height, rows.columns) == (0, ["a", "c"])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"2 columns are missing, a, b; export"),
        (b"a,c\n1,2\n", r"1 columns are missing, b; export"),
        (b"a,b,a\n1,2,3\n", r"1 columns stand twice, a; keep"),
        (b"a,b\n1\n1,2\n1,2,3\n", r"2 records do not have the 2 fields of the header; export"),
        (b'a,b\n1,"2\n3,4\n', r"the record at line 3 breaks the rules of quotes"),
        (b'a,b\n1,"2"2\n', r"the record at line 2 breaks the rules of quotes"),
        (b"a,b\n1,2\0\n", r"it holds zero bytes; export"),
        (b"a,b\n1,\xe2\n", r"its text is not utf-8; export"),
        ("a,b\n1,2\n".encode("utf-16"), r"its text is not utf-8; export"),
        (b"a,b\n1," + b"x" * (1 << 18), r"a line is longer than 131072 signs; export"),
    ],
)
def test_what_is_not_even_text_is_refused_whole(tmp_path: Path, content: bytes, message: str):
    with pytest.raises(ImportRefused, match=rf"^t\.csv: {message}"):
        read_text_table(written(tmp_path, content), ["a", "b"])


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(ImportRefused, match=r"^t\.csv: not in the source folder; put"):
        read_text_table(tmp_path / "t.csv", ["a"])


def test_batches_lose_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(text_table, "_BATCH", 3)
    path = written(tmp_path, b"a\n" + b"".join(b"%d\n" % i for i in range(10)))
    assert read_text_table(path, ["a"])["a"].to_list() == [str(i) for i in range(10)]
    path.write_bytes(path.read_bytes() + b"1,2\n")
    with pytest.raises(ImportRefused, match="1 records do not"):
        read_text_table(path, ["a"])


PIECES = [b"a,b\n", b"1,2\n", b'"', b",", b"\r", b"\n", b"x", b"\0", b"\xc4\x81", b"\xc4", b" "]


@given(st.lists(st.sampled_from(PIECES)))
@settings(
    derandomize=True, deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_the_bytes_a_table_is_read_whole_or_refused(tmp_path: Path, pieces: list[bytes]):
    path = written(tmp_path, b"a,b\n" + b"".join(pieces))
    with suppress(ImportRefused):
        rows = read_text_table(path, ["a", "b"])
        read = list(csv.reader(io.StringIO(path.read_bytes().decode(), newline=""), strict=True))
        assert rows.height == sum(bool(cells) for cells in read) - 1
