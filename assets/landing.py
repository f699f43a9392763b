"""The inbox: find deliveries, read what they say of themselves, know their files by their bytes."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml

from data_contracts.contract import FOLDER as CONTRACTS
from data_contracts.contract import delivered, load
from models.delivery import DatasetNote, Delivery, DeliveryRefused, parse_delivery

SUFFIXES = (".parquet", ".csv", ".csv.gz", ".xlsx")
NOTE = "delivery.yaml"
_ARCHIVES = (".zip", ".tar", ".tgz", ".tar.gz", ".7z", ".rar")
BUILT_IN = CONTRACTS / "reference"
_LONGEST_NOTE, _DEEPEST_NOTE = 1 << 20, 9


@dataclass(frozen=True)
class Arrived:
    """A complete delivery folder with its files by dataset, or the reason why it cannot be read."""

    folder: Path
    delivery: Delivery | None
    files: dict[str, Path]
    refusal: str | None = None
    unknown: tuple[Path, ...] = ()


@dataclass(frozen=True)
class DeliveredFile:
    """One file of one delivery, as it lies in landing."""

    delivery: Delivery
    dataset: str
    path: Path

    @property
    def note(self) -> DatasetNote:
        """Return how the delivery means this dataset."""
        return self.delivery.note(self.dataset)

    @property
    def is_there(self) -> bool:
        """Tell whether there is such a file; a delivery may name one that it does not bring."""
        return is_ordinary(self.path)

    @cached_property
    def sha256(self) -> str:
        """Return the SHA-256 of the file's bytes, or of none."""
        # The stamp is taken before the bytes: what changes after it is seen, at the latest, by the next run.
        size, _ = self.stamp
        return content_sha256(self.path) if size or self.is_there else hashlib.sha256().hexdigest()

    @cached_property
    def stamp(self) -> tuple[int, int]:
        """Return size and time of change: while they stay, the bytes need not be read again."""
        if not self.is_there:
            return 0, 0
        about = self.path.stat()
        return about.st_size, about.st_mtime_ns

    def is_as_it_was(self) -> bool:
        """Tell whether file and note still say what they said when they were looked at first."""
        again = DeliveredFile(self.delivery, self.dataset, self.path)
        try:
            return again.sha256 == self.sha256 and read_arrived(self.path.parent).delivery == self.delivery
        except OSError:
            return False


def _dataset_of(path: Path) -> str | None:
    suffix = next((s for s in SUFFIXES if path.name.lower().endswith(s)), None)
    name = path.name[: -len(suffix)].lower() if suffix else None
    return name if f"raw.{name}" in delivered() and is_ordinary(path) else None


def is_ordinary(path: Path) -> bool:
    """Tell whether a path is a file itself: no link, folder, pipe or device, which might lead anywhere or never end."""
    return path.is_file() and not path.is_symlink()


def why_unknown(path: Path) -> str:
    """Say why something in a delivery folder is not read, and what to do."""
    if path.is_symlink():
        return "it is a link to somewhere else; put the file itself into the delivery folder"
    if path.is_dir():
        return "it is a folder; put the files straight into the delivery folder"
    if not path.is_file():
        return "it is no ordinary file; put a file with rows in its place"
    if path.name.lower().endswith(_ARCHIVES):
        return "it is an archive; unpack it and put its files into the delivery folder"
    names = ", ".join(key.split(".")[1] for key in delivered())
    return f"no dataset is called so; call it {names}, ending in {', '.join(SUFFIXES)}"


def _files(folder: Path) -> tuple[dict[str, Path], tuple[Path, ...]]:
    """Tell the files of known datasets from whatever else lies in the folder; hidden files do not count."""
    found: dict[str, Path] = {}
    unknown: list[Path] = []
    for path in sorted(p for p in folder.iterdir() if p.name != NOTE and not p.name.startswith(".")):
        dataset = _dataset_of(path)
        if dataset is None:
            unknown.append(path)
        elif dataset in found:
            raise DeliveryRefused(f"{path.name}: two files for dataset {dataset}; keep one and deliver again")
        else:
            found[dataset] = path
    return found, tuple(unknown)


def _check_notes(delivery: Delivery) -> None:
    """Refuse settings that could not be followed: of a dataset nobody promised, or of schools where there are none."""
    for note in delivery.notes:
        if f"raw.{note.dataset}" not in delivered():
            names = ", ".join(key.split(".")[1] for key in delivered())
            raise DeliveryRefused(f"{NOTE}: `datasets` names one that does not exist; it may be {names}")
        if note.schools and "school_reg_no" not in load(f"raw.{note.dataset}").column_names:
            raise DeliveryRefused(f"{NOTE}: {note.dataset} has no schools, so `schools` cannot limit it; leave it out")


def _document(note: Path) -> Any:
    with note.open(encoding="utf-8-sig") as handle:
        text = handle.read(_LONGEST_NOTE)
    if len(text) == _LONGEST_NOTE:
        raise DeliveryRefused(f"{NOTE}: it is longer than a megabyte; correct the file")
    depth = 0
    # The loader calls itself for each level; a file nested without end would end the process.
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST_NOTE:
            raise DeliveryRefused(f"{NOTE}: it is nested too deeply; correct the file")
    return yaml.load(text, Loader=yaml.CSafeLoader)


@cache
def _read_note(note: Path, size: int, modified_ns: int) -> Delivery:
    """Read a delivery.yaml once in a process, however often the deliveries are listed, unless it changes."""
    delivery = parse_delivery(note.parent.name, _document(note))
    _check_notes(delivery)
    return delivery


def read_arrived(folder: Path) -> Arrived:
    """Read one delivery folder; a folder that cannot be understood carries its refusal."""
    try:
        if folder.is_symlink() or (folder / NOTE).is_symlink():
            raise DeliveryRefused(
                f"{NOTE}: it, or its folder, is a link to somewhere else; put the folder itself there"
            )
        if not (folder / NOTE).is_file() and not (folder / NOTE).is_dir():
            raise DeliveryRefused(f"{NOTE}: it is no ordinary file; write a file in its place")
        about = (folder / NOTE).stat()
        delivery = _read_note(folder / NOTE, about.st_size, about.st_mtime_ns)
        files, unknown = _files(folder)
        if not files and not unknown and not delivery.notes:
            raise DeliveryRefused(f"{NOTE}: it stands alone; put the files of the datasets beside it")
        return Arrived(folder, delivery, files, unknown=unknown)
    except DeliveryRefused as refusal:
        return Arrived(folder, None, {}, str(refusal))
    except OSError as error:
        return Arrived(folder, None, {}, f"{NOTE}: it cannot be read ({type(error).__name__}); give permission to read")
    except (yaml.YAMLError, ValueError, AttributeError, LookupError, TypeError):
        # The reader of YAML lets errors of its own through where a tag promises what the text does not hold.
        return Arrived(folder, None, {}, f"{NOTE}: it is not readable YAML in UTF-8; correct the file")


def folders(landing: Path) -> list[Path]:
    """List the complete delivery folders, whose delivery.yaml, written last, is there; hidden ones do not count."""
    found = sorted(path.parent for path in landing.glob(f"*/*/{NOTE}")) if landing.exists() else []
    shown = [folder for folder in found if not folder.name.startswith(".") and not folder.parent.name.startswith(".")]
    return [*sorted(path.parent for path in BUILT_IN.glob(f"*/{NOTE}")), *shown]


def _told_apart(read: list[Arrived]) -> Iterator[Arrived]:
    """Refuse a folder whose source and name another folder bears already."""
    seen: set[str] = set()
    for arrived in read:
        name = arrived.delivery.delivery_id if arrived.delivery else ""
        if name and name in seen:
            text = f"{NOTE}: another folder has this source and folder name too; rename this folder"
            yield replace(arrived, delivery=None, files={}, unknown=(), refusal=text)
        else:
            yield arrived
        seen.add(name)


def arrivals(landing: Path) -> Iterator[Arrived]:
    """Yield all complete deliveries: those refused, then the others, the earliest delivered first."""
    read = list(_told_apart([read_arrived(folder) for folder in folders(landing)]))
    yield from (a for a in read if a.delivery is None)
    yield from sorted((a for a in read if a.delivery), key=lambda a: a.delivery.version if a.delivery else "")


def newest_delivery(landing: Path) -> date:
    """Return the day of the newest delivery, by which the default clocks are set."""
    return max((a.delivery.known_from for a in arrivals(landing) if a.delivery), default=date(1970, 1, 1))


def safe_name(path: Path) -> str:
    """Return a file's name in letters, digits, dot, dash and underscore: no sheet takes that for a formula."""
    return re.sub(r"[^A-Za-z0-9._-]|^[^A-Za-z0-9]", "_", path.name)[:100]


def content_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
