"""Turn the rows of a flat export into rows of our datasets, as its map says; a value is never guessed."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from models.public_format.date_form import read_days
from models.public_format.imported import ImportRefused
from models.public_format.mapped_map import CODED, Column, Dataset, Layout, Wide
from models.public_format.said import near

EMPTY_CELL = "the cell is empty"
LEFT_BY_MAP = "left out by the map"
_ROW, _PLACE, _NAME, _CELL = "row_", "place_", "name_", "cell_"


@dataclass(frozen=True)
class Table:
    """One file as it was read: its name, header cells, and rows of text by place (cell_0 …)."""

    name: str
    header: Sequence[str]
    rows: pl.DataFrame


@dataclass
class MappedTable:
    """What one file became: rows of a dataset in the order of the file, and the account of its rows and cells."""

    rows: pl.DataFrame
    used: int
    left_out: dict[str, int] = field(default_factory=dict)
    cells: int | None = None
    empty_cells: int = 0
    notes: dict[str, int] = field(default_factory=dict)


def map_table(table: Table, layout: Layout, dataset: Dataset) -> MappedTable:
    """Turn a file's rows into rows of the layout's dataset; ImportRefused if its header is not what the map says."""
    places = _places(table, layout)
    kept = _kept(table, layout, places)
    left = {LEFT_BY_MAP: table.rows.height - kept.height} if kept.height < table.rows.height else {}
    chosen = kept.with_row_index(_ROW).with_columns(
        _value(column, table, places).alias(name) for name, column in layout.columns.items() if not column.is_counted
    )
    found = MappedTable(chosen, kept.height, left)
    if layout.wide:
        found = _unpivoted(found, table, layout, layout.wide, dataset)
    names = [name for name in dataset.columns if name in found.rows.columns]
    found.rows, unread = _with_dates(_spelt(found.rows.select(names), layout), layout, dataset)
    found.notes |= {f"{name}: not a date of the form said, delivered as it is": n for name, n in unread.items() if n}
    return found


def _places(table: Table, layout: Layout) -> dict[str, int]:
    """Return the place of each header cell that the map names; case does not matter."""
    written = [plain_header(cell) for cell in table.header]
    names = layout.headers()
    absent = [name for name in names if plain_header(name) not in written]
    if absent:
        spare = [cell for cell in table.header if plain_header(cell) not in map(plain_header, names)]
        told = ", ".join(f"{name}{near(name, spare)}" for name in absent)
        raise ImportRefused(
            f"{table.name}: {len(absent)} column(s) that the map names are not in the header: {told};"
            " write them in the map as they stand in the file"
        )
    twice = [name for name in names if written.count(plain_header(name)) > 1]
    if twice:
        raise ImportRefused(
            f"{table.name}: {len(twice)} column(s) that the map names stand twice in the header: {', '.join(twice)};"
            " rename one in the file, for the map cannot say which is meant"
        )
    return {name: written.index(plain_header(name)) for name in names}


def plain_header(name: str) -> str:
    """Write a header cell as it is compared: case, spaces and how an accent is composed do not matter."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", name)).strip().casefold()


def _kept(table: Table, layout: Layout, places: Mapping[str, int]) -> pl.DataFrame:
    """Return the rows that the map does not leave out, such as totals below a table."""
    is_left = [
        pl.col(f"cell_{places[header]}").fill_null("").is_in(list(values))
        for header, values in layout.leave_out.items()
    ]
    return table.rows.filter(~pl.any_horizontal(*is_left)) if is_left else table.rows


def _value(column: Column, table: Table, places: Mapping[str, int]) -> pl.Expr:
    if column.header:
        return pl.col(f"cell_{places[column.header]}")
    if column.always:
        return pl.lit(column.always)
    return pl.lit(in_file_name(table.name, column.file_name))


def in_file_name(name: str, pattern: str) -> str:
    """Return what stands in a file's name where the pattern has <>; ImportRefused if the name is of another form."""
    parts = [".*".join(map(re.escape, part.split("*"))) for part in pattern.split("<>")]
    found = re.fullmatch("(.+?)".join(parts), name)
    if not found:
        raise ImportRefused(f"{name}: its name is not of the form {pattern} that the map says; rename the file")
    return found[1]


def _unpivoted(found: MappedTable, table: Table, layout: Layout, wide: Wide, dataset: Dataset) -> MappedTable:
    """Make a row of each cell of the columns that stand for values; an empty cell is no row unless the map says so."""
    values = _wide_values(table, layout, wide)
    order = pl.DataFrame(
        {_NAME: list(values), _PLACE: range(len(values)), wide.name_is: list(values.values())},
        schema={_NAME: pl.String, _PLACE: pl.Int64, wide.name_is: pl.String},
    )
    kept = [name for name in dataset.columns if name in found.rows.columns]
    long = found.rows.unpivot(list(values), index=[_ROW, *kept], variable_name=_NAME, value_name=_CELL)
    cells = long.join(order, on=_NAME).sort(_ROW, _PLACE).with_columns(_cell_values(wide))
    filled = cells.filter(pl.col(_CELL).list.len() > 0)
    single = filled.explode(_CELL)
    if wide.keeps_empty:
        empty = cells.filter(pl.col(_CELL).list.len() == 0).with_columns(pl.lit(None, pl.String).alias(_CELL))
        filled, single = cells, pl.concat([single, empty]).sort(_ROW, _PLACE, maintain_order=True)
    rows = single.rename({_CELL: wide.cell_is})
    return MappedTable(rows, found.used, found.left_out, cells.height, cells.height - filled.height)


def _cell_values(wide: Wide) -> pl.Expr:
    """Read a cell as the list of its values; an empty one holds none."""
    cell = pl.col(_CELL).fill_null("")
    parts = cell.str.split(wide.several) if wide.several else pl.concat_list(cell)
    return parts.list.eval(pl.element().str.strip_chars().filter(pl.element().str.strip_chars() != "")).alias(_CELL)


def _wide_values(table: Table, layout: Layout, wide: Wide) -> dict[str, str]:
    """Return what each column stands for, by its cell name; ImportRefused if none of the header is a date."""
    if wide.values is not None:
        written = [plain_header(cell) for cell in table.header]
        return {f"cell_{written.index(plain_header(header))}": value for header, value in wide.values.items()}
    headers = pl.DataFrame({"text": list(table.header)}, schema={"text": pl.String})
    days = headers.select(read_days(pl.col("text"), layout.forms)).to_series().to_list()
    found = {f"cell_{place}": day.isoformat() for place, day in enumerate(days) if day}
    if not found:
        raise ImportRefused(
            f"{table.name}: 0 of its {len(days)} columns are dates of the form that the map says; correct `dates`"
        )
    return found


def _spelt(rows: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """Write values as we do where the map says how; the others stay as they are."""
    known = {name: spelling for name, spelling in layout.spellings.items() if name in rows.columns}
    return rows.with_columns(pl.col(name).replace(spelling) for name, spelling in known.items())


def _with_dates(rows: pl.DataFrame, layout: Layout, dataset: Dataset) -> tuple[pl.DataFrame, dict[str, int]]:
    """Write dates as ISO; what is of another form stays as it is, to wait in quarantine, and is counted."""
    dated = [name for name in rows.columns if name in dataset.dates]
    days = {name: read_days(pl.col(name), layout.forms) for name in dated}
    unread = rows.select((pl.col(name).is_not_null() & day.is_null()).sum().alias(name) for name, day in days.items())
    read = rows.with_columns(pl.coalesce(day.cast(pl.String), pl.col(name)).alias(name) for name, day in days.items())
    return read, unread.to_dicts()[0] if dated else {}


def counted(rows: pl.DataFrame, layout: Layout, dataset: Dataset) -> pl.DataFrame:
    """Number rows that share the rest of the key, in the order of the files, where the map says so."""
    names = [name for name, column in layout.columns.items() if column.is_counted]
    others = [name for name in dataset.key if name in rows.columns]
    numbered = rows.with_columns(pl.int_range(1, pl.len() + 1).over(others).cast(pl.String).alias(n) for n in names)
    return numbered.select(name for name in dataset.columns if name in numbered.columns)


def without_meaning(rows: pl.DataFrame, dataset: str, codes: pl.DataFrame) -> int:
    """Count the rows whose code has no meaning in a list of codes, for its school and day; they wait in quarantine.

    `codes` has code, school_reg_no, valid_from and valid_to as text (empty: without end).
    """
    column = CODED.get(dataset)
    if column not in rows.columns:
        return 0
    day = next((name for name in ("lesson_date", "exit_date") if name in rows.columns), None)
    coded = rows.filter(pl.col(column).is_not_null()).select(
        code=column, school="school_reg_no" if "school_reg_no" in rows.columns else pl.lit("*"),
        day=pl.col(day) if day else pl.lit(None, pl.String),
    ).with_row_index(_ROW)  # fmt: skip
    joined = coded.join(codes, on="code")
    is_theirs = pl.col("school_reg_no").is_in(["*"]) | (pl.col("school_reg_no") == pl.col("school"))
    ends = pl.when(pl.col("valid_to") != "").then("valid_to").otherwise(pl.lit("9999-12-31"))
    is_valid = pl.col("day").is_null() | pl.col("day").is_between(pl.col("valid_from"), ends)
    return coded.height - joined.filter(is_theirs & is_valid)[_ROW].n_unique()
