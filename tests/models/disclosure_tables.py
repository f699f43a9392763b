"""Small tables of counts for the tests of disclosure."""

import numpy as np
import polars as pl
from hypothesis import strategies as st

from models.disclosure import CountTable, Protected

LINKS = [("place", "kind")]
NESTED = [("pupils_a", "pupils_b", "pupils_c")]


def table(name: str, rows: list[tuple], counts: list[str] | None = None) -> CountTable:
    """One month of (group, pupils, count …)."""
    columns = ["group", "pupils", *(counts or ["pupils_a", "pupils_b", "pupils_c"][: len(rows[0]) - 2])]
    schema = {column: pl.String if column == "group" else pl.Int64 for column in columns}
    frame = pl.DataFrame(rows, schema=schema, orient="row").with_columns(period=pl.lit("2026-05"))
    return CountTable(name, frame, ("group",))


def margins(pupils: np.ndarray, *counts: np.ndarray) -> list[CountTable]:
    """Both tables of pupils by place (down) and kind (across), for one or more counts."""
    by_place = [(f"p{i}", *(int(cells[i].sum()) for cells in (pupils, *counts))) for i in range(len(pupils))]
    by_kind = [(f"k{j}", *(int(cells[:, j].sum()) for cells in (pupils, *counts))) for j in range(len(pupils[0]))]
    return [table("place", by_place), table("kind", by_kind)]


def statuses(protected: Protected, count: str = "pupils_a") -> list[str]:
    return protected.frame[f"{count}_status"].to_list()


@st.composite
def countries(draw, counts: int = 1) -> list[CountTable]:
    """Small countries, each count a part of the one before."""
    shape = (draw(st.integers(1, 5)), draw(st.integers(1, 3)))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    cells = [generator.integers(0, draw(st.integers(4, 40)), shape)]
    for _ in range(counts):
        cells.append(generator.binomial(cells[-1], generator.random(shape) * draw(st.sampled_from([0.2, 0.6, 1]))))
    return margins(*cells)
