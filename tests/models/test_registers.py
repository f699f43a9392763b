from datetime import date

import polars as pl
import pytest

from data_contracts.contract import load
from models.public_format import registers
from models.public_format.edfi import EDFI
from models.public_format.imported import ImportRefused
from models.public_format.oea import OEA


def test_a_whole_number_stands_in_its_code_and_any_other_id_as_digits_of_its_hash():
    codes = EDFI.pupil_codes(["604822", "0", "999999999", "1000000000", "007", "st1", "7", "7"])
    assert (codes["604822"], codes["0"], codes["999999999"], codes["7"]) == (
        "33000604822", "33000000000", "33999999999", "33000000007",
    )  # fmt: skip
    assert {codes[named][:2] for named in ("1000000000", "007", "st1")} == {"34"}
    assert len(codes) == len(set(codes.values())) == 7
    assert {len(code) for code in codes.values()} == {11}
    assert EDFI.school_codes(["255901001"]) == {"255901001": "5255901001"}
    assert {len(code) for code in EDFI.school_codes(["255901001", "x"]).values()} == {10}


def test_a_code_never_changes():
    assert OEA.pupil_codes(["st1"]) == {"st1": "36699036294"}
    assert OEA.school_codes(["sch0"]) == {"sch0": "6294331044"}


def test_the_same_id_of_two_systems_is_not_the_same_pupil():
    assert not set(EDFI.pupil_codes(["7", "st1"]).values()) & set(OEA.pupil_codes(["7", "st1"]).values())


def test_two_ids_that_would_share_a_code_are_refused():
    with pytest.raises(ImportRefused, match=r"^Ed-Fi: \d school ids get the code of another one, .*; give these ids"):
        EDFI.school_codes(f"school {number}" for number in range(30_000))


@pytest.mark.parametrize(("day", "year"), [(date(2021, 8, 1), "2021/2022"), (date(2022, 7, 31), "2021/2022")])
def test_a_school_year_changes_on_the_first_of_august(day: date, year: str):
    assert pl.DataFrame({"day": [day]}).select(registers.school_year("day")).item() == year


def test_registers_have_the_columns_of_their_contracts():
    lessons = pl.DataFrame({"school_reg_no": ["5000000001"], "lesson_date": [date(2021, 9, 1)]})
    made = {
        "municipality": registers.municipality(EDFI),
        "institution": registers.institutions(EDFI, {"1": "5000000001"}),
        "attendance_code": registers.attendance_codes(EDFI, {"Tardy": "late"}),
        "calendar_day": registers.calendar_days(lessons, pl.lit(1)),
    }
    for name, rows in made.items():
        assert rows.columns == list(load(f"raw.{name}").column_names)
        assert rows.height == 1
