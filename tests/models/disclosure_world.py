"""Small countries of schools, grades and sexes, and the tables that are published of them."""

from collections.abc import Sequence
from functools import partial
from itertools import product

import numpy as np
import polars as pl
from hypothesis import strategies as st

from models import disclosure
from models.disclosure import CountTable, DisclosureParameters
from models.disclosure.certificate import Knowledge
from models.disclosure.placing import systems
from models.disclosure.rounding import Rounded
from models.disclosure.system import System
from models.disclosure.table import ALL, in_order

RULE = DisclosureParameters()
BASE = RULE.base
SECRET = b"the key of a small country"
protect, protect_after = partial(disclosure.protect, secret=SECRET), partial(disclosure.protect_after, secret=SECRET)
COUNTS = ("pupils_a", "pupils_b", "pupils_c")
NESTED = [("pupils_a", "pupils_b"), ("pupils_b", "pupils_c")]
SCHEMA = {"period": pl.String, "place": pl.String, "school": pl.String, "grade": pl.String, "sex": pl.String}


def world(
    seed: int, places: int = 3, schools: int = 6, grades: int = 3, size: float = 8, counts: int = 1
) -> pl.DataFrame:
    """Make one month of inner groups: school x grade x sex, each in a place, each count a part of the one before."""
    chance = np.random.default_rng(seed)
    rows = []
    for school, grade, sex in product(range(schools), range(grades), "FM"):
        values = [int(chance.poisson(size * (1 + school % 3)))]
        for _ in range(counts):
            values.append(int(chance.binomial(values[-1], chance.beta(1, 5) if len(values) == 1 else 0.5)))
        rows.append(("2026-05", f"p{school % places}", f"s{school}", str(grade), sex, *values))
    schema = SCHEMA | dict.fromkeys(("pupils", *COUNTS[:counts]), pl.Int64)
    return pl.DataFrame(rows, schema=schema, orient="row").filter(pl.col("pupils") > 0)


def table(
    inner: pl.DataFrame, name: str, groups: Sequence[str], shown: Sequence[Sequence[str]], counts: Sequence[str]
) -> CountTable:
    """Count the pupils of a country by some of the groups at a time, the others left open."""
    parts = [
        inner.group_by("period", *by).agg(pl.col("pupils", *counts).sum()).with_columns(
            pl.lit(ALL).alias(group) for group in groups if group not in by
        ).select("period", *groups, "pupils", *counts)
        for by in shown
    ]  # fmt: skip
    return CountTable(name, pl.concat(parts).sort("period", *in_order(groups)), tuple(groups))


def places(rows: Sequence[tuple], period: str = "2026-05") -> CountTable:
    """Make one month of (place, pupils, count …) in which each place is an inner group and a row of the table."""
    columns = ["place", "pupils", *COUNTS[: len(rows[0]) - 2]]
    schema = {column: pl.String if column == "place" else pl.Int64 for column in columns}
    return CountTable("place", pl.DataFrame(rows, schema, orient="row").with_columns(period=pl.lit(period)), ("place",))


def tables(inner: pl.DataFrame, finest: Sequence[str] = ("pupils_a",), others: Sequence[str] = ()) -> list[CountTable]:
    """Publish a country: places by grade and sex, schools by grade, and all together; other counts by place alone."""
    wide = [[], ["grade"], ["sex"], ["grade", "sex"]]
    return [
        table(inner, "country", [], [[]], [*finest, *others]),
        table(inner, "place", ["place"], [["place"]], [*finest, *others]),
        table(inner, "place_grade", ["place", "grade", "sex"], [["place", *by] for by in wide] + wide[1:], finest),
        table(inner, "school", ["school", "grade"], [["school"], ["school", "grade"]], finest),
    ]


def system_of(inner: pl.DataFrame, published: Sequence[CountTable], nested: Sequence[tuple[str, str]] = ()) -> System:
    """Return the one system of a country with one month and one family of counts."""
    ((system, _),) = systems(inner, published, nested, RULE)
    return system


def placed(inner: pl.DataFrame, published: Sequence[CountTable]) -> tuple[System, dict[tuple[str, ...], int]]:
    """Return the system of a country, and the cell of each row of its tables by the table's name and the group."""
    ((system, places),) = systems(inner, published, [], RULE)
    cells = {}
    for place in places:
        groups = place.rows.select(pl.lit(place.table.name), *place.table.group_columns).rows()
        cells |= dict(zip(groups, place.cells.tolist(), strict=True))
    return system, cells


def knowledge(system: System, made: Rounded) -> Knowledge:
    """Return what a reader of rounded counts knows."""
    low = np.where(system.is_rounded, np.maximum(made.values - made.max_error, 0), 0)
    high = np.where(system.is_rounded, np.minimum(made.values + made.max_error, system.cell_sizes), system.cell_sizes)
    return Knowledge(low, high)


def all_tables(system: System, known: Knowledge) -> np.ndarray:
    """Enumerate every table of one column that fits what is known, by trying all of them: (tables, V, C)."""
    counts = np.indices(system.sizes[0] + 1).reshape(len(system.pupils), -1)
    cells = system.members @ counts
    fits = ((cells >= known.low.T) & (cells <= known.high.T)).all(axis=0)
    return cells[:, fits].T[:, None, :]


@st.composite
def tiny(draw: st.DrawFn) -> pl.DataFrame:
    """Countries of two places with two schools or sexes, small enough to try every table."""
    shape = draw(st.sampled_from([(1, 2, 1), (2, 2, 1), (2, 1, 2), (1, 3, 1), (2, 2, 2)]))
    most = 9 if np.prod(shape) <= 4 else 4
    rows = []
    for place, school, sex in product(*map(range, shape)):
        pupils = draw(st.integers(1, most))
        rows.append(("2026-05", f"p{place}", f"s{place}{school}", "1", "FM"[sex], pupils, draw(st.integers(0, pupils))))
    return pl.DataFrame(rows, schema=SCHEMA | dict.fromkeys(("pupils", "pupils_a"), pl.Int64), orient="row")


def grid(rows: list[list[int]], pupils: int = 40) -> pl.DataFrame:
    """Make a country of schools by grade with these counts."""
    made = [("2026-05", "p", f"s{r}", str(c), "F", pupils, n) for r, row in enumerate(rows) for c, n in enumerate(row)]
    columns = ["period", "place", "school", "grade", "sex", "pupils", "pupils_a"]
    return pl.DataFrame(made, schema=columns, orient="row")


def crossing(inner: pl.DataFrame) -> CountTable:
    """Publish schools by grade, with all sums."""
    return table(inner, "cross", ["school", "grade"], [[], ["school"], ["grade"], ["school", "grade"]], ["pupils_a"])


# In every row and every column at least two counts are withheld (-), and yet that of row 1, column 2 is what rows 0 and
# 1 have in all less what columns 0 and 1 have: the two squares hang together in one cell.
BRIDGE = ["--..", "---.", "..--", "..--"]


def is_bridged(school: str, grade: str) -> bool:
    """Tell whether the pattern withholds the count of a school and grade."""
    return ALL not in (school, grade) and BRIDGE[int(school[1])][int(grade)] == "-"
