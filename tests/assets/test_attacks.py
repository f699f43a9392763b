"""Defects that an attack on the intake once found: each stays mended."""

from pathlib import Path

import polars as pl
import pytest

from assets.home import Home
from tests.assets.kit import SCHOOL, Country, absence, as_csv, code_of, deliver_registers, mark, pupil

FULL = {"attendance": {"mode": "full", "schools": [SCHOOL]}}


def test_blank_lines_in_quotes_below_a_title_lose_no_row(country: Country):
    header = ",".join(absence())
    rows = [f'{code_of(n)},{SCHOOL},2024-09-02,1,"M\r\n\r\nT",n,' for n in (1, 2, 3)]
    text = "Kavējumi\n" + "\r\n".join([header, *rows]) + "\r\n"
    country.deliver("old", {"attendance": [absence(1, lesson=5)]}, on="2024-09-09")
    country.deliver("a", {"attendance": text}, notes=FULL)
    country.take_in("attendance")
    assert country.counts("viis.a", "attendance") == (3, 3, 0, 0)
    assert len(country.rows("pupil_key", "attendance")) == 3


@pytest.mark.parametrize("kind", [pl.Float64, pl.Int64, pl.String])
def test_personal_codes_held_as_numbers_are_the_same_pupils(country: Country, kind: type[pl.DataType]):
    code = pl.Series([int(code_of(1).replace("-", ""))]).cast(pl.Int64).cast(kind)
    country.deliver("a", {"attendance": [absence(1)]})
    keys = {
        name: [value] for name, value in absence(1).items() if name in ("school_reg_no", "lesson_date", "lesson_no")
    }
    gone = pl.DataFrame({"person_code": code} | keys)
    country.deliver("b", {"attendance.parquet": gone}, on="2024-09-12", notes={"attendance": {"deleted": True}})
    country.take_in("attendance")
    assert country.rows("pupil_key", "attendance") == []
    assert country.ledger("viis.b", "attendance")["rows_withdrawn"] == 1


def test_a_register_with_codes_as_floats_stops_no_run(country: Country):
    row = pupil(30) | {"person_code": float(code_of(30).replace("-", ""))}
    country.deliver("a", {"pupil.parquet": [row]})
    country.take_in("pupil")
    assert country.counts("viis.a", "pupil") == (1, 1, 0, 0)


@pytest.mark.parametrize("tagged", ['!!timestamp "nonsense"', "!!bool maybe", '!!int ""', '!!float ""'])
def test_a_note_with_tags_that_lie_is_refused_without_a_value(country: Country, tagged: str):
    note = f"source: viis\ndelivered_on: {tagged}\ndatasets: {{}}\n"
    country.deliver("a", {"mark": [mark()]}, note=note)
    country.deliver("b", {"mark": [mark()]})
    country.take_in("mark")
    assert country.counts("viis.b", "mark") == (1, 1, 0, 0)
    (report,) = (path for path in country.home.quarantine.glob("_refused*/report.csv"))
    assert "maybe" not in report.read_text(encoding="utf-8-sig")


@pytest.mark.parametrize("name", ["file_row_number", "FILE_ROW_NUMBER"])
def test_no_column_takes_the_engines_name(country: Country, name: str):
    country.deliver("a", {"mark.parquet": pl.DataFrame([mark()]).with_columns(pl.lit(1).alias(name))})
    country.take_in("mark")
    assert country.ledger("viis.a", "mark")["status"] == "refused"


def test_bytes_are_not_taken_for_text(country: Country):
    rows = pl.DataFrame([mark()]).with_columns(subject_code=pl.lit(b"\xff\x00"))
    country.deliver("a", {"mark.parquet": rows})
    country.take_in("mark")
    told = country.ledger("viis.a", "mark")
    assert (told["status"], told["rows_quarantined"]) == ("refused", 1)
    assert "a column holds bytes, not text" in told["note"]


@pytest.mark.parametrize("folder", ["lesson_no=7", "a*", "pupil_key=x", "[b]"])
def test_what_stands_in_a_path_is_only_a_name(folder: str, tmp_path: Path):
    country = Country(Home(tmp_path / folder / "part_no=9" / "home", tmp_path / "secrets"))
    country.home.prepare()
    deliver_registers(country)
    beside = tmp_path / "ab" / "part_no=9"
    beside.mkdir(parents=True)
    country.deliver("a", {"attendance.parquet": pl.DataFrame([absence()], schema_overrides={"excused_on": pl.String})})
    country.take_in("attendance_code", "exit_status_code", "municipality", "institution", "pupil", "attendance")
    assert country.counts("viis.a", "attendance") == (1, 1, 0, 0)
    assert country.rows("lesson_no", "attendance") == [(1,)]


def test_every_file_that_is_not_read_is_entered(country: Country):
    files = {"attendance": as_csv([absence()]), "kavējumi ā.csv": "x\n", "kavējumi ī.csv": "y\n"}
    made = country.deliver("a", files)
    (made / "attendance").write_text("z\n", encoding="utf-8")
    country.take_in("attendance")
    told = country.query("select dataset, status from raw.delivery where delivery_id = 'viis.a' order by dataset")
    assert sorted(status for _, status in told) == ["accepted", "refused", "refused", "refused"]


def test_a_cleared_refusal_stays_cleared_when_its_file_changes(country: Country):
    made = country.deliver("a", {"mark.csv": "nothing\n"})
    country.deliver("b", {"mark": [mark()]}, on="2024-09-12", notes={"mark": {"corrects": ["a"]}})
    country.take_in("mark")
    assert country.ledger("viis.a", "mark")["rows_quarantined"] == 0
    (made / "mark.csv").write_text("nothing\nat all\n", encoding="utf-8")
    country.take_in("mark")
    assert country.ledger("viis.a", "mark")["rows_quarantined"] == 0
