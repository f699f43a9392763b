"""Which neighbour a count would like to become: the nearer one as a rule, drawn with a secret.

If always the nearest table were taken, whoever repeats the choice would know more than is promised: a 0 would be 0 to
2. A draw that nobody can repeat leaves every neighbour possible. It is the same each time for the same count.
"""

import hmac

import numpy as np

from models.disclosure.system import System

FARTHER = {1: 0.03, 2: 0.17}  # by the distance from the nearer neighbour: how often the farther one is wished for
AGAIN = 0.4  # how often, when a rounding could not be certified and another one is tried


def _draws(system: System, secret: bytes, attempt: int) -> np.ndarray:
    """Draw a number from 0 to 1 for each count: (V, C)."""
    drawn = np.empty(system.cell_counts.shape)
    for v, column in enumerate(system.columns):
        for cell, names in enumerate(system.names):
            text = "\0".join((system.period, column, names[0], str(system.cell_counts[v, cell]), str(attempt)))
            drawn[v, cell] = int.from_bytes(hmac.digest(secret, text.encode(), "sha256")[:6], "big") / 2**48
    return drawn


def wished(system: System, secret: bytes, attempt: int = 0) -> np.ndarray:
    """Return what each count is to be near to: itself, or mirrored so that the farther neighbour is nearer: (V, C)."""
    above = system.cell_counts % system.base
    distance = np.minimum(above, system.base - above)
    chance = np.zeros(above.shape)
    for far, often in FARTHER.items():
        chance[distance == far] = AGAIN if attempt else often
    mirrored = system.cell_counts - above + (system.base - above)
    return np.where(_draws(system, secret, attempt) < chance, mirrored, system.cell_counts)
