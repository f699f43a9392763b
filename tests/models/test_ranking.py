from itertools import permutations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from models.ranking import Ordering, chance_of_place, interval, precision, pupil_resamples, recall

SCORES = st.lists(st.integers(0, 3), min_size=1, max_size=6)


def chances(scores: list[float], places: int, groups: list[int] | None = None) -> np.ndarray:
    rows = pl.DataFrame({"score": scores, "school": groups or [0] * len(scores)})
    return rows.select(chance_of_place("score", pl.lit(places), ["school"])).to_series().to_numpy()


def chances_by_enumeration(scores: list[int], places: int) -> np.ndarray:
    """List every order in which ties can fall and count who gets a place."""
    counts, orders = np.zeros(len(scores)), list(permutations(range(len(scores))))
    for lot in orders:
        listed = sorted(range(len(scores)), key=lambda row: (-scores[row], lot[row]))[:places]
        counts[listed] += 1
    return counts / len(orders)


@settings(deadline=None, max_examples=60)
@given(scores=SCORES, places=st.integers(1, 7))
def test_chances_under_ties_are_the_average_of_all_orders(scores, places):
    assert chances(scores, places) == pytest.approx(chances_by_enumeration(scores, places))


@settings(deadline=None, max_examples=40)
@given(scores=SCORES, places=st.integers(1, 7), data=st.data())
def test_precision_and_recall_are_the_average_of_all_orders(scores, places, data):
    flags = st.lists(st.booleans(), min_size=len(scores), max_size=len(scores)).filter(any)
    left = np.array(data.draw(flags), dtype=float)
    expected_hits = chances_by_enumeration(scores, places) @ left
    assert precision(chances(scores, places), left) == pytest.approx(expected_hits / min(places, len(scores)))
    assert recall(chances(scores, places), left) == pytest.approx(expected_hits / left.sum())


def test_places_are_given_within_each_group():
    assert chances([9, 8, 1, 1], 1, [1, 1, 2, 2]).tolist() == [1, 0, 0.5, 0.5]


def test_without_ties_a_list_is_the_highest():
    assert chances([0.1, 0.9, 0.5], 2).tolist() == [0, 1, 1]


@given(rows=st.lists(st.tuples(st.integers(-3, 3), st.booleans()), min_size=2, max_size=40))
def test_auc_and_average_precision_agree_with_scikit_learn_under_ties(rows):
    score, left = np.array([r[0] for r in rows], dtype=float), np.array([r[1] for r in rows], dtype=float)
    if 0 < left.sum() < len(left):
        ordering = Ordering.of(score, left)
        assert ordering.auc(np.ones_like(left)) == pytest.approx(roc_auc_score(left, score))
        assert ordering.average_precision() == pytest.approx(average_precision_score(left, score))


def test_a_weight_counts_a_row_as_often():
    draw = np.random.default_rng(1)
    score, left = draw.integers(0, 5, 60).astype(float), (draw.random(60) < 0.3).astype(float)
    weights = draw.integers(0, 4, 60)
    repeated = roc_auc_score(np.repeat(left, weights), np.repeat(score, weights))
    assert Ordering.of(score, left).auc(weights.astype(float)) == pytest.approx(repeated)


def test_auc_without_a_pair_is_not_a_number():
    ordering = Ordering.of(np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    assert np.isnan(ordering.auc(np.array([1.0, 0.0])))


def test_resamples_draw_as_many_pupils_as_there_are_and_are_repeatable():
    drawn = list(pupil_resamples(50, 20, seed=7))
    assert [weights.sum() for weights in drawn] == [50] * 20
    assert np.array_equal(drawn, list(pupil_resamples(50, 20, seed=7)))
    assert not np.array_equal(drawn[0], drawn[1])


def test_an_interval_leaves_out_a_fortieth_at_each_end_and_what_is_not_a_number():
    low, high = interval([*np.linspace(0, 1, 1001), float("nan")])
    assert (low, high) == pytest.approx((0.025, 0.975))
