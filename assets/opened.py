"""What a delivered file is asked for, and what it is once it is open: rows with known columns."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from data_contracts.contract import Contract
from data_contracts.looks import UNSEEN, like_latin
from models.delivery import DeliveryRefused


@dataclass(frozen=True)
class Opened:
    """A delivered file as a relation of text (or typed Parquet) columns with row_no, counted from 1.

    `carried` is a table of rows that cannot even be judged, with their row_no and broken_rule. `header_row` is the row
    of a sheet in which the header stands.
    """

    relation: str
    types: dict[str, str]
    rows: int
    detected: str = ""
    note: str = ""
    carried: str | None = None
    carried_rows: int = 0
    header_row: int = 0

    @property
    def delivered(self) -> int:
        """Return all rows of the file."""
        return self.rows + self.carried_rows


@dataclass(frozen=True)
class Asked:
    """The columns asked of one file, and which of them must be there; `headers` is what the file calls them."""

    path: Path
    contract: Contract
    needed: frozenset[str]
    headers: dict[str, str] = field(default_factory=dict, init=False)

    @cached_property
    def _known(self) -> dict[str, str]:
        columns = self.contract.columns
        labels = [_plain(c.label_lv) for c in columns]
        # A label that two columns bear names neither.
        labelled = {label: c.name for label, c in zip(labels, columns, strict=True) if labels.count(label) == 1}
        aliases = {_plain(alias): c.name for c in columns for alias in (*c.aliases, c.heading)}
        return labelled | aliases | {c.name.lower(): c.name for c in columns}

    def fit(self, header: Sequence[str]) -> int:
        """Count the header cells that are known columns."""
        return sum(_plain(cell) in self._known for cell in header)

    def has_needed(self, header: Sequence[str]) -> bool:
        """Tell whether a row names every column that must be there."""
        return self.needed <= {self._known.get(_plain(cell)) for cell in header}

    def columns(self, header: Sequence[str]) -> list[str | None]:
        """Map header cells to the contract's columns by name, label or alias; None for a column we do not know."""
        found = [self._known.get(_plain(cell)) for cell in header]
        named = [name for name in found if name]
        twice = sorted({name for name in named if named.count(name) > 1})
        if twice:
            raise DeliveryRefused(f"{self.path.name}: column {', '.join(twice)} stands twice; keep one, deliver again")
        odd = [
            str(i) for i, cell in enumerate(header, 1) if not found[i - 1] and _plain(like_latin(cell)) in self._known
        ]
        if odd:
            raise DeliveryRefused(
                f"{self.path.name}: the column name(s) at place {', '.join(odd)} hold letters of another alphabet that"
                " look like Latin ones; type the name(s) anew and deliver again"
            )
        missing = [name for name in self.contract.column_names if name in self.needed and name not in named]
        if missing:
            raise DeliveryRefused(
                f"{self.path.name}: {len(missing)} missing column(s): {', '.join(missing)}; add them (see `pumpurs"
                f" template {self.contract.name}`) and deliver again"
            )
        self.headers.update({name: cell for name, cell in zip(found, header, strict=True) if name})
        return found

    def left_out(self, header: Sequence[str], columns: Sequence[str | None]) -> str:
        """Say which columns were not read: by place, for whatever stands there may be a value."""
        places = [str(i) for i, name in enumerate(columns, 1) if not name and header[i - 1].strip()]
        return (
            f"{len(places)} column(s) not of the contract were left out, at place {', '.join(places)}" if places else ""
        )


def told(*notes: str) -> str:
    """Join what is to be noted of a file."""
    return "; ".join(note for note in notes if note)


def globbed(path: Path) -> str:
    """Write a path so that it can stand between quotes in SQL and names this one file, whatever signs it holds."""
    return re.sub(r"([*?\[])", r"[\1]", str(path)).replace("'", "''")


def projection(columns: Sequence[str | None], cells: Sequence[str]) -> str:
    """Write the select list that names the known columns among a file's cells."""
    return ", ".join(f"{cell} as {name}" for cell, name in zip(cells, columns, strict=True) if name)


def _plain(cell: str) -> str:
    """Return a header cell as it is compared: composed, without signs that have no width, in small letters."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", cell).translate(UNSEEN)).strip().lower()
