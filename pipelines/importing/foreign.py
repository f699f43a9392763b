"""Read a file of another system through the front door: every record is a row of text, or is counted as unreadable."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import polars as pl

from assets.front_door import open_file
from assets.ledger import MALFORMED
from assets.opened import Asked, Opened
from data_contracts.contract import Column, Contract
from models.delivery import DeliveryRefused
from models.public_format.imported import ImportRefused

_WHY = {MALFORMED: "the record has more or fewer fields than the header"}
_OTHER = "a cell holds an error"


@dataclass(frozen=True)
class Foreign:
    """A file as it was read: header cells, rows of trimmed text by place (cell_0 …), what could not be read."""

    name: str
    header: list[str]
    rows: pl.DataFrame
    unread: dict[str, int]
    detected: str

    @property
    def records(self) -> int:
        """Count all records of the file."""
        return self.rows.height + sum(self.unread.values())


class _NoPromise(Contract):
    """The contract of a file that promised nothing: every column is text."""

    def column(self, name: str) -> Column:
        return Column(name, "varchar", "string", name, "")


@dataclass(frozen=True)
class _AnyColumns(Asked):
    """Ask for every column there is; the delimiter is the one that makes most known cells of the header."""

    is_known: Callable[[str], bool] = bool
    least: int = 1
    header: list[str] = field(default_factory=list)

    def fit(self, header: Sequence[str]) -> int:
        return sum(self.is_known(clean(cell)) for cell in header)

    def has_needed(self, header: Sequence[str]) -> bool:
        return len({clean(cell).casefold() for cell in header if self.is_known(clean(cell))}) >= self.least

    def columns(self, header: Sequence[str]) -> list[str | None]:
        self.header[:] = [clean(cell) for cell in header]
        return [f"cell_{place}" for place in range(len(header))]

    def left_out(self, header: Sequence[str], columns: Sequence[str | None]) -> str:
        return ""


def clean(cell: str) -> str:
    """Write a header cell without a byte order mark and with single spaces."""
    return re.sub(r"\s+", " ", cell.replace("\ufeff", "")).strip()


def read_foreign(path: Path, is_known: Callable[[str], bool], least: int = 1) -> Foreign:
    """Read a .csv, .txt, .csv.gz, .xlsx or .parquet.

    `is_known` tells header cells that a reader knows, `least` how many of them a header has. ImportRefused says what is
    wrong with the file and what to do.
    """
    promised = _NoPromise("source", path.stem, "", "", "", "", "", "", "", (), ())
    asked = _AnyColumns(path, promised, frozenset(), is_known, least)
    try:
        with TemporaryDirectory(prefix="pumpurs-import-") as scratch, duckdb.connect() as connection:
            opened = open_file(connection, asked, Path(scratch))
            return Foreign(
                path.name, asked.header, _rows(connection, opened), _unread(connection, opened), opened.detected
            )
    except DeliveryRefused as refusal:
        raise ImportRefused(str(refusal)) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ImportRefused(f"{path.name}: it cannot be read ({reason}); mend that and try again") from None


def _rows(connection: duckdb.DuckDBPyConnection, opened: Opened) -> pl.DataFrame:
    names = ", ".join(f"nullif(trim({name}::varchar), '') as {name}" for name in opened.types)
    return connection.sql(f"select {names} from {opened.relation} order by row_no").pl()


def _unread(connection: duckdb.DuckDBPyConnection, opened: Opened) -> dict[str, int]:
    if not opened.carried:
        return {}
    counted = f"select broken_rule, count(*) from {opened.carried} group by broken_rule order by broken_rule"
    return {_WHY.get(rule, _OTHER): count for rule, count in connection.sql(counted).fetchall()}
