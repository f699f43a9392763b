"""Read a release folder: published tables and what is said about them, nothing else."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

STATUS, LOW, HIGH, SHARE = "_status", "_low", "_high", "_share_percent"
Row = dict[str, Any]


class Cell(NamedTuple):
    """A published count: a number, or the reason why there is none."""

    status: str  # rounded, withheld, no_data
    count: int | None
    low: int | None  # lowest and highest count that the number stands for
    high: int | None
    share: int | None  # whole percent
    share_range: tuple[float, float] | None = None  # percents between which the share lies; none of a small group


@dataclass(frozen=True)
class Release:
    """A release as pages see it."""

    folder: Path
    report: dict[str, Any]
    _read: dict[str, pl.DataFrame] = field(default_factory=dict, compare=False, repr=False)

    @property
    def release_id(self) -> str:
        """Return the name of the release."""
        return self.report["release_id"]

    def frame(self, table: str) -> pl.DataFrame:
        """Read a table, months in order; empty if the release lacks it. Read once, however many pages ask for it."""
        if table not in self.report["tables"]:
            return pl.DataFrame(schema={"period": pl.String})
        if table not in self._read:
            self._read[table] = pl.read_parquet(self.folder / "tables" / f"{table}.parquet").sort(
                "period", maintain_order=True
            )
        return self._read[table]

    def rows(self, table: str, **groups: str) -> list[Row]:
        """Return the rows of some groups, months in order; none if the release lacks the table."""
        frame = self.frame(table)
        return (
            frame.filter(*(pl.col(group) == value for group, value in groups.items())).to_dicts()
            if frame.height
            else []
        )

    def rows_by(self, table: str, group: str) -> dict[str, list[Row]]:
        """Return the rows of each group by month; empty if the release lacks the table."""
        frame = self.frame(table)
        return frame.rows_by_key(group, named=True, include_key=True) if frame.height else {}

    @property
    def protection(self) -> dict[str, Any]:
        """Return the terms of the protection of counts, which all tables of a release share."""
        told = [entry["protection"] for entry in self.report["tables"].values()]
        return next(terms for terms in told if "base" in terms and terms.get("method") != "steps")

    def counts(self, table: str) -> list[str]:
        """Name what a table tells of its groups, counts or shares, in its order."""
        return [column.removesuffix(STATUS) for column in self.frame(table).columns if column.endswith(STATUS)]


def cell(row: Row, count: str, protection: dict[str, Any]) -> Cell:
    """Read a published count of a row; its share's limits are made from what is published, as the protection allows."""
    status, low, high, share = (row[count + end] for end in (STATUS, LOW, HIGH, SHARE))
    if row[count] is None or row["pupils"] < protection["min_range_base"]:
        return Cell(status, row[count], low, high, share)
    limits = 100 * low // row["pupils"], -(-100 * high // row["pupils"])
    return Cell(status, row[count], low, high, share, limits)


def share_cell(row: Row, share: str) -> Cell:
    """Read a published share of lessons: the step that it lies in."""
    low, high = row[share + LOW], row[share + HIGH]
    return Cell(row[share + STATUS], None, None, None, None, None if low is None else (low, high))


def read(folder: Path) -> Release:
    """Open a release folder."""
    return Release(folder, json.loads((folder / "release.json").read_text(encoding="utf-8")))


def current_folder(releases: Path) -> Path | None:
    """Find the release that readers use: `current` is a link to it or, without links, a file with its name."""
    pointer = releases / "current"
    if not pointer.exists():
        return None
    name = pointer.read_text(encoding="utf-8").strip() if pointer.is_file() else pointer.resolve().name
    folder = releases / name
    return folder if folder.parent == releases and (folder / "release.json").is_file() else None
