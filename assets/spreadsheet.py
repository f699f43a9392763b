"""Open a workbook as rows of text: numbers and days as Excel holds them; a cell with an error is not an empty one."""

from pathlib import Path

import duckdb
import polars as pl

from assets.ledger import CELL_ERROR
from assets.opened import Asked, Opened
from models.delivery import DeliveryRefused

_DATA, _INSTRUCTIONS = "dati", "instrukcija"
Cells = set[tuple[int, int]]


def open_workbook(connection: duckdb.DuckDBPyConnection, asked: Asked) -> Opened:
    """Open the sheet `dati`, or else the first one, as the session's tables delivered_rows and carried_rows."""
    sheet, errors, unread = _sheet(asked.path)
    header, rows = _header_and_rows(sheet, errors)
    above = rows.select(pl.col("place") - pl.col("row_no")).head(1)
    columns = asked.columns(header)
    broken = {row for row, column in errors if columns[column]}
    is_broken = rows["place"].is_in(list(broken))
    kept = rows.select("row_no", *(pl.col(f"column_{i}").alias(name) for i, name in enumerate(columns) if name))
    _store(connection, "delivered_rows", kept.filter(~is_broken))
    _store(connection, "carried_rows", kept.filter(is_broken).select("row_no", broken_rule=pl.lit(CELL_ERROR)))
    carried = int(is_broken.sum())
    notes = (asked.left_out(header, columns), f"{unread} more sheet(s) were not read" if unread else "")
    return Opened(
        "delivered_rows",
        {name: "VARCHAR" for name in columns if name},
        kept.height - carried,
        detected="xlsx",
        note="; ".join(note for note in notes if note),
        carried="carried_rows" if carried else None,
        carried_rows=carried,
        header_row=above.item() + 1 if above.height else 1,
    )


def count_rows(path: Path) -> int:
    """Count the filled rows below the header."""
    sheet, errors, _ = _sheet(path)
    return _header_and_rows(sheet, errors)[1].height


def _store(connection: duckdb.DuckDBPyConnection, table: str, rows: pl.DataFrame) -> None:
    connection.register("sheet_rows", rows.to_arrow())
    connection.execute(f"create or replace temp table {table} as select * from sheet_rows")
    connection.unregister("sheet_rows")


def _sheet(path: Path) -> tuple[pl.DataFrame, Cells, int]:
    """Read the sheet as text; return it, the places of cells with an error, and how many other sheets there are."""
    import fastexcel

    try:
        book = fastexcel.read_excel(path)
        names = [name for name in book.sheet_names if name.strip().lower() != _INSTRUCTIONS]
        chosen = next((name for name in names if name.strip().lower() == _DATA), (names or book.sheet_names)[0])
        loaded = book.load_sheet(chosen, header_row=None, skip_rows=0, dtypes="string")
        batch, errors = loaded.to_arrow_with_errors()
    except fastexcel.FastExcelError:
        raise DeliveryRefused(
            f"{path.name}: it is not a readable XLSX workbook; save it again as XLSX, without a password, or as CSV"
        ) from None
    places = {cell.position for cell in errors.errors} if errors else set()
    frame = pl.DataFrame(batch).select(pl.nth(i).alias(f"column_{i}") for i in range(batch.num_columns))
    return frame.with_row_index("place"), places, len(names) - (chosen in names)


def _header_and_rows(sheet: pl.DataFrame, errors: Cells) -> tuple[list[str], pl.DataFrame]:
    """Tell the header, the first row that holds anything, from the filled rows below it, numbered from 1."""
    texts = [pl.col(name).str.strip_chars().fill_null("") != "" for name in sheet.columns[1:]]
    filled = sheet.filter(pl.any_horizontal(*texts, pl.col("place").is_in([row for row, _ in errors])))
    header = [cell or "" for cell in filled.row(0)[1:]] if filled.height else []
    return header, filled.with_columns(row_no=pl.col("place").cast(pl.Int64) - pl.col("place").first()).slice(1)
