"""Open a workbook as rows of text: numbers and days as Excel holds them; a cell with an error is not an empty one."""

from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import duckdb
import polars as pl

from assets.ledger import CELL_ERROR, NO_RESULT
from assets.opened import Asked, Opened, told
from assets.tidying import tidy
from assets.workbook_parts import Place, look_through
from models.delivery import DeliveryRefused

_DATA, _INSTRUCTIONS, _FARTHEST_HEADER = "dati", "instrukcija", 20


@dataclass(frozen=True)
class _Sheet:
    """The cells of a sheet as text, beside their place; where there are errors, or formulas without a result."""

    cells: pl.DataFrame
    errors: set[Place]
    unanswered: set[Place]
    unread: int

    @property
    def filled(self) -> pl.DataFrame:
        """Return the rows that hold anything."""
        texts = [pl.col(name).str.strip_chars().fill_null("") != "" for name in self.cells.columns[1:]]
        odd = [row for row, _ in self.errors | self.unanswered]
        return self.cells.filter(pl.any_horizontal(*texts, pl.col("place").is_in(odd)))


def open_workbook(connection: duckdb.DuckDBPyConnection, asked: Asked) -> Opened:
    """Open the sheet `dati`, or else the first one, as the session's tables delivered_rows and carried_rows."""
    sheet = _sheet(asked.path)
    header, rows, above = _header_and_rows(sheet, asked)
    header_row = rows.select(pl.col("place") - pl.col("row_no") + 1).head(1)
    columns = asked.columns(header)
    kept = rows.select("row_no", *(pl.col(f"column_{i}").alias(name) for i, name in enumerate(columns) if name))
    kept = kept.with_columns(broken_rule=_broken(rows, sheet, columns))
    _store(connection, "delivered_rows", kept.filter(pl.col("broken_rule").is_null()).drop("broken_rule"))
    _store(connection, "carried_rows", kept.filter(pl.col("broken_rule").is_not_null()).select("row_no", "broken_rule"))
    carried, known = kept["broken_rule"].count(), [name for name in columns if name]
    tidied = tidy(connection, [asked.contract.column(name) for name in known], may_be_loose=True, has_odd_signs=True)
    return Opened(
        "delivered_rows",
        dict.fromkeys(known, "VARCHAR"),
        kept.height - carried,
        detected="xlsx",
        note=told(
            f"{above} row(s) above the header were left out" if above else "",
            asked.left_out(header, columns),
            _nameless(rows, header),
            f"{sheet.unread} more sheet(s) were not read" if sheet.unread else "",
            *tidied,
        ),
        carried="carried_rows" if carried else None,
        carried_rows=carried,
        header_row=header_row.item() if header_row.height else 1,
    )


def count_rows(path: Path) -> int:
    """Count the filled rows below the header."""
    return max(_sheet(path).filled.height - 1, 0)


def _broken(rows: pl.DataFrame, sheet: _Sheet, columns: list[str | None]) -> pl.Series:
    """Name the rule that a row breaks by a cell that can have no value, in a column that is asked for."""
    errors, unanswered = ({row for row, i in found if columns[i]} for found in (sheet.errors, sheet.unanswered))
    rule = pl.when(pl.col("place").is_in(list(errors))).then(pl.lit(CELL_ERROR))
    rule = rule.when(pl.col("place").is_in(list(unanswered))).then(pl.lit(NO_RESULT))
    return rows.select(rule.otherwise(pl.lit(None, pl.String)).alias("broken_rule"))["broken_rule"]


def _nameless(rows: pl.DataFrame, header: list[str]) -> str:
    """Say how many values stand under no header, and at which place."""
    names = [i for i, cell in enumerate(header) if not cell.strip()]
    counts = {i + 1: int((rows[f"column_{i}"].str.strip_chars().fill_null("") != "").sum()) for i in names}
    places = ", ".join(str(place) for place, count in counts.items() if count)
    return f"{sum(counts.values())} value(s) under no header were left out, at place {places}" if places else ""


def _store(connection: duckdb.DuckDBPyConnection, table: str, rows: pl.DataFrame) -> None:
    connection.register("sheet_rows", rows.to_arrow())
    connection.execute(f"create or replace temp table {table} as select * from sheet_rows")
    connection.unregister("sheet_rows")


def _sheet(path: Path) -> _Sheet:
    """Read the sheet as text."""
    import fastexcel

    parts = look_through(path)
    try:
        book = fastexcel.read_excel(path)
        names = [name for name in book.sheet_names if name.strip().lower() != _INSTRUCTIONS]
        shown = [name for name in names if name not in parts.hidden]
        first = (shown or names or book.sheet_names)[0]
        chosen = next((name for name in names if name.strip().lower() == _DATA), first)
        loaded = book.load_sheet(chosen, header_row=None, skip_rows=0, dtypes="string")
        batch, errors = loaded.to_arrow_with_errors()
    except (fastexcel.FastExcelError, IndexError):
        raise DeliveryRefused(
            f"{path.name}: it is not a readable XLSX workbook; save it again as XLSX, without a password, or as CSV"
        ) from None
    places = {cell.position for cell in errors.errors} if errors else set()
    index = {column.absolute_index: column.index for column in loaded.available_columns()}
    unanswered = {(row, index[column]) for row, column in parts.unanswered(chosen) if column in index}
    frame = pl.DataFrame(batch).select(pl.nth(i).alias(f"column_{i}") for i in range(batch.num_columns))
    return _Sheet(frame.with_row_index("place"), places, unanswered, len(names) - (chosen in names))


def _header_and_rows(sheet: _Sheet, asked: Asked) -> tuple[list[str], pl.DataFrame, int]:
    """Tell the header, the rows below it, numbered from 1, and how many rows stand above it.

    It is the first row that names every column that must be there, or else the first that holds anything.
    """
    filled = sheet.filled
    named = (i for i, row in enumerate(islice(filled.iter_rows(), _FARTHEST_HEADER)) if asked.has_needed(_texts(row)))
    above = next(named, 0)
    header = _texts(filled.row(above)) if filled.height else []
    numbered = filled.slice(above).with_columns(row_no=pl.col("place").cast(pl.Int64) - pl.col("place").first())
    return header, numbered.slice(1), above


def _texts(row: tuple[object, ...]) -> list[str]:
    return [str(cell or "") for cell in row[1:]]
