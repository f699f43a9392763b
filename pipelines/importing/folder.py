"""The delivery folder that an import writes: never over another one, and delivery.yaml, written last, completes it."""

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from assets.home import swap_in, write_text
from models.delivery import DeliveryRefused, parse_delivery
from models.public_format.imported import ImportRefused

NOTE = "delivery.yaml"
LARGE = {"attendance", "mark"}  # Parquet; the others are CSV, which a person can open


def require_free(dest: Path, datasets: Collection[str]) -> None:
    """Refuse a folder that holds anything but the unfinished files of an earlier import of these datasets."""
    if dest.exists() and not dest.is_dir():
        raise ImportRefused(f"{dest.name}: it is a file; name a new folder")
    present = {path.name for path in dest.iterdir() if not path.name.startswith(".")} if dest.exists() else set()
    foreign = present - {file_name(name) for name in datasets}
    if foreign:
        what = "a delivery" if NOTE in foreign else f"{len(foreign)} other files"
        raise ImportRefused(f"{dest.name}: the folder already holds {what}; name a new folder")


def file_name(dataset: str) -> str:
    """Return the name of a dataset's file."""
    return f"{dataset}.{'parquet' if dataset in LARGE else 'csv'}"


def dates(datasets: Mapping[str, pl.DataFrame]) -> tuple[date, date]:
    """Return the first and the last date in any dataset."""
    columns = [frame[name] for frame in datasets.values() for name, kind in frame.schema.items() if kind == pl.Date]
    days = pl.concat([column.alias("day") for column in columns]).drop_nulls().unique().sort().to_list()
    return days[0], days[-1]


def morning_after(day: date) -> datetime:
    """Return the moment of delivery of what is known at the end of a day."""
    return datetime.combine(day + timedelta(days=1), time(6), UTC)


def full_note(source: str, datasets: Mapping[str, pl.DataFrame], shape: str) -> dict[str, Any]:
    """Write delivery.yaml's content: everything of this source, delivered on the morning after its last date."""
    first, last = dates(datasets)
    scope: dict[str, Any] = {"mode": "full", "from": first.isoformat(), "to": last.isoformat()}
    shaped = {name: scope | ({"shape": shape} if name == "attendance" else {}) for name in datasets}
    return {"source": source, "delivered_on": morning_after(last).isoformat(), "datasets": shaped}


def write_delivery(dest: Path, datasets: Mapping[str, pl.DataFrame], document: dict[str, Any]) -> None:
    """Write every dataset in one step each and, when all are there, delivery.yaml."""
    try:
        parse_delivery(dest.resolve().name, document)
        dest.mkdir(parents=True, exist_ok=True)
        for dataset, frame in datasets.items():
            _write_dataset(dest / file_name(dataset), frame)
        write_text(dest / NOTE, yaml.safe_dump(document, sort_keys=False, allow_unicode=True))
    except DeliveryRefused as refusal:
        raise ImportRefused(str(refusal)) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ImportRefused(f"{dest.name}: the folder cannot be written ({reason}); name another folder") from None


def _write_dataset(final: Path, frame: pl.DataFrame) -> None:
    temporary = final.with_name(f".{final.name}.part")
    if final.suffix == ".parquet":
        frame.write_parquet(temporary)
    else:
        frame.write_csv(temporary)
    swap_in(temporary, final)
