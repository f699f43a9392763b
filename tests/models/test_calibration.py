import numpy as np
import pytest

from models.calibration import brier, calibration_bins, calibration_line


def happened(chance: np.ndarray, seed: int = 3) -> np.ndarray:
    return (np.random.default_rng(seed).random(len(chance)) < chance).astype(float)


CHANCE = 1 / (1 + np.exp(-np.random.default_rng(2).normal(-2, 1.5, 20_000)))


def test_true_chances_lie_on_the_perfect_line():
    line = calibration_line(CHANCE, happened(CHANCE))
    assert line.intercept == pytest.approx(0, abs=0.1)
    assert line.slope == pytest.approx(1, abs=0.05)


def test_chances_that_are_too_extreme_have_a_slope_under_one():
    odds = (CHANCE / (1 - CHANCE)) ** 2
    assert calibration_line(odds / (1 + odds), happened(CHANCE)).slope == pytest.approx(0.5, abs=0.05)


def test_certain_and_separating_chances_fit_quietly():
    line = calibration_line(np.array([0.0, 0.0, 1.0, 1.0] * 10), np.array([0.0, 0.0, 1.0, 1.0] * 10))
    assert np.isfinite(line).all()


def test_bins_are_tenths_that_hold_every_row_once():
    left = happened(CHANCE)
    bins = calibration_bins(CHANCE, left)
    assert bins["bin"].to_list() == list(range(1, 11))
    assert set(bins["count"]) == {2000}
    assert (bins["observed_rate"] * bins["count"]).sum() == pytest.approx(left.sum())
    assert (bins["mean_predicted"] - bins["observed_rate"]).abs().max() < 0.04


def test_equal_chances_share_a_bin_whoever_they_belong_to():
    chance = np.array([0.1] * 95 + [0.9] * 5)
    left = np.array([0.0] * 90 + [1.0] * 10)
    bins = calibration_bins(chance, left)
    assert bins.select("bin", "count").rows() == [(1, 95), (10, 5)]
    turned = calibration_bins(chance[::-1], left[::-1])
    assert bins.equals(turned)


def test_brier_is_the_mean_square():
    assert brier(np.array([0.5, 1.0]), np.array([1.0, 1.0])) == 0.125
    assert brier(0.2, np.array([0.0, 1.0])) == pytest.approx((0.04 + 0.64) / 2)
