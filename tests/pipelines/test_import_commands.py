"""`pumpurs import oneroster` and `pumpurs import mapped`, as they are typed."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.errors import UsageError
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
