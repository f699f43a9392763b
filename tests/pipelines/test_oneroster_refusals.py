"""What of a OneRoster export makes no row, and what makes no delivery."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.public_format.imported import ImportRefused
from pipelines.importing.oneroster import Wanted, import_oneroster
from tests.oneroster_world import (
    EXPORTED,
    Files,
    adds_up,
    manifest,
    result,
    row,
    run,
    user,
    world,
    write,
    written,
)

MARKS = {
    "exempt": (result("r", "u1", "", scoreStatus="exempt"), "a"),
    "missing": (result("r", "u1", "", missing="true"), "nv"),
    "percent": (result("r", "u1", "0", "li2"), "0%"),
    "above": (result("r", "u1", "105", "li2"), "105/100"),
    "comma": (result("r", "u1", "12,5"), "12,5/20"),
}
NO_MARKS = {
    "text": (result("r", "u1", "", textScore="B+"), "text score: no number to compare"),
    "not submitted": (
        result("r", "u1", "", scoreStatus="not submitted"), "not submitted: whether the work was due is not told"
    ),
    "no score": (result("r", "u1", ""), "no score: the mark stays missing"),
    "negative": (result("r", "u1", "-1"), "text score: no number to compare"),
    "no day": (result("r", "u1", "5", scoreDate=""), "no scoreDate: the day of the mark is not told"),
    "odd day": (result("r", "u1", "5", scoreDate="soon"), "scoreDate is no date"),
    "no item": (result("r", "u1", "5", "li7"), "its line item is not in lineItems.csv, or left out there"),
    "teacher": (result("r", "t1", "5"), "its pupil is not among the pupils of users.csv"),
    "odd status": (result("r", "u1", "5", status="inactive"), "status is neither active nor tobedeleted"),
    "no id": (result("", "u1", "5"), "no sourcedId"),
}  # fmt: skip


@pytest.mark.parametrize("case", MARKS)
def test_a_score_is_read_against_its_scale(tmp_path: Path, case: str):
    line, text = MARKS[case]
    run(tmp_path, world() | {"results": [{"textScore": "", "missing": ""} | line]})
    assert written(tmp_path, "mark", "mark_text") == [(text,)]


@pytest.mark.parametrize("case", NO_MARKS)
def test_a_result_that_is_no_mark_is_left_out_with_its_reason(tmp_path: Path, case: str):
    line, reason = NO_MARKS[case]
    report = run(tmp_path, world() | {"results": [{"textScore": ""} | line, result("r1", "u1", "17")]})
    assert report.rows_left_out["results.csv"] == {reason: 1}
    assert adds_up(report)


def test_uneven_records_and_repeated_rows_are_counted(tmp_path: Path):
    files = world()
    files["users"].append(files["users"][0])
    old = files["users"][1]
    files["users"][1] = old | {"dateLastModified": "2025-10-01"}
    files["users"].append(old | {"familyName": "Before", "dateLastModified": "2025-09-01"})
    folder = write(tmp_path / "src", files)
    with (folder / "users.csv").open("a", encoding="utf-8") as out:
        out.write("u9,,,true\n")
    report = import_oneroster(folder, tmp_path / "in/x", EXPORTED)
    assert report.rows_left_out["users.csv"] == {
        "the record has more or fewer fields than the header": 1, "repeats another row": 1,
        "an older row of the same sourcedId": 1, "not a pupil: teacher": 1,
    }  # fmt: skip
    assert adds_up(report)
    assert {row[0] for row in written(tmp_path, "pupil", "family_name")} == {"Family u1", "Family u2", "Family u3"}


def _without(name: str) -> Callable[[Files], Any]:
    return lambda files: files.pop(name)


def _put(name: str, **more: Any) -> Callable[[Files], Any]:
    return lambda files: files[name][0].update(more)


def _drop(name: str, column: str) -> Callable[[Files], Any]:
    return lambda files: [line.pop(column) for line in files[name]]


REFUSED = {
    "no orgs": (_without("orgs"), {}, r"^manifest\.csv: 1 file\(s\), orgs, are needed in 1\.1; export"),
    "a promised file": (_without("results"), {"results": "bulk"}, r"^manifest\.csv: 1 .*results, are promised but not"),
    "an absent file": (len, {"results": "absent"}, r"^manifest\.csv: 1 .*results, are there, but the manifest says"),
    "an odd mode": (len, {"results": "all"}, r"^manifest\.csv: 1 .*results, must be bulk, delta or absent"),
    "version 1.0": (len, {"version": "1.0"}, r"^manifest\.csv: oneroster\.version must be 1\.1 or 1\.2"),
    "1.2 without roles": (len, {"version": "1.2"}, r"^manifest\.csv: 1 file\(s\), roles, are needed in 1\.2"),
    "a column": (_drop("users", "familyName"), {}, r"^users\.csv: 1 needed column\(s\) are missing: familyName; "),
    "no pupil": (
        lambda files: [line.update(role="teacher") for line in files["users"]], {}, r"^users\.csv: 0 of its 4 users can"
    ),
    "which month": (
        _put("enrollments", beginDate="09/01/2025"), {},
        r"^enrollments\.csv beginDate: 1 dates can be read day first or month first, .* say it with --date-order",
    ),
    "both orders": (
        lambda files: [files["enrollments"][n].update(beginDate=f"{13 - 12 * n}/{1 + 12 * n}/2025") for n in (0, 1)],
        {}, r"^enrollments\.csv beginDate: 1 dates can only be day first and 1 only month first",
    ),
    "disagreeing rows": (
        lambda files: files["users"].append(user("u1", givenName="Other")), {},
        r"^users\.csv: 1 rows repeat a sourcedId and say something else",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_oneroster_export_is_refused(tmp_path: Path, case: str):
    change, how, message = REFUSED[case]
    files = world()
    change(files)
    with pytest.raises(ImportRefused, match=message):
        run(tmp_path, files, **how)
    assert not (tmp_path / "in/x").exists()


def test_a_misspelling_outside_the_list_is_named(tmp_path: Path):
    files = world()
    for line in files["users"]:
        line["familyNane"] = line.pop("familyName")
    with pytest.raises(ImportRefused, match=r"are missing: familyName \(is familyNane meant for one\?\); export"):
        run(tmp_path, files)


def test_an_export_that_does_not_say_when_must_be_told(tmp_path: Path):
    files = world()
    del files["results"], files["lineItems"]
    with pytest.raises(
        ImportRefused, match=r"no row tells when it was changed; say the day of the export: --delivered"
    ):
        run(tmp_path, files, Wanted())


def test_a_folder_that_holds_a_delivery_is_never_written_to(tmp_path: Path):
    run(tmp_path, world())
    with pytest.raises(ImportRefused, match=r"^x: the folder already holds a delivery; name a new folder$"):
        run(tmp_path, world())


def test_files_of_the_standard_that_say_nothing_of_pupils_may_be_there(tmp_path: Path):
    files = world() | {"resources": [row("x", title="A book")], "classResources": [row("y", classSourcedId="c1")]}
    assert set(run(tmp_path, files).rows_read) == {f"{name}.csv" for name in world()}
    assert {line["value"] for line in manifest(files)} == {"1.0", "1.1", "bulk", "absent"}


def test_who_asks_may_say_which_part_of_a_date_is_the_month(tmp_path: Path):
    files = world()
    files["enrollments"][0]["beginDate"] = "01/09/2025"
    files["enrollments"][1]["beginDate"] = ""
    run(tmp_path, files, Wanted(delivered_on=EXPORTED.delivered_on, date_order="dmy"))
    assert written(tmp_path, "enrolment", "entry_date").count(("2025-09-01",)) == 2
    with pytest.raises(ImportRefused, match=r"^--date-order: it must be dmy or mdy; choose one of the two$"):
        run(tmp_path, files, Wanted(date_order="ymd"), dest="in/y")
