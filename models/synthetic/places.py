"""Which school a pupil goes to when the own one is not the place: near home more often than not."""

import numpy as np
import polars as pl

from models.synthetic.streams import Integers, pick

NEAR_HOME = 8.0  # weight of a school in the own municipality against one elsewhere


def destinations(rng: np.random.Generator, places: pl.DataFrame, origins: np.ndarray) -> Integers:
    """Draw a school for each pupil from `places` (school, atvk_code, target) by size and nearness to the origin."""
    school, weight = places["school"].to_numpy(), places["target"].to_numpy().astype(np.float64)
    codes = places["atvk_code"].to_numpy()
    chosen = np.zeros(len(origins), np.int32)
    for origin in np.unique(origins):
        who = origins == origin
        near = np.where(codes == origin, NEAR_HOME, 1.0)
        chosen[who] = school[pick(rng, weight * near, int(who.sum()))]
    return chosen
