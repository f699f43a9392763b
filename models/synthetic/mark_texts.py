"""Every text a mark can have, once, and the position of each form in that list."""

import numpy as np

from models.synthetic.streams import Integers


def _percent(half_steps: int) -> str:
    whole, half = divmod(half_steps, 2)
    return f"{whole},5%" if half else f"{whole}%"


_TEN = [str(value) for value in range(1, 11)]
_PARTS = {
    "plain": _TEN,
    "p.d.": [f"{value}(p.d.)" for value in _TEN],
    "k.d.": [f"{value}(k.d.)" for value in _TEN],
    "nv": ["nv"],
    "exempt": ["a"],
    "pass": ["ni", "i"],
    "level": ["S", "T", "A", "P"],
    "percent": [_percent(half_steps) for half_steps in range(201)],
    "points": [f"{points}/100" for points in range(101)],
    "corrected": [f"{first}|{second}" for first in ["nv", *_TEN] for second in _TEN],
    "absent": ["n"],
}
TEXTS = tuple(text for part in _PARTS.values() for text in part)
_STARTS = np.cumsum([0, *map(len, _PARTS.values())])[:-1]
START = {name: int(start) for name, start in zip(_PARTS, _STARTS, strict=True)}
NV, EXEMPT, ABSENT = START["nv"], START["exempt"], START["absent"]


def plain(value: Integers) -> Integers:
    """Position of marks 1 to 10."""
    return START["plain"] + value - 1


def corrected(first: Integers, second: Integers) -> Integers:
    """Position of `3|6`; a first mark of 0 stands for `nv`."""
    return START["corrected"] + 10 * first + second - 1
