"""Spells of illness over a school year, more of them in winter; the same for every month that looks at them."""

from dataclasses import dataclass

import numpy as np

from models.synthetic.chunk import Chunk
from models.synthetic.streams import Floats, Integers, stream
from models.synthetic.year_days import school_days

LONG_ILLNESS_DAYS = (15, 35)
WINTER_PEAK, WINTER_SWING = 0.55, 0.6  # share of the school year gone at the peak; how much more than average
YEAR_DAYS = 170  # school days to which the yearly number of spells refers


@dataclass(frozen=True)
class Illness:
    """Spells: pupil row, first school day (index) and the day after the last."""

    pupil: Integers
    first: Integers
    after: Integers


def _season(days: int) -> Floats:
    """Return the cumulative share of a year's spells that have begun by the end of each day."""
    gone = np.arange(days) / days
    weight = 1 + WINTER_SWING * np.cos(2 * np.pi * (gone - WINTER_PEAK))
    return np.cumsum(weight) / weight.sum()


def _long_spells(chunk: Chunk, rng: np.random.Generator, days: int) -> tuple[Integers, Integers, Integers]:
    pupils = np.flatnonzero(rng.random(len(chunk.spells)) < chunk.parameters.long_illness)
    first = rng.integers(0, days, len(pupils))
    return pupils, first, first + rng.integers(*LONG_ILLNESS_DAYS, len(pupils))


def illnesses(chunk: Chunk) -> Illness:
    """Draw the year's spells of a chunk."""
    days = len(school_days(chunk.year))
    rng = stream(chunk.parameters.seed, "illness", *chunk.key)
    count = rng.poisson(chunk.column("sick") * days / YEAR_DAYS)
    pupil = np.repeat(np.arange(len(chunk.spells)), count)
    first = np.searchsorted(_season(days), rng.random(len(pupil)))
    after = first + rng.geometric(1 / chunk.parameters.sick_days, len(pupil))
    long = _long_spells(chunk, rng, days)
    parts = [np.concatenate(pair) for pair in zip((pupil, first, after), long, strict=True)]
    return Illness(*parts)
