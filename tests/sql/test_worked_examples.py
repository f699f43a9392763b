"""Every query is shown at work, and does what its examples say."""

import pytest

from tests.worked_example import FOLDER, Example, read_examples, run

FILES = sorted(FOLDER.glob("*/*.md"))
EXAMPLES = [example for path in FILES for example in read_examples(path)]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: f"{e.key}: {e.title}")
def test_a_query_makes_what_its_example_shows(example: Example) -> None:
    expected, actual = run(example)
    assert actual == expected
