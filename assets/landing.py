"""The inbox: find deliveries, read what they say of themselves, keep their bytes and hash."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from data_contracts.contract import FOLDER as CONTRACTS
from models.delivery import Delivery, DeliveryRefused, parse_delivery

SUFFIXES = (".parquet", ".csv", ".csv.gz", ".xlsx")
NOTE = "delivery.yaml"
BUILT_IN = CONTRACTS / "reference"


@dataclass(frozen=True)
class Arrived:
    """A complete delivery folder with its files by dataset, or the reason why it cannot be read."""

    folder: Path
    delivery: Delivery | None
    files: dict[str, Path]
    refusal: str | None = None


def _dataset_of(path: Path) -> str | None:
    suffix = next((s for s in SUFFIXES if path.name.lower().endswith(s)), None)
    return path.name[: -len(suffix)].lower() if suffix else None


def _files(folder: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        dataset = _dataset_of(path)
        if dataset is None or not path.is_file():
            continue
        if dataset in found:
            raise DeliveryRefused(f"{path.name}: two files for dataset {dataset}; keep one and deliver again")
        found[dataset] = path
    return found


def read_arrived(folder: Path) -> Arrived:
    """Read one delivery folder; a folder that cannot be understood carries its refusal."""
    try:
        document = yaml.load((folder / NOTE).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        return Arrived(folder, parse_delivery(folder.name, document), _files(folder))
    except DeliveryRefused as refusal:
        return Arrived(folder, None, {}, str(refusal))
    except (yaml.YAMLError, UnicodeDecodeError):
        return Arrived(folder, None, {}, f"{NOTE}: it is not readable YAML in UTF-8; correct the file")


def folders(landing: Path) -> list[Path]:
    """List the complete delivery folders: those whose delivery.yaml, written last, is there."""
    found = sorted(path.parent for path in landing.glob(f"*/*/{NOTE}")) if landing.exists() else []
    return [*sorted(path.parent for path in BUILT_IN.glob(f"*/{NOTE}")), *found]


def arrivals(landing: Path) -> Iterator[Arrived]:
    """Yield all complete deliveries, the earliest delivered first."""
    read = [read_arrived(folder) for folder in folders(landing)]
    yield from (a for a in read if a.delivery is None)
    yield from sorted(
        (a for a in read if a.delivery), key=lambda a: a.delivery and (a.delivery.delivered_on, a.delivery.delivery_id)
    )


def newest_delivery(landing: Path) -> date:
    """Return the day of the newest delivery, by which the default clocks are set."""
    return max((a.delivery.known_from for a in arrivals(landing) if a.delivery), default=date(1970, 1, 1))


def content_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
