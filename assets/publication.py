"""Door one: a release is an immutable folder of protected tables, swapped in whole.

releases/<release_id>/tables/<name>.parquet   and .csv: UTF-8 without byte-order mark, comma, ISO dates, \\n
releases/<release_id>/release.json            what was released, how it was protected, the hash of every file
releases/<release_id>/site/                   the pages, made from the tables and release.json beside them
releases/current                              link to the release that readers use; a file with its id where
                                              links are impossible
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from models.disclosure import CountTable, Protected

CURRENT, REPORT, TABLES = "current", "release.json", "tables"
STATUSES = ("rounded", "withheld", "no_data")
CANNOT_SEE = {
    "lv": "Šie skaitļi balstās tikai uz kavējumiem, vērtējumiem un mācību gaitu. No 19 priekšlaicīgas mācību "
    "pārtraukšanas riskiem, ko izvērtē skolas, šeit pilnībā redzams viens (neattaisnoti kavējumi) un daļēji divi "
    "(grūtības mācībās, bieža slimošana). Ģimenes un materiālie apstākļi, vardarbība, atkarības un motivācija šajos "
    "datos nav redzama. Šeit ieskaitīts izglītojamais ne vienmēr pārtrauks mācības, un arī neieskaitītam var būt "
    "vajadzīgs atbalsts.",
    "en": "These numbers rest on absence, marks and school path alone. Of the 19 risks of early school leaving that "
    "schools assess, one (unexcused absence) is fully visible here and two (learning difficulty, frequent illness) "
    "are partly visible. Family and material circumstances, violence, addiction and motivation cannot be seen in "
    "these data. A pupil counted here will not necessarily leave school, and one not counted may still need support.",
}


class ReleaseBroken(RuntimeError):
    """Raised when a release folder does not hold what its release.json says."""


@dataclass(frozen=True)
class ReleaseInfo:
    """A release on disk."""

    release_id: str
    path: Path
    report: dict[str, Any]

    @property
    def is_certified(self) -> bool:
        """Tell whether the release has certificates; those of earlier versions, which withheld counts, have none."""
        return all("certificates" in entry["protection"] for entry in self.report["tables"].values())

    @property
    def nested(self) -> list[list[str]]:
        """Return the chains of counts that contain each other, as the release was protected."""
        protections = [entry["protection"] for entry in self.report["tables"].values()]
        return next((told["nested"] for told in protections if "nested" in told), [])

    def tables(self) -> list[CountTable]:
        """Read the published tables, in the shape that the attack takes."""
        return [self._table(name, entry) for name, entry in self.report["tables"].items()]

    def _table(self, name: str, entry: dict[str, Any]) -> CountTable:
        frame = pl.read_parquet(self.path / TABLES / f"{name}.parquet")
        return CountTable(name, frame, tuple(entry["group_columns"]))

    def check(self) -> None:
        """Raise ReleaseBroken if a file is missing, added or changed since the release was written."""
        promised, present = self.report["files"], _hashes(self.path)
        differing = sorted(name for name, _ in promised.items() ^ present.items())
        if differing:
            count = len(set(differing))
            raise ReleaseBroken(f"release {self.release_id}: {count} files differ from release.json, {differing[0]} …")


def read_release(path: Path) -> ReleaseInfo:
    """Open a release folder."""
    report = json.loads((path / REPORT).read_text(encoding="utf-8"))
    return ReleaseInfo(report["release_id"], path, report)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path != folder / REPORT)


def _hashes(folder: Path) -> dict[str, str]:
    found = _files(folder)
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def _plain(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"release.json cannot hold a {type(value).__name__}")


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, default=_plain, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _statuses(frame: pl.DataFrame) -> dict[str, int]:
    statuses = [frame[column] for column in frame.columns if column.endswith("_status")]
    return {status: sum(int((column == status).sum()) for column in statuses) for status in STATUSES}


def _entry(table: Protected) -> dict[str, Any]:
    frame = table.frame
    return {
        "group_columns": list(table.group_columns),
        "rows": frame.height,
        "cells": _statuses(frame),
        "periods": sorted(frame["period"].unique().to_list()),
        "protection": table.protection,
    }


def _release_id(tables: Sequence[Protected], report: Mapping[str, Any]) -> str:
    """Name a release by its day and content; by the CSV text, which no library version changes."""
    digest = hashlib.sha256(_json(report).encode())
    for table in tables:
        digest.update(f"\0{table.name}\0{table.frame.write_csv()}".encode())
    return f"{date.fromisoformat(report['as_of'][:10])}-{digest.hexdigest()[:12]}"


def _report(tables: Sequence[Protected], meta: Mapping[str, Any]) -> dict[str, Any]:
    """Gather what a reader must know beside the tables; `meta` may say it in its own words."""
    entries = {table.name: _entry(table) for table in tables}
    report = {"cannot_see": CANNOT_SEE, "labels": {}, **meta, "tables": entries}
    missing = {"as_of", "known_on", "pipeline_version"} - set(report)
    if missing:
        raise ValueError(f"a release needs {', '.join(sorted(missing))} in its meta")
    return json.loads(_json(report))


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _below(folder: Path) -> Iterator[Path]:
    yield from sorted(folder.rglob("*"), reverse=True)
    yield folder


def _write_tables(folder: Path, tables: Sequence[Protected]) -> None:
    folder.mkdir()
    for table in tables:
        frame = table.frame
        frame.write_csv(folder / f"{table.name}.csv")
        frame.write_parquet(folder / f"{table.name}.parquet", compression="zstd", compression_level=3, statistics=True)


@dataclass(frozen=True)
class Publication:
    """The folder of releases."""

    root: Path

    def release(
        self,
        tables: Sequence[Protected],
        meta: Mapping[str, Any],
        site: Callable[[Path], Any] | None = None,
        is_current: bool = True,
    ) -> ReleaseInfo:
        """Write a release, unless its like exists, and make it the current one unless told not to.

        meta: as_of, known_on, pipeline_version; labels ({indicator: {lv, en, definition_lv, definition_en}}) and more.
        site: gets the folder with tables and release.json, and writes pages below it.
        Raises TypeError for a table that is not Protected, ReleaseBroken if the like was altered since.
        """
        if not all(type(table) is Protected for table in tables):
            raise TypeError("a release takes Protected tables alone; models.disclosure.protect makes them")
        report = _report(tables, meta)
        release_id = _release_id(tables, report)
        final = self.root / release_id
        if not final.exists():
            self._write(final, tables, report | {"release_id": release_id}, site)
        found = read_release(final)
        found.check()
        if is_current:
            self.point_to(release_id)
        return found

    def name_of(self, tables: Sequence[Protected], meta: Mapping[str, Any]) -> str:
        """Return the name that a release of these tables has, written or not."""
        return _release_id(tables, _report(tables, meta))

    def current(self) -> ReleaseInfo | None:
        """Open the release that readers use; None before the first."""
        pointer = self.root / CURRENT
        if not pointer.exists():
            return None
        name = pointer.read_text(encoding="utf-8").strip() if pointer.is_file() else pointer.resolve().name
        return read_release(self.root / name)

    def point_to(self, release_id: str) -> None:
        """Swap `current` to a release in one step; no step at all if it is there."""
        read_release(self.root / release_id)
        now = self.current()
        if now and now.release_id == release_id:
            return
        temporary = self.root / f".{CURRENT}.part"
        temporary.unlink(missing_ok=True)
        try:
            temporary.symlink_to(release_id, target_is_directory=True)
        except OSError:  # a file system or account without links
            temporary.write_text(f"{release_id}\n", encoding="utf-8")
        temporary.replace(self.root / CURRENT)
        _flush(self.root)

    def _write(
        self, final: Path, tables: Sequence[Protected], report: dict[str, Any], site: Callable[[Path], Any] | None
    ) -> None:
        """Fill a folder beside the final one and rename it, so that no reader sees half a release."""
        part = self.root / f".{final.name}.part"
        shutil.rmtree(part, ignore_errors=True)  # left by a run that was stopped
        part.mkdir(parents=True)
        _write_tables(part / TABLES, tables)
        (part / REPORT).write_text(_json(report), encoding="utf-8")
        if site:
            site(part)
        (part / REPORT).write_text(_json(report | {"files": _hashes(part)}), encoding="utf-8")
        for path in _below(part):
            _flush(path)
        part.rename(final)
        _flush(self.root)
