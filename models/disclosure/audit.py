"""The attacker with a solver: tables that fit everything published, and what no table reaches.

He starts as any reader does, without the truth. One table that fits is searched first; from it many others, as the
certificate does from the truth. Of a count that still shows too few values he asks the lowest and the highest value in
any table. What neither shows wide nor proves narrow keeps the bounds that arithmetic leaves it.
"""

from dataclasses import replace

import numpy as np
from scipy.optimize import Bounds, milp

from models.disclosure.certificate import Knowledge, possible_values, promised_values
from models.disclosure.grouping import Grouping
from models.disclosure.relations import whole
from models.disclosure.system import Ints, System
from models.disclosure.witness import find

LIMIT = {"mip_rel_gap": 0.01, "time_limit": 60.0}
EXACT = {"mip_rel_gap": 0.0, "time_limit": 20.0}


class _Tables:
    """All tables that fit, as differences from a given one."""

    def __init__(self, system: System, known: Knowledge) -> None:
        self.system, self.known, self.grouping = system, known, Grouping(system, whole(system))
        self.of, self.rules, self.inner = self.grouping.layout, self.grouping.rules(), self.grouping.bounds()
        self.nothing = np.zeros(system.counts.shape)

    def extreme(self, weights: np.ndarray, options: dict[str, float]) -> tuple[Ints, bool] | None:
        """Return the whole-number table with the least weight of cells (V, C), and whether none has less."""
        cells = self.system.cell_counts
        found = milp(
            self.of.flat(weights, self.nothing),
            integrality=np.minimum(self.of.flat(np.zeros(cells.shape), self.nothing + 1), 1),
            bounds=Bounds(
                self.of.flat(self.known.low - cells, self.inner.lb),
                self.of.flat(self.known.high - cells, self.inner.ub),
            ),
            constraints=self.rules,
            options=options,
        )
        if found.x is None or not np.isfinite(found.x).all():
            return None
        inner = self.grouping.spread(np.rint(self.of.apart(found.x)[1]).astype(np.int64))
        return self.system.counts + inner, found.status == 0


def audited(system: System, known: Knowledge) -> Knowledge:
    """Narrow the bounds of counts that an attacker with a solver can narrow: (V, C).

    system: without counts, as any reader knows it; known: bounds that arithmetic leaves.
    """
    blind = _Tables(replace(system, counts=np.zeros_like(system.counts)), known)
    weights = np.random.default_rng(0).normal(size=system.cell_sizes.shape)
    guess = blind.extreme(weights * system.is_published, LIMIT)
    if guess is None:
        return known
    fitting = replace(system, counts=guess[0])
    seen = possible_values(fitting, known, find(fitting, known))
    tables, low, high = _Tables(fitting, known), known.low.copy(), known.high.copy()
    for column, cell in np.argwhere(seen < promised_values(system, known)):
        ends = []
        for sign in (1.0, -1.0):
            weights = np.zeros(system.cell_sizes.shape)
            weights[column, cell] = sign
            found = tables.extreme(weights, EXACT)
            ends.append(system.totals(found[0])[column, cell] if found and found[1] else None)
        low[column, cell] = low[column, cell] if ends[0] is None else ends[0]
        high[column, cell] = high[column, cell] if ends[1] is None else ends[1]
    return Knowledge(low, high, known.is_exact)
