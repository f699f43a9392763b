"""Every indicator is shown raised and, just short of it, not raised, in a teacher's words; the query says the same."""

import re

import pytest

from tests.indicator_example import FOLDER, VERDICTS, rules, told, verdicts
from tests.worked_example import FOLDER as QUERIES

# How far from the threshold a row may lie that is not raised: one of what is counted, a point of a share or a mark.
NEAR = {"percent": 0.06, "points": 0.14, "points a week": 0.014}
SHOWN = re.compile(r"^Shows ((?:`[a-z0-9_]+`(?:, )?)+)\.$", re.MULTILINE)


def test_every_indicator_has_examples_and_every_example_an_indicator() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.md")) == sorted(rules())


@pytest.mark.parametrize("indicator", rules())
def test_the_query_says_what_the_example_says(indicator: str) -> None:
    expected = [(row.value, *VERDICTS[row.verdict]) for row in told(indicator)]
    assert verdicts(indicator) == expected


@pytest.mark.parametrize("indicator", rules())
def test_an_indicator_is_shown_raised_and_just_not_raised(indicator: str) -> None:
    rule, rows = rules()[indicator], told(indicator)
    spared = [
        abs(row.value - rule["threshold"]) for row in rows if row.verdict == "not raised" and row.value is not None
    ]
    assert any(row.verdict == "raised" for row in rows)
    assert min(spared) <= NEAR.get(rule["unit"], 1)


@pytest.mark.parametrize("indicator", rules())
def test_the_words_make_the_number(indicator: str) -> None:
    assert [row.number for row in told(indicator) if row.counted] == [r.counted for r in told(indicator) if r.counted]


def test_what_measures_show_is_an_indicator() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (QUERIES / "risk").glob("*.md")]
    named = {name for text in texts for line in SHOWN.findall(text) for name in re.findall("`(.*?)`", line)}
    assert named <= set(rules())
    # The number of a short history is a plain count of days; of all others an example shows how it is made.
    assert set(rules()) - named == {"short_history"}
