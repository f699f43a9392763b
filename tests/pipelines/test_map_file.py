"""Map files that are wrong: each is refused by file, line, key and rule, and says what to write instead."""

from pathlib import Path

import pytest

from assets.settings_file import read_said
from models.public_format.imported import ImportRefused
from models.public_format.mapped_map import MapFile
from models.public_format.mapped_reading import read_map
from pipelines.importing.mapped import known

GOOD = """source: e-klase
delivered_on: 2024-09-10T08:00:00+03:00
datasets:
  attendance:
    files: kavejumi*.csv
    shape: exceptions
    dates: dd.mm.yyyy.
    columns:
      person_code: Personas kods
      school_reg_no: {always: "0112900001"}
      lesson_date: Datums
    wide:
      columns: [1, 2, 3]
      name_is: lesson_no
      cell_is: code
codes:
  attendance_code:
    - school: "0112900001"
      code: no
      meaning: absent_ill
      from: 2024-09-01
  exit_status_code:
    - {status: Atskaitīts, meaning: left_early, from: 2024-09-01}
"""


def read(tmp_path: Path, text: str | bytes) -> MapFile:
    path = tmp_path / "map.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_map(read_said(path, "--map"), known())


def test_every_scalar_stays_the_text_that_it_is(tmp_path: Path):
    found = read(tmp_path, GOOD)
    assert found.layouts[0].columns["school_reg_no"].always == "0112900001"
    assert found.codes["attendance_code"][0]["code"] == "no"
    assert found.codes["exit_status_code"] == [
        {"exit_status": "Atskaitīts", "valid_from": "2024-09-01", "valid_to": "", "meaning": "left_early"}
    ]
    assert found.layouts[0].wide
    assert found.layouts[0].wide.values == {"1": "1", "2": "2", "3": "3"}
    assert found.layouts[0].headers() == ["Personas kods", "Datums", "1", "2", "3"]


WRONG = {
    "an unknown key": ("source:", "sender:", r"line 1, sender: there is no such key; it may be source, delivered_on"),
    "an unknown key of a dataset": (
        "    shape:",
        "    shpe:",
        r"line 6, datasets\.attendance\.shpe: there is no such key \(did you mean shape\?\); it",
    ),
    "an unknown dataset": (
        "  attendance:\n    files",
        "  attendence:\n    files",
        r"line 4, datasets\.attendence: there is no such dataset \(did you mean attendance\?\)",
    ),
    "an unknown column": (
        "lesson_date: Datums",
        "lesson_day: Datums",
        r"line 11, .*lesson_day: there is no such column of attendance \(did you mean lesson_date\?\)",
    ),
    "no source": ("source: e-klase\n", "", r"line 1: `source` is missing; a map says who sent"),
    "an odd source": ("source: e-klase", "source: e klase!", r"line 1, source: it may hold letters, digits"),
    "no such moment": ("2024-09-10T08:00:00+03:00", "yesterday", r"line 2, delivered_on: it must be a moment such as"),
    "a file name without its place": (
        "2024-09-10T08:00:00+03:00",
        "{file_name: kavejumi.csv, date: yyyy-mm-dd}",
        r"line 2, delivered_on\.file_name: it must hold <> once",
    ),
    "a path": ("kavejumi*.csv", "../kavejumi.csv", r"line 5, .*files: it names files of the source folder itself"),
    "no shape": (
        "    shape: exceptions\n",
        "",
        r"line 4, .*shape: say roll .* or exceptions .* the file does not tell",
    ),
    "an odd shape": ("shape: exceptions", "shape: absence", r"line 6, .*shape: it must be one of roll, exceptions$"),
    "no form of dates": ("dd.mm.yyyy.", "dd.mm", r"line 7, .*dates: this form has no year: say the school year"),
    "an odd form of dates": ("dd.mm.yyyy.", "d.m.y", r"line 7, .*dates: a form of dates has dd, mm and yyyy"),
    "month first with dots": ("dd.mm.yyyy.", "mm.dd.yyyy", r"line 7, .*dates: with dots the day stands first"),
    "a needed column not told": (
        "      lesson_date: Datums\n",
        "",
        r"line 8, .*columns: 1 column\(s\) that attendance needs are not told: lesson_date; name",
    ),
    "no code": (
        "      cell_is: code",
        "      cell_is: subject_code",
        r"columns: 1 column\(s\) .* not told: code; name",
    ),
    "two sources of one column": (
        "lesson_date: Datums",
        "lesson_date: {always: x, file_name: y_<>}",
        r"line 11, .*lesson_date: say one of: the",
    ),
    "a number that cannot be counted": (
        "lesson_date: Datums",
        'lesson_date: {counted: "true"}',
        r"counted: only sequence can be counted; say which",
    ),
    "a column told twice": (
        "lesson_date: Datums",
        "lesson_date: Datums\n      code: Kods",
        r"cell_is: code is told twice, here and under",
    ),
    "dates that are lessons": (
        "columns: [1, 2, 3]",
        "columns: dates",
        r"name_is: the columns are dates, and lesson_no",
    ),
    "no wide columns": ("columns: [1, 2, 3]", "columns: lessons", r"line 13, .*wide\.columns: it must be a list such"),
    "a full delivery of all days": (
        "shape: exceptions",
        "shape: exceptions\n    mode: full",
        r"line 7, .*mode: full replaces what was delivered",
    ),
    "an odd school": (
        "shape: exceptions",
        "shape: exceptions\n    schools: [411]",
        r"line 7, .*schools\.1: a registration number has",
    ),
    "an odd day": (
        "shape: exceptions",
        "shape: exceptions\n    from: 1.9.2024",
        r"line 7, .*from: it must be a date such",
    ),
    "an odd delimiter": (
        "shape: exceptions",
        "shape: exceptions\n    delimiter: ;",
        r"line 7, .*delimiter: it must be one of comma, semicolon, tab",
    ),
    "an odd encoding": (
        "shape: exceptions",
        "shape: exceptions\n    encoding: windows-1275",
        r"line 7, .*encoding: it must be one of .* \(did you mean windows-1257\?\)",
    ),
    "a code as a spelling": (
        "shape: exceptions",
        "shape: exceptions\n    spellings: {code: {S: ns}}",
        r"line 7, .*spellings\.code: what a code means is said under `codes`",
    ),
    "an odd meaning": (
        "meaning: absent_ill",
        "meaning: absent_sick",
        r"line 20, codes\.attendance_code\.1\.meaning: it must be one of .* \(did you mean absent_ill\?\)",
    ),
    "a code without a day": (
        "      from: 2024-09-01\n  exit",
        "  exit",
        r"line 18, codes\.attendance_code\.1: from is missing; a code has",
    ),
    "a code of an odd school": (
        '- school: "0112900001"',
        "- school: 112900001",
        r"line 18, .*\.1\.school: it must be a registration number",
    ),
    "an exit status of a school": (
        "{status: Atskaitīts,",
        '{school: "*", status: Atskaitīts,',
        r"exit_status_code\.1\.school: there is no such key",
    ),
    "a key twice": ("source: e-klase", "source: e-klase\nsource: x", r"line 2, source: the key stands twice; keep one"),
    "no mapping": (
        "columns: [1, 2, 3]\n      name_is",
        "colums: [1]\n      name_is",
        r"wide\.colums: .*mean columns\?",
    ),
    "broken YAML": ("files: kavejumi*.csv", "files: [kavejumi", r"line \d+: it is not readable YAML \(.*\); correct"),
    "a reference": ("files: kavejumi*.csv", "files: *all", r"line 5: write it out, without references"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_map_is_refused_and_says_what_to_write(tmp_path: Path, case: str):
    old, new, message = WRONG[case]
    assert old in GOOD
    with pytest.raises(ImportRefused, match=rf"^map\.yaml, {message}" if message.startswith("line") else message):
        read(tmp_path, GOOD.replace(old, new, 1))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"^map\.yaml, line 1: it must be a mapping"),
        ("- a\n", r"^map\.yaml, line 1: it must be a mapping"),
        (b"source: \xff\xfe", r"^map\.yaml: it is not readable YAML in UTF-8"),
        ("a: " + "[" * 40, r"^map\.yaml, line 1: write it out, without references or more depth"),
        ("x" * (1 << 20), r"^map\.yaml: it is longer than a megabyte"),
    ],
)
def test_what_is_no_map_is_refused(tmp_path: Path, text: str | bytes, message: str):
    with pytest.raises(ImportRefused, match=message):
        read(tmp_path, text)


def test_a_map_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(
        ImportRefused, match=r"^map\.yaml: it cannot be read \(No such file or directory\); name the file"
    ):
        read_said(tmp_path / "map.yaml", "--map")
