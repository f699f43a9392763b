"""Compare predicted chances with what happened."""

from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

Numbers = NDArray[np.float64]
BINS = 10
NEAREST_CERTAIN = 1e-6  # chances carry six decimals: 0 and 1 stand for less than one in a million


class Line(NamedTuple):
    """Observed log-odds as a line over predicted log-odds; (0, 1) is perfect."""

    intercept: float
    slope: float


def calibration_bins(chance: Numbers, left: Numbers) -> pl.DataFrame:
    """Return bin, mean_predicted, observed_rate, count for tenths of rows by chance; equal chances share a bin."""
    rows = pl.DataFrame({"chance": chance, "left": left})
    below = pl.col("chance").rank("min").cast(pl.Int64) - 1
    binned = rows.with_columns(bin=below * BINS // pl.len() + 1).sort("chance", "left")
    of_bin = binned.group_by("bin").agg(
        mean_predicted=pl.col("chance").mean(), observed_rate=pl.col("left").mean(), count=pl.len()
    )
    return of_bin.sort("bin")


def brier(chance: Numbers | float, left: Numbers) -> float:
    """Return the mean squared distance between chance and outcome."""
    return float(np.mean((chance - left) ** 2))


def calibration_line(chance: Numbers, left: Numbers) -> Line:
    """Fit the observed log-odds to the predicted ones, without a penalty."""
    inside = np.clip(chance, NEAREST_CERTAIN, 1 - NEAREST_CERTAIN)
    log_odds = np.log(inside / (1 - inside)).reshape(-1, 1)
    solver: Any = LogisticRegression(C=np.inf, tol=1e-8)
    solver.fit(log_odds, left)
    return Line(float(solver.intercept_[0]), float(solver.coef_[0, 0]))
