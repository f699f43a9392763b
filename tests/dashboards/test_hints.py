"""Topics are hinted at from published values alone, only where the whole interval says so, and T1 never."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from dashboards.hints import HINTED, NOT_HINTED, OPEN_QUESTION, Hints, Span, judged, spread
from dashboards.language import Language
from dashboards.pages import Site
from dashboards.place import places
from dashboards.release import Release, read
from tests.dashboards.test_municipal_page import words_of
from tests.dashboards.wide_country import POLICY

PROTECTION = {"base": 5, "min_range_base": 10, "max_error": 4, "min_share_base": 30}
CODE = "0026000"


@pytest.mark.parametrize(
    ("span", "state"),
    [
        (Span(15.1, 18), HINTED),
        (Span(15, 18), OPEN_QUESTION),  # the lower end is the threshold, not above it
        (Span(12, 18), OPEN_QUESTION),
        (Span(12, 15), NOT_HINTED),
        (Span(2, 3), NOT_HINTED),
        (None, OPEN_QUESTION),
    ],
)
def test_a_share_hints_only_where_both_its_ends_do(span: Span | None, state: str):
    assert judged(span, 15) == state


@pytest.mark.parametrize(
    ("schools", "state"),
    [
        ([(400, 38, 42), (400, 36, 44), (300, 26, 34)], NOT_HINTED),
        ([(400, 38, 42), (400, 116, 124), (300, 26, 34)], HINTED),
        ([(20, 0, 4), (20, 0, 4)], NOT_HINTED),
        ([(20, 0, 0), (20, 0, 4)], OPEN_QUESTION),  # one at risk among forty: nothing could be seen
        ([(400, 38, 42)], OPEN_QUESTION),
        ([], OPEN_QUESTION),
    ],
)
def test_schools_are_spread_only_where_chance_does_not_explain_it(schools: list[tuple[int, int, int]], state: str):
    assert spread(schools, 1) == state


def _published(chance: np.random.Generator, pupils: np.ndarray, shares: np.ndarray) -> list[tuple[int, int, int]]:
    """Draw counts at risk and round them as a release does: to a multiple of 5, up or down."""
    counts = chance.binomial(pupils, shares)
    shown = 5 * (counts // 5 + (chance.random(len(pupils)) < (counts % 5) / 5))
    return [(int(n), max(0, int(c) - 4), min(int(n), int(c) + 4)) for n, c in zip(pupils, shown, strict=True)]


@pytest.mark.parametrize("schools", [2, 6, 20, 60])
def test_schools_of_one_share_are_hinted_at_about_as_rarely_as_the_limit_says(schools: int):
    chance = np.random.default_rng(schools)
    pupils = chance.integers(60, 400, schools)
    drawn = [spread(_published(chance, pupils, np.full(schools, 0.15)), 1) for _ in range(400)]
    assert drawn.count(HINTED) <= 10
    assert drawn.count(OPEN_QUESTION) == 0


@pytest.mark.parametrize("schools", [6, 20, 60])
def test_a_real_spread_between_schools_is_found(schools: int):
    chance = np.random.default_rng(schools)
    pupils, shares = chance.integers(60, 400, schools), np.linspace(0.08, 0.3, schools)
    drawn = [spread(_published(chance, pupils, shares), 1) for _ in range(100)]
    assert drawn.count(HINTED) >= 95


def frames(**more: Any) -> dict[str, pl.DataFrame]:
    """Return a release's tables about one municipality: 400 pupils, 100 of them in a vocational school."""
    about = {"period": "2026-05", "as_of": date(2026, 5, 25), "atvk_code": CODE, "name_lv": "Cēsu novads"}
    about |= {"name_en": "Cēsis Municipality", "pupils": 400}

    def counted(column: str, low: int, high: int, pupils: int = 400) -> dict[str, Any]:
        share = round(100 * (low + high) / 2 / pupils)
        return {column: (low + high) // 2, f"{column}_status": "rounded", f"{column}_low": low,
                f"{column}_high": high, f"{column}_share_percent": share}  # fmt: skip

    risk = counted("pupils_at_risk", 41, 49) | counted("pupils_raised_subjects_below_4", 71, 79)
    risk |= counted("pupils_raised_over_age", 1, 9)
    absence = {"kind": "all", "lessons_missed_unexcused_status": "rounded", "lessons_missed_unexcused_low": 4.0,
               "lessons_missed_unexcused_high": 5.0}  # fmt: skip
    school = {"school_reg_no": "9900000001", "name": "Skola", "atvk_code": CODE}
    told = {
        "municipality_month_risk": [about | risk | more],
        "municipality_month_absence": [about | absence],
        "municipality_kind_month_risk": [about | {"kind": kind, "pupils": n} for kind, n in
                                         (("general", 250), ("vocational", 150))],
        "school_month_risk": [
            about | school | {"pupils": 200} | counted("pupils_at_risk", low, low + 8, 200) for low in (3, 61)
        ],
    }  # fmt: skip
    return {name: pl.DataFrame(rows) for name, rows in told.items()}


def hints(policy: dict[str, float] | None = None, **tables: pl.DataFrame) -> dict[str, str]:
    """Return the state of each topic."""
    made = frames() | tables
    report = {
        "release_id": "x",
        "labels": {},
        "policy": POLICY | {"hint_open_percent": 3.0} if policy is None else policy,
        "tables": {name: {"protection": PROTECTION} for name in made},
    }
    release = Release(Path(), report, dict(made))
    (place,) = places(release, Language("lv"))
    return {hint.topic: hint.state for hint in Hints(release, Language("lv"), place).all()}


def test_each_topic_has_a_state_and_t1_is_for_people():
    assert hints() == {"T1": "people", "T2": HINTED, "T3": HINTED, "T4": HINTED, "T5": HINTED}


def test_what_a_release_lacks_or_withholds_cannot_be_told():
    nothing = pl.DataFrame(schema={"period": pl.String, "atvk_code": pl.String, "kind": pl.String})
    withheld = frames(pupils_raised_subjects_below_4=None, pupils_raised_subjects_below_4_status="withheld",
                      pupils_raised_subjects_below_4_low=None, pupils_raised_subjects_below_4_high=None,
                      pupils_raised_subjects_below_4_share_percent=None)  # fmt: skip
    names = ("municipality_month_absence", "school_month_risk", "municipality_kind_month_risk")
    told = hints(municipality_month_risk=withheld["municipality_month_risk"], **dict.fromkeys(names, nothing))
    assert told == {"T1": "people", "T2": OPEN_QUESTION, "T3": OPEN_QUESTION, "T4": OPEN_QUESTION, "T5": OPEN_QUESTION}


def test_a_release_without_thresholds_hints_at_nothing():
    assert hints({}) == {}


def test_another_threshold_gives_another_hint():
    assert hints(POLICY | {"hint_open_percent": 5.0})["T2"] == NOT_HINTED
    assert hints(POLICY | {"hint_open_percent": 4.5})["T2"] == OPEN_QUESTION
    high = POLICY | {"hint_vocational_percent": 40.0, "hint_over_age_percent": 2.0}
    assert hints(high)["T5"] == OPEN_QUESTION  # over-age: between 0.25 and 2.25 percent
    assert hints(high | {"hint_over_age_percent": 3.0})["T5"] == NOT_HINTED


def test_the_pack_says_hint_reason_decision_state_and_what_numbers_hide(wide_dir: Path):
    for code, told in {
        "lv": ("prasiet pedagogiem", "izvēlēts: cilvēki prasa", "piedāvāts: 2026. gada 3. jūnijs", "KP-2",
               "vecākiem atkarība", "Pamanīti", "Izdomāti dati"),
        "en": ("ask the teachers", "taken up: people ask for it", "offered: 3 June 2026", "KP-2",
               "addiction of parents", "Noticed", "Invented data"),
    }.items():  # fmt: skip
        text = words_of((wide_dir / "site" / code / "0001000_workshop.html").read_text(encoding="utf-8"))
        for word in told:
            assert word in text


def test_a_release_of_before_has_the_pack_without_what_it_lacks(release_dir: Path):
    site = Site(read(release_dir), Language("lv"))
    text = site.workshop(site.places[0]).text
    assert "Par ko runāt" in text
    assert "Pieteikumu statuss" not in text
    assert "Temati, par kuriem vērts runāt" not in text
