"""A contract may gain a column: what was taken in before has it as empty, and what waited is still tried."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from data_contracts import contract, intake
from data_contracts.contract import load
from tests.assets.kit import OTHER_SCHOOL, SCHOOL, Country, institution

GAINED = ("seats", "risk_stage", "run", "led_by", "material", "follow_up_on", "programme")


def _forget() -> None:
    load.cache_clear()
    for cached in (getattr(intake, name) for name in dir(intake)):
        if hasattr(cached, "cache_clear"):
            cached.cache_clear()


@contextmanager
def _before(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Take the columns back that raw.staff_support gained, and the rule about them."""
    shutil.copytree(contract.FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
    path = folder / "raw" / "staff_support.yaml"
    told = yaml.safe_load(path.read_text(encoding="utf-8"))
    table = told["schema"][0]
    table["properties"] = [column for column in table["properties"] if column["name"] not in GAINED]
    table["quality"] = [rule for rule in table["quality"] if "seats" not in rule["implementation"]]
    path.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(contract, "FOLDER", folder)
        _forget()
        yield
    _forget()


def _event(code: str, school: str = SCHOOL, **more: Any) -> dict[str, Any]:
    about = {"support_id": code, "school_reg_no": school, "kind": "supervision", "topic": "burnout"}
    return about | {"planned_on": "2024-10-01", "held_on": None, "participants": 8, "hours": 3, "mode": "remote"} | more


def test_a_part_from_before_has_a_gained_column_as_empty(registered: Country, tmp_path: Path, monkeypatch):
    country = registered.copy(tmp_path / "home")
    with _before(tmp_path / "contracts", monkeypatch):
        country.deliver("a", {"staff_support": [_event("A"), _event("B"), _event("C", OTHER_SCHOOL)]}, on="2024-09-10")
        country.take_in()
        assert "seats" not in load("raw.staff_support").column_names
    country.deliver("b", {"staff_support": [_event("B", seats=10, programme="own")]}, on="2024-09-20")
    country.take_in()
    rows = country.rows("support_id, seats, programme", "staff_support")
    assert rows[:2] == [("A", None, None), ("B", 10, "own")]
    versions = country.query("select support_id, seats from history.staff_support order by support_id, version")
    assert versions[:3] == [("A", None), ("B", None), ("B", 10)]


def test_what_waited_from_before_is_tried_and_stands(registered: Country, tmp_path: Path, monkeypatch):
    country, unknown = registered.copy(tmp_path / "home"), "4112999999"
    with _before(tmp_path / "contracts", monkeypatch):
        country.deliver("a", {"staff_support": [_event("A"), _event("W", unknown)]}, on="2024-09-10")
        country.take_in()
        assert country.waiting("staff_support") == {"school_reg_no_known": 1}
    country.deliver("b", {"institution": [institution(unknown)]}, on="2024-09-20")
    country.take_in()
    assert country.waiting("staff_support") == {}
    assert country.rows("support_id, seats", "staff_support") == [("A", None), ("W", None)]


def test_a_withdrawal_finds_a_row_from_before(registered: Country, tmp_path: Path, monkeypatch):
    country = registered.copy(tmp_path / "home")
    with _before(tmp_path / "contracts", monkeypatch):
        country.deliver("a", {"staff_support": [_event("A"), _event("B")]}, on="2024-09-10")
        country.take_in()
    note = {"staff_support": {"mode": "delta", "deleted": True}}
    country.deliver("b", {"staff_support": [_event("A")]}, on="2024-09-20", notes=note)
    country.take_in()
    assert country.rows("support_id, seats", "staff_support") == [("B", None)]


def test_a_part_of_before_may_come_after_one_of_today(registered: Country, tmp_path: Path, monkeypatch):
    """Somebody went back to an older version for a day."""
    country = registered.copy(tmp_path / "home")
    country.deliver("a", {"staff_support": [_event("A", seats=10)]}, on="2024-09-10")
    country.take_in("staff_support")
    with _before(tmp_path / "contracts", monkeypatch):
        country.deliver("b", {"staff_support": [_event("B")]}, on="2024-09-20")
        country.take_in("staff_support")
    country.take_in()
    assert country.rows("support_id, seats", "staff_support") == [("A", 10), ("B", None)]
