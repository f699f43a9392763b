"""The page of an indicator says what the rule, the query, the examples, the literature and the measuring say."""

from pathlib import Path

import polars as pl
import pytest

from assets.queries import query_of
from models.indicator_report import percent
from pipelines import indicator_pages as pages
from pipelines import measured
from pipelines.formula import formula
from pipelines.page import ROOT, cell, rows
from tests.indicator_example import reasons, told

RULES = rows("risk.indicator_rule")
PUBLISHED = {row["indicator"]: row for row in rows("risk.published_indicator")}
RULES_BY_NAME = {rule["indicator"]: rule for rule in RULES}
UNLISTED = {rule["indicator"] for rule in RULES if rule["family"] == "coverage"}
INDICATORS = sorted({rule["indicator"] for rule in RULES})


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return pages.indicator_pages()


def page(made: dict[str, str], indicator: str) -> str:
    return made[f"docs/reference/indicators/{indicator}.md"]


def test_there_is_a_page_for_every_indicator_and_no_other(made: dict[str, str]):
    assert sorted(Path(name).stem for name in made if "/indicators/" in name) == INDICATORS


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["indicator"])
def test_a_page_holds_the_rule_in_both_languages(made: dict[str, str], rule: dict[str, str]):
    text = page(made, rule["indicator"])
    words = ("label_lv", "label_en", "definition_lv", "definition_en", "authority", "reason_lv", "reason_en", "period")
    assert [name for name in words if cell(rule[name]) not in text] == []
    assert f"| Raised when | `{rule['measure']} {rule['comparison']} {float(rule['threshold']):g}` |" in text


@pytest.mark.parametrize("indicator", INDICATORS)
def test_a_page_shows_examples_that_are_tests(made: dict[str, str], indicator: str):
    text = page(made, indicator)
    assert told(indicator)
    assert all(f"| {row.pupil} | {row.happened} | {row.number} | {row.verdict} |" in text for row in told(indicator))
    for key, example in pages.shown().get(indicator, []):
        title = example.split("\n", 1)[0].removeprefix("### ")
        query_tests = (ROOT / "tests" / "sql" / f"{key.replace('.', '/')}.md").read_text(encoding="utf-8")
        assert f"\n## {title}\n" in query_tests
        assert f"\n### {title}\n" in text
        assert "\nShows `" not in text


@pytest.mark.parametrize("indicator", [i for i in INDICATORS if i not in UNLISTED])
def test_a_page_quotes_what_the_list_would_say(made: dict[str, str], indicator: str):
    raised = next(row for row in told(indicator) if row.verdict == "raised")
    in_latvian, in_english = pages.on_the_list(RULES_BY_NAME[indicator])
    assert f"Of {raised.pupil} the list says: *{in_english}*" in page(made, indicator)
    assert f"*{in_latvian}*" in page(made, indicator)
    assert in_latvian in reasons(indicator, raised)["lv"].split("; ")
    assert in_english in reasons(indicator, raised)["en"].split("; ")


def test_what_says_that_nothing_is_known_is_no_reason(made: dict[str, str]):
    assert sorted(UNLISTED) == ["no_data", "short_history", "stale_data"]
    assert [name for name in UNLISTED if "the list says" in page(made, name)] == []


@pytest.mark.parametrize("indicator", INDICATORS)
def test_a_page_tells_the_published_figures_or_that_there_are_none(made: dict[str, str], indicator: str):
    text, nearest = page(made, indicator), PUBLISHED.get(indicator)
    assert ("no published figures found" in text) == (nearest is None)
    if nearest:
        shares = [percent(float(nearest[name])) for name in ("sensitivity", "specificity", "precision", "base_rate")]
        assert f"| In the literature | {' | '.join(shares)} |" in text
        assert nearest["difference"] in text
        assert f"{nearest['study']} {nearest['study_year']}" in text


@pytest.mark.parametrize("indicator", INDICATORS)
def test_a_page_says_that_our_figures_are_of_invented_pupils(made: dict[str, str], indicator: str):
    text = page(made, indicator)
    assert "these pupils are invented" in text
    assert "`pumpurs evaluate`" in text


def test_what_was_measured_is_of_every_rule():
    measured_of = measured.read_measured(ROOT).select("indicator", "version").rows()
    assert sorted(measured_of) == sorted((rule["indicator"], rule["version"]) for rule in RULES)


def test_our_figures_are_those_measured(made: dict[str, str]):
    row = measured.read_measured(ROOT).row(by_predicate=pl.col("indicator") == "unexcused_10", named=True)
    left = row["raised_left"] + row["not_raised_left"]
    assert f"| {row['raised_left']} of {left} (" in page(made, "unexcused_10")


def test_few_children_of_health_are_withheld(monkeypatch: pytest.MonkeyPatch):
    small = measured.read_measured(ROOT).with_columns(raised_left=pl.lit(2))
    monkeypatch.setattr(pages, "read_measured", lambda root: small)
    pages._found.cache_clear()
    try:
        made = pages.indicator_pages()
    finally:
        pages._found.cache_clear()
    assert "withheld: it tells of health" in page(made, "ill_4w")
    assert "withheld" not in page(made, "unexcused_10")


def test_an_indicator_that_was_not_measured_names_the_next_step(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pages, "_found", dict)
    with pytest.raises(LookupError, match=r"pipelines\.reference --measure"):
        pages.indicator_pages()


@pytest.mark.parametrize(
    ("measure", "made_in", "part"),
    [
        ("absence_rate_4w", "risk.pupil_week_attendance_measure", "missed_4w / nullif(held_4w, 0)"),
        ("mark_mean_12w", "risk.pupil_week_mark_trend", "mark.marks_12w >= least.marks"),
        ("works_missed", "risk.pupil_week_mark_measure", "sum(absent_marks)"),
        ("school_changes_year", "risk.pupil_week_path_measure", "schools - 1"),
    ],
)
def test_a_measure_is_followed_back_to_the_expression_that_makes_it(measure: str, made_in: str, part: str):
    key, expression = formula("risk.pupil_week_measure", measure)
    assert key == made_in
    assert part in expression
    assert part in " ".join(query_of(key).split())


def test_a_column_that_only_has_a_name_is_told_by_it():
    assert formula("risk.pupil_week_measure", "grade")[1] == "grade"


@pytest.mark.slow
def test_what_is_kept_is_what_the_invented_country_makes(tmp_path: Path, environment: Path):
    assert measured.measured(tmp_path / "home") == (ROOT / measured.PLACE).read_text(encoding="utf-8")
