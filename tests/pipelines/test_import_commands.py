"""`pumpurs import oneroster` and `pumpurs import mapped`, as they are typed."""

import json
import unicodedata
from pathlib import Path

import pytest
from typer.testing import CliRunner

from models.public_format.imported import ImportRefused
from pipelines.cli import app
from pipelines.errors import UsageError
from pipelines.importing.mapped import import_mapped
from tests.oneroster_world import world, write

MAP = """source: e-klase
delivered_on: 2024-09-10T08:00:00+03:00
datasets:
  pupil:
    files: skoleni.csv
    columns: {person_code: PK, given_name: Vārds, family_name: Uzvārds}
"""


def invoke(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["import", *map(str, words)])
    if isinstance(result.exception, UsageError):
        raise result.exception
    return result.exit_code, result.stdout


def test_a_map_is_followed_and_the_report_is_one_document(tmp_path: Path):
    (tmp_path / "map.yaml").write_text(MAP, encoding="utf-8")
    (tmp_path / "skoleni.csv").write_text("PK;Vārds;Uzvārds\n320000-00001;Anna;Liepa\n", encoding="cp1257")
    code, out = invoke("mapped", tmp_path, tmp_path / "in/x", "--map", tmp_path / "map.yaml", "--json")
    assert (code, json.loads(out)["rows_written"]) == (0, {"pupil": 1})
    code, out = invoke("mapped", tmp_path, tmp_path / "in/y", "--map", tmp_path / "map.yaml")
    assert code == 0
    assert "skoleni.csv (pupil): 1" in out


def test_what_is_wrong_is_said_in_one_line(tmp_path: Path):
    (tmp_path / "map.yaml").write_text(MAP.replace("files", "file"), encoding="utf-8")
    with pytest.raises(
        UsageError, match=r"^map\.yaml, line 5, datasets\.pupil\.file: there is no such key \(did you mean"
    ):
        invoke("mapped", tmp_path, tmp_path / "in/x", "--map", tmp_path / "map.yaml")


def test_the_options_of_oneroster_are_heard(tmp_path: Path):
    files = world()
    files["users"][0]["identifier"] = "320000-00001"
    bulk = write(tmp_path / "bulk", files)
    delta = write(tmp_path / "delta", {"courses": world()["courses"]}, mode="delta")
    words = ["--source", "novads", "--latvian-identifiers", "--delivered-on", "2025-12-01", "--date-order", "dmy"]
    code, out = invoke("oneroster", delta, tmp_path / "in/x", "--onto", bulk, *words, "--json")
    told = json.loads(out)
    assert (code, told["source"], told["delivered_on"]) == (0, "novads", "2025-12-02T06:00:00+00:00")
    assert told["rows_left_out"]["users.csv"]["identifier is no personal code"] == 2
    assert told["rows_left_out"]["courses.csv"] == {"replaced by a later export": 1}


def test_one_file_is_an_export_too_and_accents_may_be_composed_otherwise(tmp_path: Path):
    (tmp_path / "map.yaml").write_text(MAP, encoding="utf-8")
    text = unicodedata.normalize("NFD", "PK;Vārds;Uzvārds\n320000-00001;Anna;Liepa\n")
    (tmp_path / "skoleni.csv").write_text(text, encoding="utf-8")
    report = import_mapped(tmp_path / "skoleni.csv", tmp_path / "in/x", tmp_path / "map.yaml")
    assert report.rows_written == {"pupil": 1}


@pytest.mark.parametrize(
    ("source", "files", "message"),
    [
        ("nowhere", "*.csv", r"^nowhere: there is no such folder or file; name what holds"),
        (".", "*.yaml", r"^\*\.yaml: 1 of 1 files are not \.csv, .* for dataset pupil; correct `files` in the map$"),
        ("map.yaml", "*.csv", r"^\*\.csv: 0 files are so named in the source folder, for dataset pupil"),
    ],
)
def test_files_that_are_not_there_or_cannot_be_read_are_named(tmp_path: Path, source: str, files: str, message: str):
    (tmp_path / "map.yaml").write_text(MAP.replace("skoleni.csv", f'"{files}"'), encoding="utf-8")
    with pytest.raises(ImportRefused, match=message):
        import_mapped(tmp_path / source, tmp_path / "in/x", tmp_path / "map.yaml")
