"""`pumpurs import oneroster`: both versions, spellings met in the wild, withdrawals."""

import json
from datetime import date
from pathlib import Path

import pytest
import yaml

from assets.home import Home
from models.delivery import parse_delivery
from models.public_format.imported import ImportRefused
from models.public_format.made_code import person_code, school_code, territory_code
from models.public_format.registers import KEYS
from pipelines.importing.oneroster import Wanted, import_oneroster
from tests.assets.kit import Country
from tests.oneroster_world import (
    EXPORTED,
    adds_up,
    as_1p2,
    bytes_of,
    enrolled,
    result,
    row,
    run,
    user,
    world,
    write,
    written,
    zipped,
)
from tests.promises import broken_promises

FIRST, SECOND = school_code("oneroster", "s1"), school_code("oneroster", "s2")
PUPIL = {name: person_code("oneroster", name) for name in ("u1", "u2", "u3")}


def test_an_export_becomes_registers_belonging_and_marks(tmp_path: Path):
    report = run(tmp_path, world())
    atvk = territory_code("oneroster", "d1")
    assert written(tmp_path, "municipality", "atvk_code", "name_lv", "kind") == [(atvk, "Pumpuru novads", "county")]
    assert sorted(written(tmp_path, "institution", "school_reg_no", "name", "atvk_code")) == sorted(
        [(FIRST, "First school", atvk), (SECOND, "Second school", atvk)]
    )
    assert set(written(tmp_path, "pupil", "person_code", "given_name", "birth_date", "sex")) == {
        (PUPIL["u1"], "Given u1", "2011-02-03", "F"), (PUPIL["u2"], "Given u2", None, None),
        (PUPIL["u3"], "Given u3", None, None),
    }  # fmt: skip
    belonging = ("person_code", "school_reg_no", "entry_date", "grade", "class_label", "exit_date", "exit_status")
    assert set(written(tmp_path, "enrolment", *belonging)) == {
        (PUPIL["u1"], FIRST, "2025-09-01", "8", "8.a", None, None),
        (PUPIL["u2"], FIRST, "2025-09-01", "8", None, "2025-11-03", None),
        (PUPIL["u3"], SECOND, "2025-10-06", None, None, None, None),
    }
    assert written(tmp_path, "mark", *KEYS["mark"], "mark_text") == [
        (PUPIL["u1"], FIRST, "2025-10-01", "MAT", "work:li1", "1", "17/20"),
        (PUPIL["u1"], FIRST, "2025-10-01", "MAT", "work:li2", "1", "85,5%"),
    ]
    assert adds_up(report)
    assert broken_promises(tmp_path / "in/x") == {}
    assert report.rows_left_out["users.csv"] == {"not a pupil: teacher": 1}
    assert report.rows_left_out["enrollments.csv"] == {"not a pupil: teacher": 1}
    assert report.rows_left_out["results.csv"] == {"text score: no number to compare": 1}


def test_sessions_tell_where_semesters_begin_and_end_and_no_day_between(tmp_path: Path):
    run(tmp_path, world())
    days = {day[:3] for day in written(tmp_path, "calendar_day", "date", "semester", "school_year")}
    assert days == {
        ("2025-09-01", "1", "2025/2026"), ("2025-12-19", "1", "2025/2026"), ("2026-01-05", "2", "2025/2026"),
        ("2026-05-29", "2", "2025/2026"),
    }  # fmt: skip


def test_both_versions_a_zip_and_a_nested_zip_say_the_same(tmp_path: Path):
    run(tmp_path, world())
    expected = bytes_of(tmp_path / "in/x")
    second = write(tmp_path / "1p2", as_1p2(world()), "1.2")
    import_oneroster(second, tmp_path / "b/x", EXPORTED)
    import_oneroster(zipped(second, tmp_path / "export.zip"), tmp_path / "c/x", EXPORTED)
    import_oneroster(zipped(second, tmp_path / "nested.zip", "export/"), tmp_path / "d/x", EXPORTED)
    assert all(bytes_of(tmp_path / f"{name}/x") == expected for name in "bcd")


def test_a_user_who_teaches_and_learns_is_a_pupil_in_1p2(tmp_path: Path):
    files = as_1p2(world())
    files["roles"].append(row("ro-x", userSourcedId="u1", roleType="secondary", role="aide", orgSourcedId="s1"))
    files["roles"].append(row("ro-y", userSourcedId="nobody", roleType="primary", role="student", orgSourcedId="s1"))
    report = run(tmp_path, files, version="1.2")
    assert report.rows_written["pupil"] == 3
    assert report.rows_left_out["roles.csv"] == {"its user is not in users.csv": 1}


def test_a_run_takes_the_delivery_in(tmp_path: Path):
    expected = {"municipality": 1, "institution": 2, "calendar_day": 8, "pupil": 3, "enrolment": 3, "mark": 2}
    home = Home(tmp_path / "home", tmp_path / "secrets")
    home.prepare()
    run(tmp_path, world(), dest="home/landing/oneroster/bulk")
    with Country(home).one_session() as country:
        country.take_in(*expected)
        assert {name: country.counts("oneroster.bulk", name) for name in expected} == {
            name: (rows, rows, 0, 0) for name, rows in expected.items()
        }
        changed = {"status": "active", "dateLastModified": "2025-12-03T10:00:00.000Z"}
        gone = changed | {"status": "tobedeleted"}
        results = [result("r1", "u1", "18", **changed), result("r2", "u1", "85,5", "li2", **gone)]
        folder = write(tmp_path / "later", world() | {"results": results}, results="delta")
        report = import_oneroster(folder, tmp_path / "home/landing/oneroster/delta", Wanted())
        assert report.notes["marks withdrawn, in the delivery beside this one"] == 1
        country.take_in(*expected)
        assert country.rows("mark_text", "mark") == [("18/20",)]
        assert country.ledger("oneroster.delta-withdrawn", "mark")["rows_delivered"] == 1
        assert country.waiting() == {}


def test_the_notes_say_bulk_is_full_and_registers_only_add(tmp_path: Path):
    report = run(tmp_path, world())
    note = parse_delivery("x", yaml.safe_load((tmp_path / "in/x/delivery.yaml").read_text(encoding="utf-8")))
    assert report.delivered_on == note.delivered_on.isoformat() == "2025-12-02T06:00:00+00:00"
    assert {n.dataset for n in note.notes if n.mode == "full"} == {"enrolment", "mark"}
    assert set(note.note("mark").schools) == {FIRST, SECOND}
    assert note.note("enrolment").date_from == date(2025, 9, 1)
    assert json.loads(json.dumps(report.as_dict()))["source"] == "oneroster"


def test_misspelt_headers_are_understood_and_counted(tmp_path: Path):
    run(tmp_path, world(), dest="in/y")
    files = world()
    renamed = {
        "sourcedId": "sourceId", "dateLastModified": "datelastmodified", "userSourcedId": "User Sourced ID",
        "classSourcedId": "classSourceIDs", "givenName": "GivenName", "orgSourcedIds": "orgSourcedIDs",
    }  # fmt: skip
    for name in ("users", "enrollments"):
        files[name] = [{renamed.get(key, key): value for key, value in line.items()} for line in files[name]]
    report = run(tmp_path, files)
    assert {note: count for note, count in report.notes.items() if "not written" in note} == {
        "users.csv: columns not written as the specification says": 3,
        "enrollments.csv: columns not written as the specification says": 4,
    }
    assert bytes_of(tmp_path / "in/x") == bytes_of(tmp_path / "in/y")


def test_dates_of_every_form_are_the_same_day(tmp_path: Path):
    files = world()
    forms = ["2025-09-01T00:00:00.000Z", "09/01/2025", "2025-08-31T21:00:00Z", "20250901", "2025-09-01 00:00:00"]
    files["enrollments"] = [
        enrolled(f"e{n}", "u1", beginDate=form, endDate="10/31/2025") for n, form in enumerate(forms)
    ]
    run(tmp_path, files)
    assert written(tmp_path, "enrolment", "entry_date", "exit_date") == [("2025-09-01", "2025-10-31")]


def test_a_spell_ends_where_no_class_goes_on_and_a_return_is_a_new_one(tmp_path: Path):
    files = world()
    files["enrollments"] = [
        enrolled("e1", "u1", beginDate="2025-09-01", endDate="2025-10-01"),
        enrolled("e2", "u1", "h1", beginDate="2025-09-15", endDate="2025-10-20"),
        enrolled("e3", "u1", beginDate="2025-11-03", endDate="2026-05-30"),
    ]
    run(tmp_path, files)
    assert written(tmp_path, "enrolment", "entry_date", "exit_date", "class_label") == [
        ("2025-09-01", "2025-10-20", "8.a"), ("2025-11-03", None, None),
    ]  # fmt: skip


def test_what_is_to_be_deleted_ends_and_is_not_forgotten(tmp_path: Path):
    gone = {"status": "tobedeleted", "dateLastModified": "2025-11-10T08:00:00Z"}
    files = world()
    files["users"] = [user("u1"), user("u2", **gone), user("u3")]
    files["enrollments"] = [
        enrolled("e1", "u1", beginDate="2025-09-01", endDate="2026-05-30", **gone),
        enrolled("e2", "u2", beginDate="2025-09-01", endDate="2026-05-30"),
        enrolled("e3", "u3", status="tobedeleted"),
    ]
    files["results"].append(result("r9", "u1", "3", **gone))
    report = run(tmp_path, files)
    assert set(written(tmp_path, "enrolment", "person_code", "exit_date")) == {
        (PUPIL["u1"], "2025-11-10"), (PUPIL["u2"], "2025-11-10"),
    }  # fmt: skip
    assert report.rows_written["pupil"] == 3
    assert report.rows_left_out["enrollments.csv"] == {"to be deleted, and no day tells since when": 1}
    assert report.rows_left_out["results.csv"]["to be deleted: a bulk file replaces it anyway"] == 1
    assert adds_up(report)


def test_a_delta_is_put_onto_the_bulk_export_before_it(tmp_path: Path):
    bulk = write(tmp_path / "bulk", world())
    changed = {"status": "active", "dateLastModified": "2025-11-20T08:00:00Z"}
    gone = changed | {"status": "tobedeleted"}
    delta = {
        "users": [user("u4", **changed)],
        "enrollments": [enrolled("e9", "u4", beginDate="2025-11-18", **changed),
                        enrolled("e4", "u3", "c2", beginDate="2025-10-06", schoolSourcedId="s2", **gone)],
        "results": [result("r2", "u1", "80", "li2", **changed), result("r1", "u1", "17", **gone)],
    }  # fmt: skip
    folder = write(tmp_path / "delta", delta, mode="delta")
    with pytest.raises(ImportRefused, match=r"^manifest\.csv: 1 file\(s\), orgs, are needed in 1\.1; .* with --onto$"):
        import_oneroster(folder, tmp_path / "in/x", Wanted())
    report = import_oneroster(folder, tmp_path / "in/x", Wanted(onto=(bulk,)))
    assert adds_up(report)
    assert report.rows_left_out["results.csv"]["replaced by a later export"] == 2
    assert report.rows_read["enrollments.csv"] == 7
    assert report.delivered_on == "2025-11-21T06:00:00+00:00"
    assert set(written(tmp_path, "enrolment", "person_code", "entry_date", "exit_date")) == {
        (PUPIL["u1"], "2025-09-01", None), (PUPIL["u2"], "2025-09-01", "2025-11-03"),
        (PUPIL["u3"], "2025-10-06", "2025-11-20"), (person_code("oneroster", "u4"), "2025-11-18", None),
    }  # fmt: skip
    assert written(tmp_path, "mark", "mark_text") == [("80%",)]


def test_a_delta_of_classes_alone_does_not_tell_who_belongs(tmp_path: Path):
    report = run(tmp_path, world(), enrollments="delta")
    assert report.rows_written["enrolment"] == 0
    reasons = report.rows_left_out["enrollments.csv"]
    assert [count for why, count in reasons.items() if why.startswith("delta: ") and "--onto" in why] == [4]


def test_latvian_identifiers_are_the_codes_themselves(tmp_path: Path):
    files = world()
    codes = {"u1": "320000-00001", "u2": "32000000002", "u3": "12345"}
    files["users"] = [line | {"identifier": codes.get(line["sourcedId"], "")} for line in files["users"]]
    files["lineItems"].append(row("li3", title="Test", classSourcedId="c1", resultValueMin="1", resultValueMax="10"))
    files["results"] = [
        result("r1", "u1", "7", "li3"),
        result("r2", "u2", "7.5", "li3"),
        result("r3", "u3", "7", "li3"),
    ]
    report = run(tmp_path, files, Wanted(is_latvian=True, delivered_on=date(2025, 12, 1)))
    assert written(tmp_path, "pupil", "person_code") == [("32000000001",), ("32000000002",)]
    assert written(tmp_path, "institution", "school_reg_no", "atvk_code") == [
        ("4112900001", "LV00100"), ("4112900002", "LV00100"),
    ]  # fmt: skip
    assert written(tmp_path, "mark", "person_code", "mark_text") == [("32000000001", "7")]
    assert report.rows_left_out["users.csv"]["identifier is no personal code"] == 1
    assert report.rows_left_out["results.csv"] == {
        "a scale that does not begin at 0": 1, "its pupil is not among the pupils of users.csv": 1,
    }  # fmt: skip


def test_two_senders_with_the_same_ids_share_no_pupil(tmp_path: Path):
    run(tmp_path, world())
    run(tmp_path, world(), Wanted("other", delivered_on=date(2025, 12, 1)), dest="in/y")
    one, other = (set(written(tmp_path, "pupil", "person_code", dest=f"in/{name}")) for name in "xy")
    assert not one & other
    assert all("37" <= code[:2] <= "39" and len(code) == 11 for (code,) in one | other)
