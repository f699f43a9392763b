"""Many countries of many shapes, each attacked by somebody with a solver; two years of releases of some."""

import polars as pl
import pytest

from models.disclosure import attack
from tests.effort import effort
from tests.models.disclosure_world import COUNTS, NESTED, protect, tables, world
from tests.models.test_disclosure_seen import release_for_two_years

pytestmark = pytest.mark.slow
ERROR = 1.4  # pupils, on average


def test_in_two_hundred_countries_no_count_has_fewer_than_five_values():
    errors = []
    for seed in range(effort(200, 2000)):
        inner = world(seed, 2 + seed % 4, 6 + seed % 5, 2 + seed % 3, size=3 + seed % 9, counts=3)
        raw = tables(inner, others=COUNTS[1:])
        made = protect(raw, inner, NESTED)
        found = attack(made, inner, NESTED, is_thorough=True)
        assert found.height > 30, seed
        assert not found["is_too_narrow"].any(), seed
        for published, truth in zip(made, raw, strict=True):
            joined = published.frame.join(truth.frame, on=["period", *truth.group_columns], suffix="_raw")
            errors.append((joined["pupils_a"] - joined["pupils_a_raw"]).abs().drop_nulls())
    assert pl.concat(errors).mean() <= ERROR


@pytest.mark.parametrize("seed", range(effort(12, 200)))
def test_two_years_of_releases_narrow_no_count(seed: int):
    release_for_two_years(10_001 + seed)
