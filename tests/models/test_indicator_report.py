"""How each indicator did is told so that nobody can mistake it, and an indicator of health names no few children."""

from typing import Any

import polars as pl
import pytest

from models.indicator_report import COUNTS, HEADS, SHARES, indicator_text, without_small_health_counts

CAUGHT = {
    "indicator": "chronic_absence", "version": 1, "is_health": False, "as_of_days": 2, "first_as_of": "2024-12-23",
    "last_as_of": "2025-12-22", "raised_left": 12, "raised_stayed": 588, "not_raised_left": 18,
    "not_raised_stayed": 1382, "no_data_left": 0, "no_data_stayed": 1200, "sensitivity": 0.4, "specificity": 0.7015,
    "precision": 0.02, "base_rate": 0.015, "study": "Balfanz et al.", "study_year": 2007, "measured": "Attended less",
    "nearness": "alike", "published_sensitivity": 0.233, "published_specificity": 0.936, "published_precision": 0.83,
    "published_base_rate": 0.572,
}  # fmt: skip
PUBLISHED = [name for name in CAUGHT if name.startswith("published_")]
UNKNOWN = dict.fromkeys(("study", "study_year", "measured", "nearness", *PUBLISHED))


def rows(*changes: dict[str, Any]) -> pl.DataFrame:
    return without_small_health_counts(pl.DataFrame([CAUGHT | change for change in changes], infer_schema_length=None))


def cells(text: str, indicator: str) -> list[str]:
    line = next(line for line in text.splitlines() if line.startswith(f"| {indicator} "))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_a_row_says_raised_of_all_caught_of_those_who_left_and_left_of_those_raised():
    text = indicator_text(rows({}), 84)
    assert cells(text, "chronic_absence") == [
        "chronic_absence", "600 of 2,000 (30 %)", "12 of 30 (40 %)", "12 of 600 (2.0 %)", "1,200",
        "23 %", "83 %", "57 %", "alike: Attended less (Balfanz et al. 2007)",
    ]  # fmt: skip
    assert "2 days from 2024-12-23 to 2025-12-22" in text
    assert "within 84 days after it: 30 of 3,200 (0.9 %)" in text


def test_a_later_version_is_named_and_a_missing_relative_is_said():
    text = indicator_text(rows({}, {"version": 2} | UNKNOWN), 84)
    assert cells(text, "chronic_absence version 2")[-1] == "no published figures found"


def test_where_nobody_was_raised_there_is_no_share():
    nobody = {"raised_left": 0, "raised_stayed": 0, "precision": None}
    assert cells(indicator_text(rows(nobody), 84), "chronic_absence")[3] == "0 of 0"


def test_columns_stand_under_each_other():
    table = [line for line in indicator_text(rows({}, {"indicator": "x"}), 84).splitlines() if line.startswith("|")]
    assert len({len(line) for line in table}) == 1
    assert [cell.strip() for cell in table[0].strip("|").split("|")] == list(HEADS)


def test_without_a_known_outcome_it_says_when_there_will_be_one():
    text = indicator_text(rows({"as_of_days": 0, "first_as_of": None, "last_as_of": None}), 84)
    assert "not known yet" in text
    assert "84 days after it" in text
    assert "|" not in text


@pytest.mark.parametrize("small", COUNTS)
def test_an_indicator_of_health_with_a_small_count_shows_no_number_at_all(small: str):
    frame = rows({"is_health": True, small: 4}, {})
    withheld, shown = frame.to_dicts()
    assert [withheld[name] for name in (*COUNTS, *SHARES)] == [None] * 10
    assert shown["raised_left"] == 12
    line = cells(indicator_text(frame, 84), "chronic_absence")
    assert line[1:5] == ["withheld: health, fewer than 5", "", "", ""]


def test_an_indicator_of_health_with_large_counts_or_none_is_shown():
    large = {"is_health": True, "no_data_left": 5, "raised_left": 0, "sensitivity": 0.0}
    assert rows(large)["raised_stayed"].to_list() == [588]
    assert not rows(large)["is_withheld"].any()
