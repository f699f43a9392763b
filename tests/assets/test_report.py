"""The report to the sender: what a person who delivered needs to find and correct a row, and not one value."""

import ast
import gzip
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import fastexcel
import polars as pl
import pytest

from assets import report
from assets.quarantine import describe
from assets.refusal import explain, in_latvian
from assets.report import harmless
from data_contracts.advice import advice
from data_contracts.contract import delivered, load
from data_contracts.intake import Door, door_rules
from tests.assets.kit import NEW_SCHOOL, SCHOOL, Country, absence, as_csv, code_of, mark, pupil
from tests.assets.test_intake_workbook import workbook

ROOT = Path(__file__).parents[2]
HEADER = "person_code,school_reg_no,lesson_date,lesson_no,subject_code,code,excused_on\n"


def row(lesson: int = 1, subject: str = "MAT") -> str:
    return f"{code_of(1)},{SCHOOL},2024-09-02,{lesson},{subject},n,\n"


BAD = row(99)
BREAK = '"a\nb\nc"'
TEXTS = {
    "plain": (HEADER + row() + BAD, [("3", "")]),
    "no line end at the end": (HEADER + row() + BAD.strip(), [("3", "")]),
    "windows line ends": ((HEADER + row() + BAD).replace("\n", "\r\n"), [("3", "")]),
    "old line ends": ((HEADER + row() + BAD + row(98)).replace("\n", "\r"), [("3", ""), ("4", "")]),
    "a break within quotes above": (HEADER + row(1, BREAK) + BAD + row(98), [("3", "5"), ("4", "6")]),
    "a break within quotes of the row itself": (HEADER + row() + row(99, BREAK) + row(98), [("3", ""), ("4", "6")]),
    "blank lines above the header": ("\n\n" + HEADER + BAD, [("4", "")]),
    "blank lines between": (HEADER + "\n" + row() + "\n\n" + BAD + "\n\n", [("6", "")]),
    "blank lines and breaks": ("\n" + HEADER + row(2, BREAK) + "\n" + BAD, [("5", "7")]),
    "a break within the header": (HEADER.replace("code,exc", 'code,"ie\nmesls",exc').replace("excused_on", "excused_on")
                                  + BAD.replace(",n,", ",n,x,"), [("2", "3")]),
    "a malformed line above": (HEADER + "a,b\n" + row(1, BREAK) + BAD, [("2", ""), ("4", "6")]),
    "a quote that stays open": (HEADER + f'{code_of(1)},"{SCHOOL}\n' + row() + BAD, [("2", ""), ("4", "")]),
    "a blank line at the end only": (HEADER + BAD + "\n\n\n", [("2", "")]),
    "many lines": (HEADER + "".join(row(n) for n in range(14)) + BAD * 2, [("16", ""), ("17", "")]),
}  # fmt: skip


@pytest.fixture(scope="module")
def told(registered: Country, tmp_path_factory: pytest.TempPathFactory) -> Country:
    """Give a country to which every text was delivered plainly, packed, and in two encodings."""
    country = registered.copy(tmp_path_factory.mktemp("told") / "home")
    for number, (text, _) in enumerate(TEXTS.values()):
        country.deliver(f"plain{number}", {"attendance": text.encode("utf-8-sig")})
        country.deliver(f"packed{number}", {"attendance.csv.gz": gzip.compress(text.encode(), mtime=0)})
        country.deliver(f"wide{number}", {"attendance": text.encode("utf-16")})
    country.take_in("attendance")
    return country


@pytest.mark.parametrize("kind", ["plain", "packed", "wide"])
@pytest.mark.parametrize("what", TEXTS)
def test_a_row_is_found_where_excel_and_an_editor_show_it(told: Country, what: str, kind: str):
    lines = told.report(f"viis.{kind}{list(TEXTS).index(what)}")
    found = [(line["line"], line["line in a text editor, if another"]) for line in lines]
    assert found == TEXTS[what][1]


def test_a_row_of_a_workbook_is_found_where_excel_shows_it(country: Country):
    blank = dict.fromkeys(absence())
    rows = [absence(), blank, absence(2, lesson=99), absence(3, code="=na()")]
    country.deliver("a", {"attendance.xlsx": workbook(rows, top=4)})
    country.take_in("attendance")
    assert [line["line"] for line in country.report("viis.a")] == ["8", "9"]


def test_a_row_of_parquet_has_the_number_of_its_record(country: Country):
    country.deliver("a", {"attendance.parquet": [absence(), absence(2, lesson=99)]})
    country.take_in("attendance")
    assert [line["line"] for line in country.report("viis.a")] == ["2"]


def test_the_column_bears_the_senders_own_name(country: Country):
    rows = [
        {"PK": code_of(1), "Iestādes  reģistrācijas nr.": SCHOOL, "Datums ": "31.02.2024", "Stunda": 1, "Kods": "n"}
    ]
    country.deliver("a", {"attendance": as_csv(rows, ";")})
    country.take_in("attendance")
    (line,) = country.report("viis.a")
    assert (line["column"], line["rule"]) == ("Datums", "lesson_date_type")
    assert "2025-09-01 vai 01.09.2025." in line["ko darīt"]
    assert "2025-09-01 or 01.09.2025." in line["what to do"]


def test_a_column_that_was_not_delivered_bears_our_latvian_name(country: Country):
    country.deliver("a", {"pupil.parquet": [pupil(8) | {"birth_date": "1900-02-03"}]})
    country.take_in("pupil")
    (line,) = country.report("viis.a")
    assert (line["column"], line["kas nav kārtībā"]) == ("", "dzimšanas datums nav ticams")


def test_the_summary_counts_by_file_and_by_rule(country: Country):
    country.deliver("a", {"attendance": HEADER + row() + row() + BAD + "a,b\n", "mark": [mark(text="abc")]})
    country.take_in("attendance", "mark")
    text = (country.home.quarantine / "viis.a" / "report.csv").read_text(encoding="utf-8-sig")
    summary = [line.split(";") for line in text.splitlines() if line.startswith("kopsavilkums")]
    assert [(cells[1], cells[5], cells[-1]) for cells in summary[:2]] == [
        ("attendance.csv", "iesniegtas 4, pieņemtas 1, aizstātas ar jaunākām 1, gaida labojumu 2", "2"),
        ("mark.csv", "iesniegtas 1, pieņemtas 0, aizstātas ar jaunākām 0, gaida labojumu 1", "1"),
    ]
    assert [cells[-2:] for cells in summary[2:]] == [
        ["lesson_no_range", "1"],
        ["row_malformed", "1"],
        ["mark_text_form", "1"],
    ]


def everything_in(path: Path) -> str:
    """Return all bytes of a file, and of what is packed in it, as text."""
    if path.suffix != ".xlsx":
        return path.read_text(encoding="utf-8")
    with zipfile.ZipFile(path) as packed:
        return "\n".join(packed.read(name).decode() for name in packed.namelist())


# Values that no report says by chance: every delivered cell is one of them, or plainly a key that is valid.
PLANTED: list[dict[str, Any]] = [
    {"person_code": "320000-00001", "school_reg_no": "4112900001", "lesson_date": "2024-09-17", "lesson_no": "9071",
     "subject_code": "ĶĪM-QX7", "code": "kodsZZ1", "excused_on": "17.09.2024."},
    {"person_code": "12345", "school_reg_no": NEW_SCHOOL, "lesson_date": "2024-13-45", "lesson_no": "3,071",
     "subject_code": "=cmd|x", "code": "kodsZZ2", "excused_on": "aizvakar"},
    {"person_code": "320000-98765", "school_reg_no": "4112900001", "lesson_date": "2024-09-18", "lesson_no": "11",
     "subject_code": "Bērziņa Anna", "code": "kodsZZ3", "excused_on": ""},
]  # fmt: skip


def test_no_delivered_value_is_in_any_byte_of_the_report(country: Country):
    text = as_csv(PLANTED, ";") + "tikai;Ozoliņš Pēteris\n"
    country.deliver("a", {"attendance": text, "pupil.xlsx": workbook([pupil(8, "Žanete", "Kalniņa") | {"sex": "vīr"}])})
    country.deliver("b", {"mark": "Liepiņa Zane;ļoti slikti\n1;2\n"})
    country.take_in("pupil", "attendance", "mark")
    planted = {str(v) for r in PLANTED for v in r.values() if v not in ("", "11")}
    planted |= {"Ozoliņš", "Žanete", "Kalniņa", "2010-02-03", "Liepiņa", "ļoti slikti", code_of(8), "kodsZZ", "Bērziņa"}
    paths = sorted(country.home.quarantine.glob("*/report.*"))
    assert [path.parent.name for path in paths] == ["viis.a"] * 2 + ["viis.b"] * 2
    for path in paths:
        found = everything_in(path)
        assert not [value for value in planted if value in found]
    assert len(country.report("viis.a")) == 5


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_a_foreign_text_is_never_a_formula(text: str):
    assert not re.match(r"[=+\-@\t\r\n]", harmless(text))


def test_names_of_files_and_columns_are_never_formulas(country: Country):
    folder = country.deliver("a", {"=cmd().docx": b"x", "attendance": HEADER.replace("excused_on", "=1+1") + BAD})
    (folder / "-2+3.csv").write_text("a\n", encoding="utf-8")
    country.take_in("attendance")
    path = country.home.quarantine / "viis.a" / "report.xlsx"
    assert "<f>" not in everything_in(path)
    for line in everything_in(path.with_suffix(".csv")).removeprefix("\ufeff").splitlines():
        assert not [cell for cell in line.split(";") if re.match(r'"?[=+\-@\t\r]', cell)]


def test_the_workbook_caps_its_lines_and_says_how_many_more(country: Country, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(report, "MOST_LINES", 3)
    country.deliver("a", {"attendance": HEADER + "".join(row(99 + n) for n in range(8)) + "a,b\n"})
    country.take_in("attendance")
    assert len(country.report("viis.a")) == 9
    sheet = fastexcel.read_excel(country.home.quarantine / "viis.a" / "report.xlsx").load_sheet("rindas").to_polars()
    assert sheet["noteikums / rule"].to_list()[:4] == ["lesson_no_range"] * 3 + ["row_malformed"]
    assert "vēl 5 rindas failā report.csv / 5 more rows in report.csv" in sheet[:, 0].to_list()[-1]


def test_the_workbook_is_made_to_read_and_print(country: Country):
    country.deliver("a", {"attendance": HEADER + BAD})
    country.take_in("attendance")
    text = everything_in(country.home.quarantine / "viis.a" / "report.xlsx")
    for wanted in ('state="frozen"', "<autoFilter", 'orientation="landscape"', 'paperSize="9"', 'wrapText="1"'):
        assert wanted in text
    assert re.search(r'fitToHeight="0"', text)
    assert re.search(r"Print_Titles.*?rindas.*?\$1:\$1", text)
    book = fastexcel.read_excel(country.home.quarantine / "viis.a" / "report.xlsx")
    assert book.sheet_names == ["kopsavilkums", "rindas"]


def test_the_same_deliveries_give_the_same_bytes(registered: Country, tmp_path: Path):
    made = []
    for name in ("one", "two"):
        country = registered.copy(tmp_path / name)
        country.deliver("a", {"attendance": HEADER + BAD + "a,b\n"})
        country.take_in("attendance")
        made.append([p.read_bytes() for p in sorted((country.home.quarantine / "viis.a").glob("report.*"))])
    assert made[0] == made[1]


class TestRefused:
    """Files and folders that could not be taken in at all."""

    def test_a_refused_file_says_why_and_what_to_do(self, country: Country):
        country.deliver("a", {"mark": "person_code\n1\n"})
        country.take_in("mark")
        (line,) = country.report("viis.a")
        assert line["kas nav kārtībā"].startswith(
            "trūkst obligāto kolonnu: iestādes reģistrācijas numurs (school_reg_no)"
        )
        assert "pumpurs template mark" in line["ko darīt"]
        assert line["what is wrong"].startswith("6 missing column(s): school_reg_no")

    def test_a_refused_folder_has_a_report_until_it_is_corrected(self, country: Country):
        country.deliver("Skola nr. 1 = Ž", {"mark": [mark()]}, note="source: [")
        country.take_in("mark")
        (folder,) = country.home.quarantine.iterdir()
        assert re.fullmatch(r"_refused\.in\.Skola_nr\._1____\.[0-9a-f]{8}", folder.name)
        (line,) = country.report(folder.name)
        assert (line["file"], line["rule"]) == ("delivery.yaml", "file_refused")
        assert line["kas nav kārtībā"] == "delivery.yaml nav lasāms YAML (UTF-8)"
        (country.home.landing / "in" / "Skola nr. 1 = Ž").rename(country.home.landing / "in" / "b")
        (country.home.landing / "in" / "b" / "delivery.yaml").write_text(
            "source: viis\ndelivered_on: 2024-09-10T08:00:00+03:00\n", encoding="utf-8"
        )
        country.take_in("mark")
        assert not list(country.home.quarantine.iterdir())

    def test_two_folders_of_one_safe_name_have_two_reports(self, country: Country):
        for name in ("a b", "a=b", "a_b"):
            country.deliver(name, {}, note="[")
        country.take_in("mark")
        assert len(list(country.home.quarantine.iterdir())) == 3

    def test_nothing_the_door_says_is_left_without_latvian(self):
        said = [text for path in sorted((ROOT / "assets").glob("*.py")) for text in _refusals(path)]
        said += _refusals(ROOT / "models" / "delivery.py")
        assert len(said) > 30
        assert [text for text in said if in_latvian(text) is None] == []

    def test_what_is_new_is_said_in_english_at_least(self):
        said = explain("mark.csv: it hums; ask it to stop")
        assert (said.wrong_en, said.do_en) == ("it hums", "ask it to stop")
        assert "angļu" in said.wrong_lv


def _refusals(path: Path) -> list[str]:
    """Read what a module may say when it refuses: texts after a file's name, braces filled with a letter."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("DeliveryRefused", "_refuse", "_unreadable"):
            text = _text(node.args[-1])
            text = f"x: its text is {text}" if ast.unparse(node.func) == "_unreadable" else text
            found.append(text.partition(": ")[2] if re.match(r"(1|x|delivery\.yaml)[\w.]*: ", text) else text)
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "reason":
            found.append(_text(node.value))
    passed_on = ("1; correct", "its text is 1")
    return [text for text in found if text not in ("", "1") and not text.startswith(passed_on)]


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(v) if isinstance(v, ast.Constant) else "1" for v in node.values)
    return ""


RULES = [
    (key, rule)
    for key in delivered()
    for rule in [
        *(r.name for r in door_rules(load(key), dict.fromkeys(load(key).column_names, "VARCHAR"), Door("x", None))),  # type: ignore[arg-type]
        "key_disagrees",
        "row_malformed",
        "cell_error",
    ]
]


@pytest.mark.parametrize(("key", "rule"), RULES, ids=lambda text: text)
def test_every_rule_of_the_door_has_words_of_its_own(key: str, rule: str):
    said = advice(load(key), rule)
    assert not said.wrong_lv.startswith("rinda neatbilst noteikumam"), "add it to data_contracts/advice.py"
    assert not said.do_lv.startswith("rakstiet, kā datu kopas lapā")
    assert all((said.wrong_lv, said.do_lv, said.wrong_en, said.do_en))
    assert describe(load(key).name, rule)


def test_a_rule_without_words_is_still_told():
    said = advice(load("raw.mark"), "of_another_day")
    assert "of_another_day" in said.wrong_lv
    assert "of_another_day" in said.wrong_en


def test_a_large_quarantine_stays_quick(country: Country):
    frame = pl.DataFrame([absence(lesson=99)]).select(pl.all().repeat_by(30_000).explode())
    country.deliver("a", {"attendance.parquet": frame})
    country.take_in("attendance")
    text = (country.home.quarantine / "viis.a" / "report.csv").read_text(encoding="utf-8-sig")
    assert text.count("\n") == 1 + 2 + 2 + 30_000, "header, what to do, summary, lines"
    with zipfile.ZipFile(country.home.quarantine / "viis.a" / "report.xlsx") as book:
        rows = book.read("xl/worksheets/sheet2.xml").count(b"<row ")
    assert rows == 1 + report.MOST_LINES + 1
    assert io.BytesIO(text.encode()).getbuffer().nbytes < 20_000_000
