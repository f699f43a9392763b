"""What `pumpurs status` and `pumpurs list` say of schools that delivered all, and of those that did not."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from assets.home import Home
from pipelines.cli import app
from pipelines.commands.status import _print_schools, _worst_first


def invoke(*words: str) -> tuple[str, str]:
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == 0, result.output
    return result.stdout, result.stderr


def test_status_says_of_each_school_that_all_is_in(country: Home):
    found = json.loads(invoke("status", "--json")[0])
    assert {school["state"] for school in found["schools"]} == {"complete"}
    assert {school["pupils_no_data"] for school in found["schools"]} <= set(range(20))
    shown = {(week["school_reg_no"], week["dataset"]) for week in found["weeks"]}
    assert shown >= {(school["school_reg_no"], "attendance") for school in found["schools"]}
    assert "ir viss / complete" in invoke("status")[0]


def test_a_list_carries_what_is_known_of_its_school(country: Home):
    school = json.loads(invoke("status", "--json")[0])["schools"][0]
    out, _ = invoke("list", school["school_reg_no"], "--format", "json")
    told = json.loads(out)["coverage"]
    assert (told["pupils"], told["pupils_no_data"]) == (school["pupils"], school["pupils_no_data"])


def school(number: int, state: str, **more: Any) -> dict[str, Any]:
    about = {"school_reg_no": f"41129{number:05}", "name": "Skola ar garu nosaukumu", "pupils": 20, "data_to": None}
    return about | {"state": state, "dataset": "attendance", "weeks": 1, "pupils_no_data": 0} | more


def test_the_worst_school_stands_first():
    mixed = [
        school(1, "complete"),
        school(2, "small"),
        school(3, "missing"),
        school(4, "missing", pupils_no_data=20),
        school(5, "no_calendar"),
        school(6, "missing", weeks=3),
    ]
    order = [int(row["school_reg_no"][-1]) for row in sorted(mixed, key=_worst_first)]
    assert order == [5, 4, 6, 3, 2, 1]


@pytest.mark.parametrize("width", [80, 140])
def test_many_schools_fit_a_screen_and_the_rest_is_counted(width: int):
    from rich.console import Console

    console = Console(width=width, record=True)
    _print_schools(console, [school(n, "missing") for n in range(3)] + [school(n, "complete") for n in range(3, 60)])
    text = console.export_text()
    assert max(len(line) for line in text.splitlines()) <= width
    assert text.count("trūkst / missing") + text.count("trūkst /") >= 3
    assert "… and 20 more schools: 20 complete; --json lists all." in text
    assert "4112900000" in text
