"""What readers of earlier releases have seen: each published number, by month, column and name of its cell."""

import hashlib

import numpy as np
import polars as pl

from models.disclosure.certificate import Knowledge
from models.disclosure.rounding import NOT_YET, Earlier
from models.disclosure.system import Flags, Ints, System
from models.disclosure.table import PERIOD

NUMBERS = {
    PERIOD: pl.String,
    "column": pl.String,
    "cell": pl.String,
    "pupils": pl.Int64,  # of the group, whether or not there are records of them
    "count": pl.Int64,  # the truth: these rows stay inside
    "value": pl.Int64,
    "low": pl.Int64,
    "high": pl.Int64,
    "structure": pl.String,  # what of the month is public, as `structure_of` hashes it
    "certificate": pl.String,
}
KEY = [PERIOD, "column", "cell"]
AT = {"v": pl.Int64, "c": pl.Int64}


def structure_of(system: System) -> str:
    """Hash what everybody may know of a month's relations: a certificate holds as long as they are the same."""
    digest = hashlib.sha256(repr((system.columns, system.nested, system.base, system.promised, system.names)).encode())
    for values in (system.members.indptr, system.members.indices, system.sizes, system.is_published):
        digest.update(np.ascontiguousarray(values).astype("<i8").tobytes())
    return digest.hexdigest()


def _now(system: System, which: Flags) -> pl.DataFrame:
    """List counts, once for each name of their cell."""
    rows = [
        (system.period, column, name, int(system.cell_pupils[c]), int(system.cell_counts[v, c]), v, int(c))
        for v, column in enumerate(system.columns)
        for c in np.flatnonzero(which[v])
        for name in system.names[c]
    ]
    schema = {name: NUMBERS[name] for name in (*KEY, "pupils", "count")} | AT
    return pl.DataFrame(rows, schema=schema, orient="row")


def latest_of(system: System, seen: pl.DataFrame) -> pl.DataFrame:
    """Return the last number seen of each count, and whether the count is still the one that was published.

    A cell can have two names, one of which stood for other pupils before: a name that still stands for the same count
    comes first, and where several do, what was said of any of them holds. A count is the same as long as it and its
    pupils are: what readers know of it stays true when records of some of them come or go.

    seen: columns NUMBERS, in the order of the releases.
    """
    numbered = seen.filter(pl.col(PERIOD) == system.period).with_row_index("turn")
    found = _now(system, system.is_published).join(numbered, on=KEY, suffix="_then")
    is_same = (pl.col("pupils") == pl.col("pupils_then")) & (pl.col("count") == pl.col("count_then"))
    by_name = found.with_columns(is_same=is_same).sort("turn").group_by("v", "c", "cell").last()
    return (
        by_name.sort("is_same", "turn")
        .group_by("v", "c", maintain_order=True)
        .agg(
            pl.col("is_same", "value", "structure", "certificate").last(),
            pl.col("low").filter("is_same").max(),
            pl.col("high").filter("is_same").min(),
        )
        .sort("v", "c")
    )


def earlier_of(system: System, latest: pl.DataFrame) -> Earlier:
    """Return what readers have seen of a month, from what `latest_of` found."""
    at = latest["v"].to_numpy(), latest["c"].to_numpy()
    values, is_same = np.full(system.cell_counts.shape, NOT_YET), np.zeros(system.cell_counts.shape, dtype=bool)
    low, high = np.zeros_like(system.cell_sizes), system.cell_sizes.copy()
    values[at], is_same[at] = latest["value"].to_numpy(), latest["is_same"].to_numpy()
    low[at] = np.where(is_same[at], latest["low"].fill_null(0).to_numpy(), low[at])
    told = np.where(is_same[at], latest["high"].fill_null(0).to_numpy(), high[at])
    high[at] = np.minimum(told, high[at])
    return Earlier(values, is_same, low, high)


def certificate_of(system: System, latest: pl.DataFrame) -> str | None:
    """Return the certificate of a month that readers have seen just so, if all of it has the same."""
    is_rounded = system.is_rounded[latest["v"].to_numpy(), latest["c"].to_numpy()]
    certificates = set(latest["certificate"])
    is_whole = int(is_rounded.sum()) == len(latest) == int(system.is_rounded.sum()) and latest["is_same"].all()
    is_alike = set(latest["structure"]) == {structure_of(system)}
    return certificates.pop() if is_whole and is_alike and len(certificates) == 1 else None


def numbers_of(system: System, values: Ints, known: Knowledge, certificate: str) -> pl.DataFrame:
    """List the published numbers of a month."""
    now = _now(system, system.is_rounded)
    at = now["v"].to_numpy(), now["c"].to_numpy()
    return now.with_columns(
        pl.Series("value", values[at]),
        pl.Series("low", known.low[at]),
        pl.Series("high", known.high[at]),
        structure=pl.lit(structure_of(system)),
        certificate=pl.lit(certificate),
    ).select(*NUMBERS)
