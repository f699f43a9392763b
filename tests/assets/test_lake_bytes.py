"""The lake reads only what it wrote, and only what it must."""

import os
import subprocess
from pathlib import Path

import pytest

from assets import superseding
from assets.lake import Lake, Part
from assets.manifest import LakeDamaged
from data_contracts.contract import load
from tests.assets.kit import OTHER_SCHOOL, SCHOOL, Country, absence, enrolment, pupil

JUNE = {"mode": "full", "schools": [SCHOOL], "from": "2024-06-01", "to": "2024-06-30"}


def flip_one_bit(path: Path) -> None:
    """Flip one bit in the middle of a file and leave its size and times as they were, as a worn disk does."""
    about, content = path.stat(), bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))


def part_of(country: Country, delivery: str) -> Path:
    return next((country.home.lake / "attendance").glob(f"viis.{delivery}.*.parquet"))


@pytest.fixture
def taken(country: Country, monkeypatch: pytest.MonkeyPatch) -> Country:
    """Give a country with a delivery of absences, in a process that has read nothing yet."""
    country.deliver("a", {"attendance": [absence(), absence(2)]})
    country.take_in("attendance")
    monkeypatch.setattr("assets.manifest._verified", set())
    return country


def test_a_flipped_bit_is_noticed_before_the_rows_are_read(taken: Country):
    flip_one_bit(part_of(taken, "a"))
    with pytest.raises(LakeDamaged, match=r"lake/attendance/viis\.a\.\d+\.parquet does not hold .*; restore it"):
        taken.take_in("mark")


def test_a_correction_does_not_build_on_a_damaged_part(taken: Country):
    flip_one_bit(part_of(taken, "a"))
    taken.deliver("b", {"attendance": [absence(code="ns")]}, on="2024-09-12")
    with pytest.raises(LakeDamaged, match="does not hold"):
        taken.take_only("attendance")
    assert taken.query("select count(*) from raw.intake where delivery_id = 'viis.b'") == [(0,)], "nothing half done"


def test_a_part_that_is_gone_is_told_with_what_to_do(taken: Country):
    part_of(taken, "a").unlink()
    with pytest.raises(LakeDamaged, match=r"is missing; restore it from a copy, or move warehouse\.duckdb and lake/"):
        taken.take_in("mark")


def test_rows_that_wait_are_read_only_as_they_were_written(country: Country, monkeypatch: pytest.MonkeyPatch):
    country.deliver("a", {"attendance": [absence(), absence(9)]})
    country.take_in("attendance")
    monkeypatch.setattr("assets.manifest._verified", set())
    flip_one_bit(next((country.home.quarantine / "viis.a").glob("attendance.*.parquet")))
    country.deliver("p", {"pupil": [pupil(9)]}, on="2024-09-12")
    country.take_only("pupil")
    with pytest.raises(LakeDamaged, match=r"quarantine/viis\.a/attendance\.\d\.parquet does not hold"):
        country.take_only("attendance")


def test_an_untouched_lake_passes_the_sums_that_any_machine_can_check(taken: Country):
    taken.take_in("mark")
    checked = subprocess.run(
        ["sha256sum", "--check", "--quiet", "SHA256SUMS"],
        cwd=taken.home.lake,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stdout) == (0, "")
    listed = (taken.home.lake / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    assert len(listed) == len(list(taken.home.lake.glob("*/*.parquet")))


def sharing(country: Country, delivery: str) -> set[str]:
    """Name the deliveries whose parts are read when a delivery's part is registered."""
    with country.warehouse.connect() as connection:
        lake = Lake(connection, country.home, load("raw.attendance"))
        (part,) = lake.parts("delivery_id = $id", id=f"viis.{delivery}")
        return {other.delivery_id.removeprefix("viis.") for other in superseding._neighbours(lake, part)}


def test_a_delivery_is_compared_with_its_own_schools_and_days_only(country: Country):
    country.deliver("enrolled", {"enrolment": [enrolment(1, OTHER_SCHOOL)]}, on="2024-09-02")
    country.deliver("here", {"attendance": [absence()]})
    country.deliver("there", {"attendance": [absence(school_reg_no=OTHER_SCHOOL)]})
    country.deliver("later", {"attendance": [absence(day="2024-09-09")]})
    country.deliver("june", {"attendance": [absence(day="2024-06-03")]}, notes={"attendance": JUNE})
    country.deliver("correction", {"attendance": [absence(2)]}, on="2024-09-12")
    country.take_in("enrolment", "attendance")
    assert sharing(country, "correction") == {"here"}
    assert sharing(country, "there") == set()
    assert sharing(country, "june") == set()


def test_keys_with_an_empty_part_meet_whatever_the_other_rows_say(country: Country):
    day = {"school_year": "2024/2025", "grade_from": 1, "grade_to": 12, "semester": 1, "kind": "school_day"}
    common = {"date": "2024-09-02", "school_reg_no": None}
    own = {"date": "2024-09-03", "school_reg_no": SCHOOL}
    country.deliver("a", {"calendar_day": [day | common, day | own]}, on="2024-08-01")
    country.deliver("b", {"calendar_day": [day | common | {"kind": "holiday"}]}, on="2024-08-02")
    country.take_in("calendar_day")
    assert country.rows("date::varchar, kind", "calendar_day") == [
        ("2024-09-02", "holiday"),
        ("2024-09-03", "school_day"),
    ]


def test_the_register_knows_where_parts_begin_and_end(taken: Country):
    with taken.warehouse.connect() as connection:
        (part,) = Lake(connection, taken.home, load("raw.attendance")).parts()
    assert isinstance(part, Part)
    assert (str(part.date_from), str(part.date_to), part.school_from, part.school_to) == ("2024-09-02",) * 2 + (
        SCHOOL,
    ) * 2
