"""What readers have seen, kept for good: each release builds on all numbers published before.

publications/<number>.<digest>.parquet   numbers that a release published for the first time, with their true count; the
                                         release and the digest of the file before stand in the file's metadata
publications/<number>.published         written once readers can see the release; an entry without it was never seen
publications/<number>.witnesses.parquet  the certificates of its months: whole tables, as differences from the true one

The folder holds the truth: it never leaves.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from assets.home import Home, swap_in, write_text
from assets.publication import REPORT, read_release
from models.disclosure import NUMBERS, Protection, Witnesses

_ABOUT = "pumpurs"
_FIRST = "0" * 64
_NAMED = 16  # digits of its digest in the name of a file


class LedgerBroken(RuntimeError):
    """The ledger of publications is not what was written; the message names the file and the next step."""


@dataclass(frozen=True)
class Entry:
    """What one release added."""

    number: int
    path: Path
    digest: str
    release_id: str
    previous: str

    @property
    def numbers(self) -> pl.DataFrame:
        """Return the numbers that readers saw for the first time."""
        frame = pl.read_parquet(self.path)
        return frame.rename({"size": "pupils"} if "size" in frame.columns else {}).cast(pl.Schema(NUMBERS))


def _read(path: Path) -> Entry:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    number, named, _ = path.name.split(".")
    if len(named) != _NAMED or not digest.startswith(named):
        raise LedgerBroken(f"{path} is damaged; restore the folder {path.parent} from its newest copy")
    about = json.loads(pl.read_parquet_metadata(path)[_ABOUT])
    witnesses = path.with_name(f"{number}.witnesses.parquet")
    if not witnesses.exists() or hashlib.sha256(witnesses.read_bytes()).hexdigest() != about["witnesses"]:
        raise LedgerBroken(f"{witnesses} is damaged; restore the folder {path.parent} from its newest copy")
    return Entry(int(number), path, digest, about["release_id"], about["previous"])


@dataclass(frozen=True)
class Publications:
    """The ledger of all releases of a home."""

    home: Home

    @property
    def folder(self) -> Path:
        """Where the ledger stands."""
        return self.home.publications

    def entries(self) -> list[Entry]:
        """Return all entries, oldest first; LedgerBroken where one was changed, lost or put in between."""
        found = [_read(path) for path in sorted(self.folder.glob("[0-9]*.*.parquet")) if "witnesses" not in path.name]
        previous = _FIRST
        for place, entry in enumerate(found, start=1):
            if (entry.number, entry.previous) != (place, previous):
                raise LedgerBroken(f"{self.folder} lacks an entry before {entry.path.name}; restore its newest copy")
            previous = entry.digest
        return found

    def seen(self) -> pl.DataFrame:
        """Return every number that readers have seen, oldest first; LedgerBroken where the ledger is not whole.

        A release on disk that the ledger does not know was published by a newer ledger than this one: an older copy was
        put in its place, and what readers know is no longer known here.
        """
        entries = self.entries()
        known = {entry.release_id for entry in entries}
        unknown = [name for name in _certified(self.home.releases) if name not in known]
        if unknown:
            raise LedgerBroken(
                f"{self.folder} is older than {len(unknown)} releases, {unknown[0]} …; restore its newest copy"
            )
        # What was never published is taken back before the next entry: one that has a successor was seen.
        published = [entry.numbers for entry in entries if entry is not entries[-1] or self._was_published(entry)]
        return pl.concat([pl.DataFrame(schema=NUMBERS), *published])

    def mark_published(self) -> None:
        """Note that readers can see what was noted: for good, even when the release is removed later."""
        for entry in self.entries():
            self._was_published(entry)

    def _was_published(self, entry: Entry) -> bool:
        """Tell whether readers could see a release; one that was noted and then stopped was never there."""
        mark = self.folder / f"{entry.number:06d}.published"
        if not mark.exists() and (self.home.releases / entry.release_id).exists():
            write_text(mark, f"{entry.release_id}\n")
        return mark.exists()

    def _forget_unpublished(self) -> list[Entry]:
        """Take back the newest entry if nobody saw it, so that a run that stopped leaves nothing; return the rest."""
        entries = self.entries()
        if entries and not self._was_published(entries[-1]):
            entries.pop().path.unlink()
        return entries

    def append(self, release_id: str, made: Protection) -> None:
        """Note what a release is about to publish: before it does, so that nothing is ever seen that is not noted."""
        entries = self._forget_unpublished()
        if made.numbers.is_empty() and any(entry.release_id == release_id for entry in entries):
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        number = len(entries) + 1
        witnesses = self._write(f"{number:06d}.witnesses.parquet", _flat(made.witnesses), {})
        previous = entries[-1].digest if entries else _FIRST
        about = {"release_id": release_id, "previous": previous, "witnesses": witnesses}
        self._write(f"{number:06d}.{{digest}}.parquet", made.numbers, about)

    def _write(self, name: str, frame: pl.DataFrame, about: dict[str, Any]) -> str:
        part = self.folder / ".part"
        frame.write_parquet(part, compression="zstd", compression_level=3, metadata={_ABOUT: json.dumps(about)})
        digest = hashlib.sha256(part.read_bytes()).hexdigest()
        swap_in(part, self.folder / name.format(digest=digest[:_NAMED]))
        return digest


def _flat(witnesses: dict[str, list[Witnesses]]) -> pl.DataFrame:
    """Lay witnesses out: month, family, witness, column, inner cell and its difference from the truth."""
    numbers = ("family", "witness", "column", "inner", "difference")
    schema = {"period": pl.String} | dict.fromkeys(numbers, pl.Int32)
    parts = [pl.DataFrame(schema=schema)]
    for period, families in witnesses.items():
        for family, found in enumerate(families):
            entries = found.rows.tocoo()
            at, inner = entries.coords
            of = divmod(at, found.columns)
            columns = dict(zip(numbers[1:], (*of, inner, entries.data), strict=True))
            made = pl.DataFrame(columns).with_columns(period=pl.lit(period), family=pl.lit(family))
            parts.append(made.select(*schema).cast(pl.Schema(schema)))
    return pl.concat(parts)


def _certified(releases: Path) -> list[str]:
    """Name the releases on disk that were certified."""
    found = [read_release(path.parent) for path in sorted(releases.glob(f"[0-9]*/{REPORT}"))]
    return [info.release_id for info in found if info.is_certified]
