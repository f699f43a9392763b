"""What waits in the support of named pupils: shown by role, with details of home for the school alone, and logged."""

import json
import random
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from assets.case_list import NoSuchList, covers, find_place
from assets.home import Home
from assets.issued import RUN, issue
from assets.replay import needed
from assets.stand import Days
from assets.support_list import SupportList, log_support, read_support
from data_contracts.contract import load
from tests.assets.history import Weeks, registers, roll
from tests.assets.kit import SCHOOL, Country, code_of

MONDAY = date(2024, 10, 14)
TOWN = "LV00100"


def _role(login: str, role: str, organisation: str, **more: Any) -> dict[str, Any]:
    return {"login": login, "role": role, "organisation": organisation, "valid_from": "2024-09-01"} | more


ROLES = [
    _role("skola", "school_coordinator", SCHOOL, valid_to=None, delegated_by=None),
    _role("novads", "municipal_coordinator", TOWN, valid_to=None, delegated_by=None),
    _role("vietnieks", "school_coordinator", SCHOOL, valid_to=None, delegated_by="skola"),
    _role("bijusais", "school_coordinator", SCHOOL, valid_to="2024-09-30", delegated_by=None),
    _role("bijusa-vietnieks", "school_coordinator", SCHOOL, valid_to=None, delegated_by="bijusais"),
    _role("vietnieka-vietnieks", "school_coordinator", SCHOOL, valid_to=None, delegated_by="vietnieks"),
    _role("nepareizs", "school_coordinator", TOWN, valid_to=None, delegated_by=None),
    _role("atbalsta-persona", "support_person", SCHOOL, valid_to=None, delegated_by=None),
]


def _case(number: int, noticed: str, spoken: str | None) -> dict[str, Any]:
    about = {"case_id": f"AG-{number}", "person_code": code_of(number), "school_reg_no": SCHOOL}
    days = {"noticed_on": noticed, "spoken_on": spoken, "supported_on": None, "closed_on": None, "outcome": None}
    return about | {"noticed_by": "class_teacher", "basis": "person"} | days


def _plan(number: int, status: str) -> dict[str, Any]:
    about = {"plan_id": f"IAP-{number}", "person_code": code_of(number), "school_reg_no": SCHOOL, "programme": "own"}
    when = {"school_year": "2024/2025", "semester": 1, "status_on": "2024-09-20", "opened_on": "2024-09-10"}
    return about | when | {"status": status, "closed_on": None}


def _risk(number: int, group: str, risk: str) -> dict[str, Any]:
    about = {"person_code": code_of(number), "school_reg_no": SCHOOL, "risk_code": risk, "risk_group": group}
    return about | {"identified_on": "2024-09-12", "identified_by": "social_pedagogue", "basis": "conversation"}


SUPPORT: dict[str, list[dict[str, Any]]] = {
    "role_assignment": ROLES,
    "support_case": [_case(1, "2024-09-05", None), _case(2, "2024-10-10", None)],
    "support_plan": [_plan(3, "in_progress")],
    "support_measure": [
        {"plan_id": "IAP-3", "measure_no": 1, "risk_group": "learning_school", "measure_code": "consultation"}
    ],
    "pupil_risk": [_risk(3, "family", "parental_addiction"), _risk(3, "social_health", "often_ill")],
    "staff_feedback": [
        {"answer_id": f"A-{n}", "school_reg_no": SCHOOL, "month": "2024-03", "about": "supervision",
         "question": "can_cope", "rating": 4} for n in range(11)
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def supported(tmp_path_factory: pytest.TempPathFactory) -> Country:
    """Give a country with cases, a plan and risks, on a Monday in October."""
    root = tmp_path_factory.mktemp("support")
    country = Country(Home(root / "home", root / "secrets"))
    country.home.prepare()
    with country.one_session() as session:
        weeks = Weeks(session, random.Random(0))
        weeks.deliver(registers() | SUPPORT, "2024-09-25T08:00:00+03:00")
        for week in range(6):
            told_on = (
                f"{date(2024, 9, 7 + 7 * week) if week < 4 else date(2024, 10, 5 + 7 * (week - 4))}T15:00:00+03:00"
            )
            note = {"mode": "delta", "shape": "roll"}
            weeks.deliver({"attendance": roll(week, range(1, 7))}, told_on, attendance=note)
        weeks.stand_on(Days(MONDAY, MONDAY))
        issued = {"listed.attention_list", "risk.stand"}
        for key in needed(["listed.school_support", "listed.staff_feedback"]):
            if key not in issued:
                session.warehouse.build(key)
    return country


def look(country: Country, login: str, place: str = SCHOOL, capacity: int = 99) -> SupportList:
    return read_support(country.warehouse, place, capacity, (login, MONDAY))


def matters(shown: SupportList) -> set[tuple[str, str]]:
    return set(shown.matters.select("matter", "detail").rows())


def test_the_school_reads_what_waits_with_names_and_details(supported: Country):
    shown = look(supported, "skola")
    assert shown.shows_detail
    assert (shown.as_of, shown.known_on) == (MONDAY, MONDAY)
    assert {("not_spoken_with", "AG-1"), ("one_party", "AG-1"), ("risk_without_measure", "family"),
            ("risk_without_measure", "social_health")} <= matters(shown)  # fmt: skip
    assert ("not_spoken_with", "AG-2") not in matters(shown)  # noticed four days ago
    assert "Anna Liepa" in shown.matters["name"].to_list()
    assert shown.feedback.select("answers_at_least", "rating").rows() == [(10, 4.0)]


def test_the_law_comes_first_and_papers_last(supported: Country):
    shown = look(supported, "skola")
    order = list(dict.fromkeys(shown.matters["matter"]))
    assert order[0] == "report_owed"
    assert order.index("not_spoken_with") < order.index("one_party")


def test_a_municipality_does_not_read_of_health_or_family(supported: Country):
    shown = look(supported, "novads")
    assert not shown.shows_detail
    assert [detail for matter, detail in shown.matters.select("matter", "detail").rows() if "risk" in matter] == [""]
    assert shown.feedback.is_empty()
    everything = json.dumps(shown.matters.to_dicts(), default=str)
    assert not any(word in everything for word in ("family", "health", "addiction", "ill"))


@pytest.mark.parametrize("login", ["", "atbalsta-persona", "bijusais", "nepareizs"])
@pytest.mark.parametrize("place", [SCHOOL, TOWN])
def test_whom_no_role_covers_reads_nothing_at_all(supported: Country, login: str, place: str):
    """Exact counts of one school are what a release protects: they are not for whoever sits at the machine."""
    with pytest.raises(NoSuchList, match="no role of yours covers it"):
        look(supported, login, place)


def test_a_municipality_reads_its_schools(supported: Country):
    shown = look(supported, "novads", TOWN)
    assert shown.schools["school_reg_no"].to_list() == [SCHOOL]
    assert shown.total == look(supported, "novads").total
    assert look(supported, "novads", TOWN, 1).matters.height == 1


@pytest.mark.parametrize(
    ("login", "day", "is_covered"),
    [
        ("vietnieks", MONDAY, True),
        ("bijusais", date(2024, 9, 30), True),
        ("bijusais", date(2024, 10, 1), False),
        ("bijusa-vietnieks", date(2024, 9, 30), True),
        ("bijusa-vietnieks", date(2024, 10, 1), False),
        ("vietnieka-vietnieks", MONDAY, False),
        ("nepareizs", MONDAY, False),
    ],
)
def test_who_stands_in_sees_what_the_other_may_see_and_no_longer(
    supported: Country, login: str, day: date, is_covered: bool
):
    warehouse = supported.warehouse
    place = find_place(issue(warehouse, MONDAY, MONDAY, RUN), SCHOOL, warehouse.query("select 1").clear())
    assert covers(warehouse, login, day, place) == is_covered


def test_a_place_that_is_none_or_several_is_said(supported: Country):
    with pytest.raises(NoSuchList, match="2 schools or municipalities fit 'skola'"):
        look(supported, "skola", "skola")
    with pytest.raises(NoSuchList, match="0 schools"):
        look(supported, "skola", "nav tādas")


def test_every_look_is_logged_without_a_name(supported: Country, tmp_path: Path):
    home = Home(tmp_path, tmp_path / "secrets")
    for login in ("skola", "novads"):
        log_support(home, login, look(supported, login), datetime(2024, 10, 14, 8, 0, tzinfo=UTC))
    lines = [json.loads(line) for line in (tmp_path / "access.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(line["no"], line["person"], line["named"], line["detail"]) for line in lines] == [
        (1, "skola", True, True),
        (2, "novads", True, False),
    ]
    assert "Anna" not in (tmp_path / "access.jsonl").read_text(encoding="utf-8")


def test_a_code_that_holds_a_personal_code_is_not_let_in(supported: Country, tmp_path: Path):
    """It would be shown to people who see no names, and published with the state of a request."""
    country = supported.copy(tmp_path / "home")
    request = {"organisation": "Skola", "asker_role": "teacher", "topic": "T2", "asked_on": "2024-10-01"}
    codes = ["2024-001", "20260302-00012", "010190-12345", "KP-01019012345", "010190/12345"]
    country.deliver("asked", {"consultation_request": [request | {"request_id": code} for code in codes]})
    country.take_in("consultation_request")
    assert country.rows("request_id", "consultation_request") == [("2024-001",), ("20260302-00012",)]
    assert sum(country.waiting("consultation_request").values()) == 3


@pytest.mark.parametrize("code", ["JANIS-BERZINS-8A", "Jānis", "KP--1", "KPPP-1", "010190_12345"])
def test_a_code_that_is_published_has_no_room_for_a_name(code: str):
    pattern = load("raw.consultation_request").column("request_id").pattern
    assert pattern
    assert not re.fullmatch(pattern, code)
