"""Requests for one more table: what is counted, and what cannot be had."""

import re
from pathlib import Path

import polars as pl
import pytest

from assets.settings_file import read_said
from models.disclosure import TableRequest, read_request
from models.public_format.imported import ImportRefused

COLUMNS = ["pupils_at_risk", "pupils_raised_open_nv"]
GOOD = {
    "name": "grade_of_kind",
    "groups": "[kind, grade]",
    "all": "[grade]",
    "counts": "[at_risk, open_nv]",
    "from": "2025-09",
    "to": "2026-05",
}


def asked(tmp_path: Path, **changed: str) -> TableRequest:
    path = tmp_path / "table.yaml"
    lines = [f"{key}: {value}" for key, value in (GOOD | changed).items() if value]
    path.write_text("\n".join(lines), encoding="utf-8")
    return read_request(read_said(path, "--table"), COLUMNS, {"country_month_risk"})


def test_a_request_says_groups_sums_counts_and_months(tmp_path: Path):
    wanted = TableRequest("grade_of_kind", ("kind", "grade"), ("grade",), tuple(COLUMNS), "2025-09", "2026-05")
    assert asked(tmp_path) == wanted
    assert asked(tmp_path, all="", to="", **{"from": ""}).left_open == ()


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"name": "Grade"}, "line 1, name: it must be 3 to 60 small letters"),
        ({"name": "../x"}, "line 1, name: it must be 3 to 60 small letters"),
        ({"name": "country_month_risk"}, "line 1, name: a published table has this name"),
        ({"groups": "[kind, pupil_key]"}, "line 2, groups.2: it must be one of atvk_code, kind"),
        ({"groups": "[kind, kind]"}, "line 2, groups: it must name one or more, each once"),
        ({"groups": "[school_reg_no, grade]"}, "line 2, groups: schools are published in all and by band only"),
        ({"all": "[sex]"}, "line 3, all.1: it must be one of kind, grade"),
        ({"counts": "[at_rsk]"}, "line 4, counts.1: it must be one of at_risk, open_nv (did you mean at_risk?)"),
        ({"counts": "[]"}, "line 4, counts: it must name one or more"),
        ({"from": "2025-13"}, "line 5, from: it must be a month such as 2025-09"),
        ({"to": "2025-08"}, "line 6, to: it must not lie before 2025-09"),
        ({"colour": "red"}, "line 7, colour: there is no such key"),
    ],
)
def test_what_cannot_be_had_is_refused(tmp_path: Path, changed: dict[str, str], rule: str):
    with pytest.raises(ImportRefused, match=f"^table.yaml, {re.escape(rule)}"):
        asked(tmp_path, **changed)


def test_the_table_counts_groups_and_their_sums(tmp_path: Path):
    rows = [
        ("2025-09", "2025-09-29", "general", "7", 20, 3, None),
        ("2025-09", "2025-09-29", "general", "7", 10, 1, 4),
        ("2025-09", "2025-09-29", "general", "8", 15, 2, None),
        ("2026-06", "2026-06-29", "general", "8", 15, 2, 1),
    ]
    inner = pl.DataFrame(rows, ["period", "as_of", "kind", "grade", "pupils", *COLUMNS], orient="row")
    table = asked(tmp_path).table(inner)
    assert (table.name, table.group_columns) == ("grade_of_kind", ("kind", "grade"))
    assert table.frame.drop("as_of").sort("grade").rows() == [
        ("2025-09", "general", "7", 30, 4, 4),
        ("2025-09", "general", "8", 15, 2, None),
        ("2025-09", "general", "all", 45, 6, 4),
    ]
