"""Find the cells of published tables in the groups of pupils that they are made of."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.sparse import csr_array

from models.disclosure.parameters import DisclosureParameters, DisclosureRefused
from models.disclosure.system import Flags, Ints, Sparse, System, distinct, matrix_of, sorted_rows
from models.disclosure.table import ALL, PERIOD, PUPILS, Grouped, count_columns

INNER = "inner"


@dataclass(frozen=True)
class Place:
    """Where the rows of a table find their cells."""

    table: Grouped
    rows: pl.DataFrame  # of one month, with their row number in the table as `at`
    cells: Ints  # the cell of each row; -1 where the group has no pupils

    @property
    def at(self) -> Ints:
        """Return the row numbers in the table."""
        return self.rows["at"].to_numpy().astype(np.int64)


def _pairs(groups: Sequence[str], rows: pl.DataFrame, inner: pl.DataFrame) -> pl.DataFrame:
    """Pair each row of a table with the inner groups whose attributes it names."""
    parts = []
    patterns = rows.group_by((pl.col(c) == ALL for c in groups), maintain_order=True) if groups else [((), rows)]
    for is_all, part in patterns:
        on = [c for c, is_left_open in zip(groups, is_all, strict=True) if not is_left_open]
        joined = part.join(inner, on=on) if on else part.select("row").join(inner.select(INNER), how="cross")
        parts.append(joined.select("row", INNER))
    return pl.concat(parts)


def _members(parts: Sequence[tuple[Grouped, pl.DataFrame]], inner: pl.DataFrame) -> Sparse:
    """Return which inner groups each row of the tables counts: (rows of all tables, inner groups)."""
    offsets = np.cumsum([0, *(rows.height for _, rows in parts)])
    pairs = [
        _pairs(table.group_columns, rows.with_row_index("row", offset=int(offset)), inner)
        for (table, rows), offset in zip(parts, offsets[:-1], strict=True)
        if rows.height
    ]
    found = pl.concat(pairs)
    return matrix_of(found["row"].to_numpy(), found[INNER].to_numpy(), (int(offsets[-1]), inner.height))


def _grouped(inner: pl.DataFrame, attributes: Sequence[str], columns: Sequence[str]) -> pl.DataFrame:
    known = [pl.col(PUPILS).filter(pl.col(c).is_not_null()).sum().alias(f"{c}_known") for c in columns]
    sums = [pl.col(PUPILS, *columns).cast(pl.Int64).sum(), *known]
    grouped = inner.group_by(attributes).agg(sums).sort(attributes) if attributes else inner.select(sums)
    return grouped.with_row_index(INNER)


def _is_published(parts: Sequence[tuple[Grouped, Ints]], columns: Sequence[str], cells: int) -> Flags:
    shown = np.zeros((len(columns), cells + 1), dtype=bool)  # one more for the groups without pupils
    for table, of_rows in parts:
        for v, column in enumerate(columns):
            shown[v, of_rows] |= column in table.frame.columns
    return shown[:, :-1]


def _region(cells: Sparse, grouped: pl.DataFrame, attributes: Sequence[str]) -> Ints:
    """Number the inner groups by the attribute that fewest cells cross, none of its values holding over a half."""
    fewest, best = cells.shape[0] + 1, np.zeros(grouped.height, dtype=np.int64)
    for attribute in attributes:
        number = grouped[attribute].rank("dense").to_numpy().astype(np.int64) - 1
        if 2 * np.bincount(number).max() <= grouped.height:
            values = cells @ matrix_of(np.arange(len(number)), number, (len(number), int(number.max()) + 1))
            crossed = int((np.diff(csr_array(values).indptr) > 1).sum())
            if crossed < fewest:
                fewest, best = crossed, number
    return best


def _names(table: Grouped, rows: pl.DataFrame) -> list[str]:
    """Name the group of each row by the attributes that it does not leave open, in alphabetical order."""
    named = [pl.when(pl.col(c) != ALL).then(pl.concat_str(pl.lit(f"{c}="), c)) for c in sorted(table.group_columns)]
    if not named:
        return [""] * rows.height
    return rows.select(pl.concat_str(named, separator="|", ignore_nulls=True)).to_series().to_list()


def _by_cell(
    parts: Sequence[tuple[Grouped, pl.DataFrame]], of_table: Sequence[Ints], cells: int
) -> tuple[tuple[str, ...], ...]:
    """Gather the names of each cell."""
    names: list[set[str]] = [set() for _ in range(cells + 1)]  # one more for the groups without pupils
    for (table, rows), numbers in zip(parts, of_table, strict=True):
        for number, name in zip(numbers, _names(table, rows), strict=True):
            names[number].add(name)
    return tuple(tuple(sorted(found)) for found in names[:-1])


def _system(
    period: str,
    columns: Sequence[str],
    pairs: Sequence[tuple[str, str]],
    tables: Sequence[Grouped],
    inner: pl.DataFrame,
    rule: DisclosureParameters,
) -> tuple[System, list[Place]]:
    attributes = list(dict.fromkeys(column for table in tables for column in table.group_columns))
    grouped = _grouped(inner, attributes, columns)
    parts = [
        (table, table.frame.with_row_index("at").filter(pl.col(PERIOD) == period).sort(PERIOD, *table.group_columns))
        for table in tables
    ]
    rows = _members(parts, grouped)
    filled = np.flatnonzero(np.diff(rows.indptr))
    first, number = distinct(rows[filled])
    cell_of_row = np.full(rows.shape[0], -1)
    cell_of_row[filled] = number
    of_table = np.split(cell_of_row, np.cumsum([part.height for _, part in parts])[:-1])
    cells = rows[filled[first]]
    shown = np.flatnonzero(np.diff(csr_array(cells.T).indptr))  # of whom some table tells
    first_of, merged_to = distinct(sorted_rows(csr_array(cells[:, shown].T)))
    kept = shown[first_of]
    merge = matrix_of(merged_to, shown, (len(kept), grouped.height))
    system = System(
        period,
        tuple(columns),
        tuple((columns.index(larger), columns.index(smaller)) for larger, smaller in pairs),
        sorted_rows(csr_array(cells[:, kept])),
        merge @ grouped[PUPILS].to_numpy(),
        np.stack([merge @ grouped[f"{column}_known"].to_numpy().astype(np.int64) for column in columns]),
        np.stack([merge @ grouped[column].to_numpy() for column in columns]),
        _is_published([*zip(tables, of_table, strict=True)], columns, len(first)),
        _region(cells, grouped, attributes)[kept],
        _by_cell(parts, of_table, len(first)),
        rule.base,
        rule.min_possible_values,
    )
    return system, [Place(t, part, c) for (t, part), c in zip(parts, of_table, strict=True)]


def _families(tables: Sequence[Grouped], nested: Sequence[tuple[str, str]]) -> list[tuple[list[str], list[Grouped]]]:
    """Part the columns that no relation joins, each with the tables that show it: fewer cells, and coarser groups.

    Of columns that stand in the same tables one system is made all the same: it costs no more.
    """
    shown = {c: [t for t in tables if c in t.frame.columns] for t in tables for c in count_columns(t.frame)}
    family = {column: column for column in shown}
    for larger, smaller in nested:
        joined = family[smaller]
        family = {column: family[larger] if name == joined else name for column, name in family.items()}
    by_tables: dict[tuple[str, ...], list[str]] = {}
    for name in dict.fromkeys(family.values()):
        columns = [column for column in shown if family[column] == name]
        names = tuple(t.name for t in tables if any(t in shown[column] for column in columns))
        by_tables.setdefault(names, []).extend(columns)
    return [
        ([column for column in shown if column in columns], [t for t in tables if t.name in names])
        for names, columns in by_tables.items()
    ]


def systems(
    inner: pl.DataFrame, tables: Sequence[Grouped], nested: Sequence[tuple[str, str]], rule: DisclosureParameters
) -> Iterator[tuple[System, list[Place]]]:
    """Yield the counts of each month that relations join, and where the tables show them.

    inner: period, the attributes that tables group by (text), pupils, counts (null: no records); one row a group.
    tables: raw or published counts; a group column that holds `all` leaves its attribute open.
    nested: pairs of count columns of which the first counts all pupils of the second.
    rule: the multiples to which counts are rounded, and how many values are promised.
    """
    families = _families(tables, nested)
    for period in sorted(set(inner[PERIOD]) & {month for table in tables for month in table.frame[PERIOD]}):
        pupils = inner.filter(pl.col(PERIOD) == period)
        for columns, shown in families:
            pairs = [pair for pair in nested if pair[0] in columns]
            if any((table.frame[PERIOD] == period).any() for table in shown):
                yield _system(period, columns, pairs, shown, pupils, rule)


def refuse_contradiction(system: System, places: Sequence[Place]) -> None:
    """Refuse tables that do not hold what their pupils add up to: the attack would reason from wrong sums."""
    for place in places:
        truths = {PUPILS: system.cell_pupils}
        truths |= {c: system.cell_counts[v] for v, c in enumerate(system.columns) if c in place.rows.columns}
        for column, truth in truths.items():
            found = place.rows[column].fill_null(0).cast(pl.Int64).to_numpy()
            wrong = int((found != np.append(truth, 0)[place.cells]).sum())
            if wrong:
                raise DisclosureRefused(place.table.name, column, f"differs from the sum of its pupils (rows: {wrong})")


def refuse_wrong_pupils(table: Grouped, inner: pl.DataFrame) -> None:
    """Refuse a table that counts nothing but pupils where they are not those of its groups."""
    numbered = table.frame.with_row_index("row")
    for period, rows in numbered.group_by(PERIOD):
        grouped = _grouped(inner.filter(pl.col(PERIOD) == period[0]), table.group_columns, [])
        pairs = _pairs(table.group_columns, rows, grouped).join(grouped.select(INNER, PUPILS), on=INNER)
        found = rows.join(pairs.group_by("row").agg(pl.col(PUPILS).sum().alias("truth")), on="row", how="left")
        wrong = int((found[PUPILS] != found["truth"].fill_null(0)).sum())
        if wrong:
            raise DisclosureRefused(table.name, PUPILS, f"differs from the sum of its pupils (rows: {wrong})")
