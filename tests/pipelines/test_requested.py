"""A table that somebody asked for, from the file to the release, and to all that follow."""

import json
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from assets.home import Home
from assets.publication import Publication
from assets.release import attacked
from pipelines.cli import app
from pipelines.errors import UsageError
from tests.faults.world import copy

WANTED = "name: grade_of_kind\ngroups: [kind, grade, sex]\nall: [grade, sex]\ncounts: [at_risk, chronic_absence]\n"


def invoke(home: Home, *words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [*words, "--home", str(home.root)])
    if isinstance(result.exception, UsageError):
        return 2, result.stdout, str(result.exception)
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture(scope="module")
def asked(country: Home, tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Path]:
    """Give a copy of the country in which a table was asked for, and the request."""
    folder = tmp_path_factory.mktemp("requested")
    home, wanted = copy(country, folder / "home"), folder / "wanted.yaml"
    wanted.write_text(WANTED, encoding="utf-8")
    code, out, err = invoke(home, "release", "--table", str(wanted))
    assert code == 0, err
    assert "grade_of_kind: " in out
    return home, wanted


def test_the_release_holds_the_table_and_withstands_the_attack(asked: tuple[Home, Path]):
    info = Publication(asked[0].releases).current()
    assert info
    table = {t.name: t for t in info.tables()}["grade_of_kind"]
    assert table.group_columns == ("kind", "grade", "sex")
    assert table.frame.select(table.group_columns).row(0)[1:] == ("all", "all")
    assert {"pupils_at_risk_low", "pupils_raised_chronic_absence_status"} <= set(table.frame.columns)
    assert (info.path / "tables/grade_of_kind.csv").exists()
    assert not attacked(info)["is_too_narrow"].any()
    whole = table.frame.filter((pl.col("grade") == "all") & (pl.col("sex") == "all"))
    kinds = {t.name: t for t in info.tables()}["school_type_month_risk"].frame
    both = whole.join(kinds, on=["period", "kind"], suffix="_there")
    assert both["pupils_at_risk"].equals(both["pupils_at_risk_there"])


def test_every_later_release_holds_it_too(asked: tuple[Home, Path]):
    home, wanted = asked
    before = Publication(home.releases).current()
    assert invoke(home, "release")[0] == 0
    after = Publication(home.releases).current()
    assert before
    assert after
    assert after.release_id == before.release_id
    assert invoke(home, "release", "--table", str(wanted))[0] == 0
    assert [path.name for path in home.requested.iterdir()] == ["grade_of_kind.yaml"]


def test_another_table_of_the_same_name_is_refused(asked: tuple[Home, Path], tmp_path: Path):
    other = tmp_path / "other.yaml"
    other.write_text(WANTED.replace("sex]\ncounts", "kind]\ncounts"), encoding="utf-8")
    code, _, err = invoke(asked[0], "release", "--table", str(other))
    assert code == 2
    assert "other.yaml, line 1, name: " in err
    assert "asks for another table; choose another name" in err


def test_a_request_that_cannot_be_had_publishes_nothing(asked: tuple[Home, Path], tmp_path: Path):
    home, releases = asked[0], sorted(path.name for path in asked[0].releases.iterdir())
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(WANTED.replace("kind, grade", "school_reg_no, grade"), encoding="utf-8")
    code, out, err = invoke(home, "release", "--table", str(wrong), "--json")
    assert (code, out) == (2, "")
    assert "schools are published in all and by band only" in err
    assert invoke(home, "release", "--table", str(tmp_path / "none.yaml"))[0] == 2
    wrong.write_text(f"{WANTED.replace('grade_of_kind', 'long_ago')}from: 1999-01\nto: 1999-02\n", encoding="utf-8")
    code, _, err = invoke(home, "release", "--table", str(wrong))
    assert (code, "it counts nobody; name months from 20" in err) == (2, True)
    assert [path.name for path in home.requested.iterdir()] == ["grade_of_kind.yaml"]
    assert sorted(path.name for path in home.releases.iterdir()) == releases
    assert json.loads(invoke(home, "attack", "current", "--json")[1])["too_narrow"] == 0
