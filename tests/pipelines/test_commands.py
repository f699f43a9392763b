"""Commands beside the main job: templates, synthetic deliveries, the doctor, the lock."""

import fcntl
import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from typer.testing import CliRunner

from assets.home import Home
from data_contracts.contract import delivered, load
from pipelines.cli import app
from pipelines.commands.template import write_template
from pipelines.errors import UsageError, told_plainly
from pipelines.weekly import Clocks, fingerprint, only_run
from tests.assets.kit import Country


@pytest.mark.parametrize("key", delivered())
def test_a_template_has_the_columns_of_its_contract_and_drop_down_lists(key: str, tmp_path: Path):
    contract = load(key)
    out = tmp_path / "t.xlsx"
    write_template(contract, out)
    sheets = pl.read_excel(out, sheet_id=0, engine="calamine")
    assert list(sheets) == ["dati", "instrukcija", *(["saraksti"] if "saraksti" in sheets else [])]
    assert sheets["dati"].columns == [column.heading for column in contract.columns]
    listed = {c.name: [v if label is None else label for v, label in zip(c.values, c.value_labels, strict=True)]
              for c in contract.columns if c.values}  # fmt: skip
    assert {name: sheets["saraksti"][name].drop_nulls().to_list() for name in listed} == listed


def test_a_template_that_was_filled_in_is_taken_in(home: Home, tmp_path: Path):
    """As somebody fills it in: choices as the list shows them, days as cells of the workbook."""
    out, filled = tmp_path / "t.xlsx", tmp_path / "filled.xlsx"
    write_template(load("raw.consultation_request"), out)
    headings = pl.read_excel(out, sheet_name="dati", engine="calamine").columns
    said = {"request_id": "2026-001", "organisation": "Jauniešu biedrība", "asker_role": "youth_worker", "topic": "T2",
            "asked_on": date(2024, 9, 3), "kind": "skolas darbnīca", "outcome": "gaida"}  # fmt: skip
    with xlsxwriter.Workbook(filled, {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet("dati")
        sheet.write_row(0, 0, headings)
        for place, name in enumerate(load("raw.consultation_request").column_names):
            sheet.write(1, place, said.get(name))
        book.add_worksheet("instrukcija").write_string(0, 0, "Aizpildiet lapu “dati”")
    country = Country(home)
    country.deliver("a", {"consultation_request.xlsx": filled.read_bytes()}, on="2024-09-10")
    country.take_in("consultation_request")
    rows = country.rows("request_id, topic, asked_on, kind, outcome", "consultation_request")
    assert rows == [("2026-001", "T2", date(2024, 9, 3), "school_workshop", "waiting")]


def test_a_template_offers_the_labels_that_intake_understands(tmp_path: Path):
    import zipfile

    out = tmp_path / "t.xlsx"
    write_template(load("raw.support_plan"), out)
    with zipfile.ZipFile(out) as book:
        shown = book.read("xl/sharedStrings.xml").decode()
    assert "Saskaņošanā (in_approval)" in shown


def test_two_runs_at_once_are_refused(home: Home):
    with (home.root / "run.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(UsageError, match="another run is at work"), only_run(home):
            pass
    with only_run(home):
        pass


def test_a_new_file_or_another_clock_is_something_new(home: Home):
    clocks = Clocks(None, None)
    before = fingerprint(home, clocks)
    folder = home.landing / "viis" / "one"
    folder.mkdir(parents=True)
    (folder / "pupil.csv").write_text("person_code\n", encoding="utf-8")
    assert fingerprint(home, clocks) == before, "a folder without delivery.yaml is not yet there"
    (folder / "delivery.yaml").write_text("source: viis\n", encoding="utf-8")
    assert fingerprint(home, clocks) != before


@pytest.mark.parametrize(
    "words",
    [
        ("synth", "out", "--shape", "triangle"),
        ("synth", "out", "--format", "pdf"),
        ("list", "x", "--format", "pdf"),
        ("list", "x", "--home", "nowhere"),
        ("status", "--home", "nowhere"),
        ("import", "oulad", "nowhere", "out"),
    ],
)
def test_wrong_usage_ends_with_2_and_one_line(words: tuple[str, ...], tmp_path: Path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended, told_plainly():
        app(list(words), standalone_mode=False)
    assert ended.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_doctor_looks_at_what_a_run_needs(tmp_path: Path):
    result = CliRunner().invoke(app, ["doctor", "--home", str(tmp_path / "home"), "--json"])
    found = {entry["what"].split(" ")[0] for entry in json.loads(result.stdout)}
    assert {"Python", "locked", "home", "secrets"} <= found


def test_help_imports_no_heavy_library():
    import subprocess
    import sys

    code = (
        "import sys, pipelines.cli; heavy = {'dagster', 'polars', 'pandas', 'duckdb', 'sklearn', 'great_expectations'};"
        "sys.exit(', '.join(heavy & set(sys.modules)) or None)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_name_that_looks_like_a_formula_is_only_text():
    from pipelines.commands.attention_list import harmless

    rows = pl.DataFrame({"name": ["=1+1", "@x", "-2", "Anna", None], "position": [1, 2, 3, 4, 5]})
    assert harmless(rows)["name"].to_list() == ["'=1+1", "'@x", "'-2", "Anna", None]
