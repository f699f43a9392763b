"""`pumpurs import mapped`: flat exports of a journal, long and wide, and what a later run makes of them."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter
import yaml

from assets.home import Home
from models.delivery import parse_delivery
from models.public_format.imported import ImportRefused
from pipelines.importing.mapped import import_mapped
from pipelines.importing.report import ImportReport
from tests.assets.kit import ORDER, SCHOOL, Country, code_of, deliver_registers

CORE = (
    "municipality", "institution", "attendance_code", "pupil_identity", "pupil", "enrolment",
    "pupil_day_attendance", "mark_text", "period_mark_text", "mark_form", "named_work", "pupil_subject_mark",
)  # fmt: skip
DAY = "2024-09-10T08:00:00+03:00"
WIDE_MAP = f"""
source: e-klase
delivered_on: {DAY}
datasets:
  attendance:
    files: kavejumi*.csv
    encoding: windows-1257
    delimiter: semicolon
    shape: exceptions
    dates: dd.mm.yy.
    columns:
      person_code: Personas kods
      school_reg_no: {{always: "{SCHOOL}"}}
      lesson_date: Datums
    wide:
      columns: {{"1. stunda": 1, "2. stunda": 2, "3. stunda": 3}}
      name_is: lesson_no
      cell_is: code
    leave_out: {{Personas kods: [Kopā]}}
codes:
  attendance_code:
    - {{school: "{SCHOOL}", code: S, meaning: absent_ill, from: 2024-09-01}}
    - {{code: A, meaning: absent_other, from: 2024-09-01, to: 2024-12-31}}
"""
WIDE = f"""Personas kods;Skolēns;Datums;1. stunda;2. stunda;3. stunda
{code_of(1)};Anna Āboliņa;02.09.24.;S;S;
{code_of(2)};Jānis Ķēniņš;02.09.24.;;n;A
{code_of(3)};Zane Žagata;03.09.24.;X;;
Kopā;;;2;2;1
"""
MARKS_MAP = f"""
source: mykoob
delivered_on: {DAY}
datasets:
  mark:
    files: vertejumi.csv
    dates: dd.mm.yyyy
    columns:
      person_code: PK
      school_reg_no: {{always: "{SCHOOL}"}}
      mark_date: Datums
      subject_code: Priekšmets
      work_kind: Veids
      sequence: {{counted: true}}
      mark_text: Atzīme
    spellings:
      mark_text: {{ieskaitīts: i, neieskaitīts: ni, "7`": "7"}}
"""
MARKS = f"""PK,Datums,Priekšmets,Veids,Atzīme
{code_of(1)},03.09.2024,MAT,PD,7`
{code_of(1)},03.09.2024,MAT,PD,9
{code_of(2)},04.09.2024,LAT,FV,ieskaitīts
{code_of(2)},05.09.2024,LAT,KD,"85,5%"
"""


def run(tmp_path: Path, map_text: str, dest: str = "in/x", **files: Any) -> ImportReport:
    """Import files of a folder (text, or bytes) with a map."""
    src = tmp_path / "src"
    src.mkdir(exist_ok=True)
    for name, content in files.items():
        path = src / name.replace("__", ".")
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    (tmp_path / "map.yaml").write_text(map_text, encoding="utf-8")
    return import_mapped(src, tmp_path / dest, tmp_path / "map.yaml")


def written(tmp_path: Path, dataset: str, dest: str = "in/x") -> list[tuple[Any, ...]]:
    suffix = "parquet" if dataset in ("attendance", "mark") else "csv"
    path = tmp_path / dest / f"{dataset}.{suffix}"
    return (pl.read_parquet(path) if suffix == "parquet" else pl.read_csv(path, infer_schema=False)).rows()


def adds_up(report: ImportReport) -> bool:
    return all(
        read == report.rows_used[name] + sum(report.rows_left_out[name].values())
        for name, read in report.rows_read.items()
    )


def test_a_wide_absence_table_becomes_one_row_a_filled_cell(tmp_path: Path):
    report = run(tmp_path, WIDE_MAP, kavejumi__csv=WIDE.encode("cp1257"))
    assert written(tmp_path, "attendance") == [
        (code_of(1), SCHOOL, "2024-09-02", "1", "S"),
        (code_of(1), SCHOOL, "2024-09-02", "2", "S"),
        (code_of(2), SCHOOL, "2024-09-02", "2", "n"),
        (code_of(2), SCHOOL, "2024-09-02", "3", "A"),
        (code_of(3), SCHOOL, "2024-09-03", "1", "X"),
    ]
    assert written(tmp_path, "attendance_code") == [
        ("e-klase", SCHOOL, "S", "2024-09-01", "absent_ill", None),
        ("e-klase", "*", "A", "2024-09-01", "absent_other", "2024-12-31"),
    ]
    assert adds_up(report)
    assert report.rows_left_out == {
        "kavejumi.csv (attendance)": {"left out by the map": 1},
        "kavejumi.csv (attendance), cells": {"the cell is empty": 4},
    }
    assert report.notes == {
        "rows whose attendance.code has no meaning in the map or the common list: they wait in quarantine": 1
    }


def test_a_run_takes_it_in_and_only_the_code_without_a_meaning_waits(tmp_path: Path):
    home = Home(tmp_path / "home", tmp_path / "secrets")
    home.prepare()
    deliver_registers(Country(home))
    run(tmp_path, WIDE_MAP, dest="home/landing/in/x", kavejumi__csv=WIDE.encode("cp1257"))
    run(tmp_path, MARKS_MAP, dest="home/landing/in/marks", vertejumi__csv=MARKS)
    with Country(home).one_session() as country:
        country.take_in()
        assert country.counts("e-klase.x", "attendance") == (5, 4, 1, 0)
        assert country.waiting() == {"code_known": 1}
        assert country.counts("e-klase.x", "attendance_code") == (2, 2, 0, 0)
        assert country.counts("mykoob.marks", "mark") == (4, 4, 0, 0)
        for name in ORDER:
            country.rows("1", name)
        for key in CORE:
            country.warehouse.build(f"core.{key}")
        assert country.query(
            "select lesson_date::varchar, lessons_missed, lessons_missed_unexcused, lessons_missed_ill,"
            " lessons_missed_other from core.pupil_day_attendance order by lessons_missed_ill"
        ) == [("2024-09-02", 2, 1, 0, 1), ("2024-09-02", 2, 0, 2, 0)]
        assert country.query(
            "select mark_date::varchar, sequence, mark_kind, mark_value from core.pupil_subject_mark order by all"
        ) == [
            ("2024-09-03", 1, "points10", 7), ("2024-09-03", 2, "points10", 9), ("2024-09-04", 1, "pass_fail", 1),
            ("2024-09-05", 1, "percent", 85.5),
        ]  # fmt: skip


def test_a_mark_list_is_counted_and_spelt_as_the_map_says(tmp_path: Path):
    report = run(tmp_path, MARKS_MAP, vertejumi__csv=MARKS)
    assert [row[-2:] for row in written(tmp_path, "mark")] == [("1", "7"), ("2", "9"), ("1", "i"), ("1", "85,5%")]
    assert adds_up(report)
    assert report.rows_left_out == {"vertejumi.csv (mark)": {}}


def test_a_register_with_a_column_a_day_and_several_marks_in_a_cell(tmp_path: Path):
    text = f"PK;02.09.;03.09.;03.09.;Piezīme\n{code_of(1)};7 9(p.d.);;nv;x\n{code_of(2)};;6;;\n"
    map_text = MARKS_MAP.replace("dates: dd.mm.yyyy", "dates: dd.mm.\n    school_year: 2024/2025")
    for line in ("mark_date: Datums", "work_kind: Veids", "mark_text: Atzīme", "subject_code: Priekšmets"):
        map_text = map_text.replace(f"      {line}\n", "")
    map_text = map_text.replace(
        "    spellings:",
        "      subject_code: {always: MAT}\n      work_kind: {always: pd}\n"
        '    wide: {columns: dates, name_is: mark_date, cell_is: mark_text, several: " "}\n    spellings:',
    )
    report = run(tmp_path, map_text, vertejumi__csv=text)
    assert [(row[0], row[2], row[5], row[6]) for row in written(tmp_path, "mark")] == [
        (code_of(1), "2024-09-02", "1", "7"),
        (code_of(1), "2024-09-02", "2", "9(p.d.)"),
        (code_of(1), "2024-09-03", "1", "nv"),
        (code_of(2), "2024-09-03", "1", "6"),
    ]
    assert report.rows_read["vertejumi.csv (mark), cells"] == 6
    assert report.rows_left_out["vertejumi.csv (mark), cells"] == {"the cell is empty": 3}
    assert adds_up(report)


def test_a_roll_may_say_that_an_empty_cell_is_a_row(tmp_path: Path):
    map_text = WIDE_MAP.replace("exceptions", "roll").replace("cell_is: code", "cell_is: code\n      empty_cell: row")
    report = run(tmp_path, map_text, kavejumi__csv=WIDE.encode("cp1257"))
    codes = [row[-1] for row in written(tmp_path, "attendance")]
    assert codes == ["S", "S", None, None, "n", "A", "X", None, None]
    assert report.rows_used["kavejumi.csv (attendance), cells"] == 9


def test_uneven_records_are_counted_and_the_others_are_taken(tmp_path: Path):
    text = MARKS + f"{code_of(3)},03.09.2024,MAT\n{code_of(3)},03.09.2024,MAT,PD,7,8\n"
    report = run(tmp_path, MARKS_MAP, vertejumi__csv=text)
    assert report.rows_read == {"vertejumi.csv (mark)": 6}
    assert report.rows_left_out["vertejumi.csv (mark)"] == {"the record has more or fewer fields than the header": 2}
    assert adds_up(report)


def test_a_date_of_another_form_is_delivered_as_it_is_and_counted(tmp_path: Path):
    report = run(tmp_path, MARKS_MAP, vertejumi__csv=MARKS.replace("05.09.2024", "5. sept."))
    assert [row[2] for row in written(tmp_path, "mark")][-1] == "5. sept."
    assert report.notes == {"mark.mark_date: not a date of the form said, delivered as it is": 1}


def test_a_workbook_with_typed_cells_says_the_same_as_text(tmp_path: Path):
    src = tmp_path / "src"
    src.mkdir()
    frame = pl.read_csv(MARKS.encode(), infer_schema=False).with_columns(pl.col("Datums").str.to_date("%d.%m.%Y"))
    frame.write_excel(src / "vertejumi.xlsx")
    run(tmp_path, MARKS_MAP.replace("vertejumi.csv", "vertejumi.xlsx"))
    run(tmp_path, MARKS_MAP, dest="in/y", vertejumi__csv=MARKS)
    assert written(tmp_path, "mark") == written(tmp_path, "mark", "in/y")


def test_a_workbook_may_have_days_as_typed_cells_of_its_header(tmp_path: Path):
    (tmp_path / "src").mkdir()
    with xlsxwriter.Workbook(tmp_path / "src/kavejumi.xlsx") as book:
        sheet, form = book.add_worksheet(), book.add_format({"num_format": "dd.mm.yyyy"})
        sheet.write_row(0, 0, ["PK", "Stunda"])
        for place, day in enumerate((2, 3), 2):
            sheet.write_datetime(0, place, datetime(2024, 9, day), form)
        sheet.write_row(1, 0, [code_of(1), 3, "n", "ns"])
    columns = {"person_code": "PK", "school_reg_no": {"always": SCHOOL}, "lesson_no": "Stunda"}
    wide = {"columns": "dates", "name_is": "lesson_date", "cell_is": "code"}
    layout = {"files": "*.xlsx", "shape": "exceptions", "dates": "dd.mm.yyyy.", "columns": columns, "wide": wide}
    run(tmp_path, yaml.safe_dump({"source": "x", "delivered_on": DAY, "datasets": {"attendance": layout}}))
    assert written(tmp_path, "attendance") == [
        (code_of(1), SCHOOL, "2024-09-02", "3", "n"), (code_of(1), SCHOOL, "2024-09-03", "3", "ns"),
    ]  # fmt: skip


def test_school_and_day_may_stand_in_the_names_of_the_files(tmp_path: Path):
    map_text = WIDE_MAP.replace(f'{{always: "{SCHOOL}"}}', "{file_name: kavejumi_<>_*.csv}").replace(
        f"delivered_on: {DAY}", "delivered_on: {file_name: kavejumi_*_<>.csv, date: yyyy-mm-dd}"
    )
    report = run(tmp_path, map_text, **{f"kavejumi_{SCHOOL}_2024-09-09__csv": WIDE.encode("cp1257")})
    assert report.delivered_on == "2024-09-09T12:00:00+00:00"
    assert {row[1] for row in written(tmp_path, "attendance")} == {SCHOOL}


def test_a_full_delivery_says_what_it_replaces(tmp_path: Path):
    scope = f'mode: full\n    schools: ["{SCHOOL}"]\n    from: 2024-09-01\n    to: 2024-09-02\n    shape'
    report = run(tmp_path, WIDE_MAP.replace("shape", scope, 1), kavejumi__csv=WIDE.encode("cp1257"))
    document = yaml.safe_load((tmp_path / "in/x/delivery.yaml").read_text(encoding="utf-8"))
    note = parse_delivery("x", document).note("attendance")
    assert (note.mode, note.schools, str(note.date_from), str(note.date_to)) == (
        "full", (SCHOOL,), "2024-09-01", "2024-09-02"
    )  # fmt: skip
    assert report.notes["attendance: rows outside the days said with from and to"] == 1


def test_the_report_is_plain_and_the_same_files_make_the_same_bytes(tmp_path: Path):
    first = run(tmp_path, WIDE_MAP, dest="a/x", kavejumi__csv=WIDE.encode("cp1257"))
    second = run(tmp_path, WIDE_MAP, dest="b/x", kavejumi__csv=WIDE.encode("cp1257"))
    assert json.loads(json.dumps(first.as_dict())) == second.as_dict()
    for path in sorted((tmp_path / "a/x").iterdir()):
        assert path.read_bytes() == (tmp_path / "b/x" / path.name).read_bytes()


def test_codes_alone_are_a_delivery(tmp_path: Path):
    report = run(
        tmp_path, WIDE_MAP[: WIDE_MAP.index("  attendance:")] + "  {}\n" + WIDE_MAP[WIDE_MAP.index("codes:") :]
    )
    assert report.rows_written == {"attendance_code": 2}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Datums", "Dautms", r"^kavejumi\.csv: 1 col.* not in the header: Dautms \(did you mean Datums\?\); write"),
        ("kavejumi*.csv", "kav*.xls", r"^kav\*\.xls: 0 files are so named in the source folder, for dataset att"),
        ("semicolon", "tab", r"^kavejumi\.csv: its delimiter is semicolon, the map says tab; correct one$"),
        ("windows-1257", "utf-8", r"^kavejumi\.csv: its encoding is cp1257, the map says utf-8; correct one$"),
        ('columns: {"1. stunda": 1, "2. stunda": 2, "3. stunda": 3}\n      name_is: lesson_no',
         "columns: dates\n      name_is: lesson_date", r"lesson_date is told twice, here and under `columns`"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_as_the_map_says_is_refused(tmp_path: Path, old: str, new: str, message: str):
    with pytest.raises(ImportRefused, match=message):
        run(tmp_path, WIDE_MAP.replace(old, new), kavejumi__csv=WIDE.encode("cp1257"))
    assert not (tmp_path / "in/x").exists()


def test_a_header_that_names_a_column_twice_is_refused(tmp_path: Path):
    text = MARKS.replace("Veids", "Datums", 1)
    with pytest.raises(ImportRefused, match=r"1 column\(s\) .* not in the header: Veids; write"):
        run(tmp_path, MARKS_MAP, vertejumi__csv=text)
    with pytest.raises(
        ImportRefused, match=r"1 column\(s\) that the map names stand twice in the header: Datums; rename"
    ):
        run(tmp_path, MARKS_MAP.replace("work_kind: Veids", "work_kind: {always: pd}"), vertejumi__csv=text)


def test_a_file_that_cannot_be_read_is_refused_by_the_front_door(tmp_path: Path):
    with pytest.raises(ImportRefused, match=r"^vertejumi\.csv: the file is empty; ask"):
        run(tmp_path, MARKS_MAP, vertejumi__csv=b"")
    with pytest.raises(ImportRefused, match=r"^vertejumi\.csv: "):
        run(tmp_path, MARKS_MAP, vertejumi__csv=b"PK,Datums\0,Priek\n1,2,3\n")
