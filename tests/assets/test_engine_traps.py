"""What the engines do in silence, and the right answer of our door. When an engine is mended, its half fails."""

from pathlib import Path

import duckdb
import polars as pl
import pytest

from assets.front_door import open_file
from assets.landing import content_sha256
from assets.opened import Asked, Opened
from data_contracts.contract import load
from models.delivery import DeliveryRefused
from tests.assets.kit import SCHOOL, Country, absence, as_csv, code_of, institution

COLUMNS = list(absence())
HEADER = ",".join(COLUMNS) + "\n"


def line(number: int, subject: str = "MAT") -> str:
    return f"{code_of(number)},{SCHOOL},2024-09-02,1,{subject},n,\n"


@pytest.fixture
def engine() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def detected(engine: duckdb.DuckDBPyConnection, path: Path) -> tuple[int, int]:
    """Return the columns and rows that DuckDB makes of a file by itself."""
    told = engine.sql(f"select * from read_csv('{path}')")
    return len(told.columns), len(told.fetchall())


def explicit(engine: duckdb.DuckDBPyConnection, path: Path, **options: str) -> list[tuple[object, ...]]:
    kinds = ", ".join(f"'{name}': 'varchar'" for name in COLUMNS)
    more = "".join(f", {name} = {value}" for name, value in options.items())
    return engine.execute(
        f"select * from read_csv('{path}', auto_detect = false, header = true, delim = ',', quote = '\"',"
        f" columns = {{{kinds}}}{more})"
    ).fetchall()


def door(engine: duckdb.DuckDBPyConnection, path: Path, dataset: str = "attendance") -> Opened:
    contract = load(f"raw.{dataset}")
    needed = frozenset(c.name for c in contract.columns if c.required)
    return open_file(engine, Asked(path, contract, needed), path.parent)


def counted(engine: duckdb.DuckDBPyConnection, path: Path) -> tuple[int, int]:
    """Return the rows that our door reads, and those that it sets aside."""
    opened = door(engine, path)
    return opened.rows, opened.carried_rows


def written(folder: Path, content: str | bytes, name: str = "attendance.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


DETECTED = {
    "ragged rows": (line(1) + "a,b\n" + line(2) + "a\n" * 9, (1, 12), (2, 10)),
    "missing columns": ("".join(",".join(line(n).split(",")[:4]) + "\n" for n in (1, 2, 3)), (1, 3), (0, 3)),
    "too many columns": ("".join(line(n).strip() + ",x,y\n" for n in (1, 2, 3)), (9, 3), (0, 3)),
    "an open quote": (line(1) + '"' + line(2) + line(3), (7, 3), (2, 1)),
    "a file cut in half": ((line(1) + line(2))[:-12], (1, 2), (1, 1)),
}


@pytest.mark.parametrize("what", DETECTED)
def test_detection_takes_a_damaged_file_for_a_good_one(tmp_path: Path, engine: duckdb.DuckDBPyConnection, what: str):
    content, by_itself, rows = DETECTED[what]
    path = written(tmp_path, HEADER + content)
    assert detected(engine, path) == by_itself, "columns and rows, and no error"
    assert counted(engine, path) == rows


def test_zero_bytes_make_one_column_or_part_of_a_value(tmp_path: Path, engine: duckdb.DuckDBPyConnection):
    path = written(tmp_path, HEADER + line(1) + "\0\0\n" + line(2))
    assert detected(engine, path) == (1, 3)
    path = written(tmp_path, HEADER + line(1) + line(2, "M\0T"))
    assert explicit(engine, path)[1][4] == "M\0T"
    assert pl.read_csv(path, infer_schema=False)["subject_code"].to_list() == ["MAT", "M\0T"]
    with pytest.raises(DeliveryRefused, match="zero bytes"):
        door(engine, path)


def test_options_that_help_lose_rows_or_invent_nothing_for_them(tmp_path: Path, engine: duckdb.DuckDBPyConnection):
    path = written(tmp_path, HEADER + line(1) + "a,b\n" + line(2))
    assert len(explicit(engine, path, ignore_errors="true")) == 2, "a row is gone"
    assert explicit(engine, path, null_padding="true")[1] == ("a", "b", *[None] * 5), "a row is made up"
    assert counted(engine, path) == (2, 1)


def test_one_line_of_60_mb_is_read_as_no_row(tmp_path: Path, engine: duckdb.DuckDBPyConnection):
    path = written(tmp_path, HEADER + "x" * 60_000_000)
    assert explicit(engine, path) == []
    assert counted(engine, path) == (0, 1)


def test_fields_beyond_the_header_are_dropped(tmp_path: Path, engine: duckdb.DuckDBPyConnection):
    path = written(tmp_path, HEADER + line(1).strip() + ",,\n" + line(2))
    assert len(explicit(engine, path)) == 2
    assert "1 row(s) ended in empty fields" in door(engine, path).note


def test_half_a_file_is_filled_with_nulls(tmp_path: Path, engine: duckdb.DuckDBPyConnection):
    path = written(tmp_path, (HEADER + line(1) + line(2))[:-12])
    assert pl.read_csv(path, infer_schema=False).row(1)[3:] == (None,) * 4
    assert counted(engine, path) == (1, 1)


def test_latin_1_makes_other_letters_of_windows_1257(tmp_path: Path, engine: duckdb.DuckDBPyConnection):
    path = written(tmp_path, as_csv([institution() | {"name": "Šķūņa"}]).encode("cp1257"), "institution.csv")
    read = engine.execute(f"select name from read_csv('{path}', encoding = 'latin-1')").fetchall()
    assert read == [("Ðíûòa",)]
    assert door(engine, path, "institution").detected == "csv cp1257 comma"
    assert engine.execute("select name from delivered_rows").fetchall() == [("Šķūņa",)]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_utf_16_is_read_as_text_full_of_zeros(tmp_path: Path, engine: duckdb.DuckDBPyConnection, encoding: str):
    path = written(tmp_path, as_csv([institution() | {"name": "Šķūņa"}]).encode(encoding), "institution.csv")
    assert "\0" in "".join(pl.read_csv(path, infer_schema=False).columns)
    door(engine, path, "institution")
    assert engine.execute("select name from delivered_rows").fetchall() == [("Šķūņa",)]


def test_a_missing_column_is_filled_with_nulls(tmp_path: Path, engine: duckdb.DuckDBPyConnection):
    path = written(tmp_path, HEADER + "".join(",".join(line(n).split(",")[:4]) + "\n" for n in (1, 2)))
    assert pl.read_csv(path, infer_schema=False)["code"].null_count() == 2
    assert counted(engine, path) == (0, 2)


def flipped(folder: Path) -> Path:
    """Write a Parquet file, and change one bit of a value in it."""
    path = folder / "attendance.parquet"
    pl.DataFrame([absence(1)]).write_parquet(path, compression="uncompressed", statistics=False)
    content = bytearray(path.read_bytes())
    content[content.index(b"MAT") + 2] ^= 1
    path.write_bytes(content)
    return path


def test_a_flipped_bit_in_parquet_is_read_by_both_and_only_the_hash_tells(
    tmp_path: Path, engine: duckdb.DuckDBPyConnection
):
    pl.DataFrame([absence(1)]).write_parquet(tmp_path / "whole.parquet", compression="uncompressed", statistics=False)
    path = flipped(tmp_path)
    assert pl.read_parquet(path)["subject_code"].to_list() == ["MAU"]
    assert engine.execute(f"select subject_code from '{path}'").fetchall() == [("MAU",)]
    assert door(engine, path).rows == 1, "of a delivered file nobody but the sender can know"
    assert content_sha256(path) != content_sha256(tmp_path / "whole.parquet")


def test_the_ledger_knows_a_delivered_parquet_by_its_hash(country: Country, tmp_path: Path):
    pl.DataFrame([absence(1)]).write_parquet(tmp_path / "whole.parquet", compression="uncompressed", statistics=False)
    folder = country.deliver("a", {"attendance.parquet": (tmp_path / "whole.parquet").read_bytes()})
    country.take_in("attendance")
    (folder / "attendance.parquet").write_bytes(flipped(tmp_path).read_bytes())
    country.take_in("attendance")
    assert country.rows("subject_code", "attendance") == [("MAT",)], "what was taken in stands"
    told = country.query("select note from raw.intake where delivery_id like 'viis.a.changed-%'")
    assert "changed after it was taken in" in told[0][0]
