"""Syntactically lawful personal codes for invented people: with a birth date until June 2017, drawn after that."""

import numpy as np

from models.synthetic.streams import Booleans, Integers

NEW_CODES_FROM = np.datetime64("2017-07-01")
WEIGHTS = np.array([10, 5, 8, 4, 2, 1, 6, 3, 7, 9])
# Steps without a common factor with the number of free codes walk through all of them before one comes twice.
STEP_OF_DAY, CODES_OF_DAY = 387, 1000
STEP_OF_NEW, NEW_CODES, FIRST_NEW = 2_971_215_073, 8_000_000_000, 32_000_000_000


def check_digits(first_ten: Integers) -> Integers:
    """Return the eleventh digit of old codes from the first ten, given as an array (codes, 10)."""
    return (1 + first_ten @ WEIGHTS) % 11 % 10


def _rank_within(groups: Integers) -> Integers:
    """Number the members of each group from 0, in order."""
    order = np.argsort(groups, kind="stable")
    ordered = groups[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    lengths = np.diff(np.r_[starts, len(ordered)])
    ranks = np.empty(len(groups), np.int64)
    ranks[order] = np.arange(len(ordered)) - np.repeat(starts, lengths)
    return ranks


def _digits(numbers: Integers, count: int) -> Integers:
    return numbers[:, None] // 10 ** np.arange(count - 1, -1, -1) % 10


def _dated_numbers(births: np.ndarray, start: int) -> Integers:
    """Write ddmmyy-2nnnk as an eleven-digit number."""
    days = births.astype("datetime64[D]")
    months, years = days.astype("datetime64[M]").astype(int), days.astype("datetime64[Y]").astype(int) + 1970
    day = (days - days.astype("datetime64[M]")).astype(int) + 1
    serial = (start + _rank_within(days.astype(int)) * STEP_OF_DAY + 7 * days.astype(int)) % CODES_OF_DAY
    ten = ((day * 100 + months % 12 + 1) * 100 + years % 100) * 10_000 + 2_000 + serial
    return ten * 10 + check_digits(_digits(ten, 10))


def person_codes(births: np.ndarray, immigrant: Booleans, start: int) -> list[str]:
    """Return a unique code per person, written with the dash; born since July 2017 or immigrated: the new kind."""
    new = (births >= NEW_CODES_FROM) | immigrant
    numbers = np.empty(len(births), np.int64)
    numbers[~new] = _dated_numbers(births[~new], start)
    # Multiples of the step are exact in Python's integers only: reduce before they overflow 63 bits.
    order = np.arange(start, start + int(new.sum()), dtype=np.int64)
    numbers[new] = FIRST_NEW + order * (STEP_OF_NEW % NEW_CODES) % NEW_CODES
    return [f"{n // 100_000:06d}-{n % 100_000:05d}" for n in numbers.tolist()]
