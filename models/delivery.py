"""What a delivery says of itself: source, moment, and how each dataset is meant to be taken."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Riga")
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class DeliveryRefused(Exception):
    """A delivery cannot be taken in; the message names file, rule and next step."""


@dataclass(frozen=True)
class DatasetNote:
    """How one dataset of a delivery is meant: mode, shape and the scope that a full delivery replaces."""

    dataset: str
    mode: str = "delta"
    shape: str | None = None
    schools: tuple[str, ...] = ()
    date_from: date | None = None
    date_to: date | None = None
    deleted: bool = False


@dataclass(frozen=True)
class Delivery:
    """One folder's delivery.yaml."""

    delivery_id: str
    source: str
    delivered_on: datetime
    notes: tuple[DatasetNote, ...]

    @property
    def known_from(self) -> date:
        """Return the day from which the rows were known, in Latvian time."""
        return self.delivered_on.astimezone(ZONE).date()

    def note(self, dataset: str) -> DatasetNote:
        """Return what the delivery says of a dataset; a dataset it does not mention is a delta."""
        return next((n for n in self.notes if n.dataset == dataset), DatasetNote(dataset))


def _refuse(what: str) -> DeliveryRefused:
    return DeliveryRefused(f"delivery.yaml: {what}; correct the file, or ask the sender for a new delivery")


def _day(value: Any, field: str) -> date | None:
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise _refuse(f"`{field}` is not a date") from None


def _moment(value: Any) -> datetime:
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        raise _refuse("`delivered_on` is not a date-time") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZONE)


def _choice(value: Any, field: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise _refuse(f"`{field}` must be {' or '.join(allowed)}")
    return str(value)


def _note(dataset: str, raw: dict[str, Any]) -> DatasetNote:
    shape = raw.get("shape")
    return DatasetNote(
        dataset=dataset,
        mode=_choice(raw.get("mode", "delta"), "mode", ("full", "delta")),
        shape=_choice(shape, "shape", ("roll", "exceptions")) if shape else None,
        schools=tuple(str(s) for s in raw.get("schools") or ()),
        date_from=_day(raw.get("from"), "from"),
        date_to=_day(raw.get("to"), "to"),
        deleted=bool(raw.get("deleted", False)),
    )


def parse_delivery(folder_name: str, document: Any) -> Delivery:
    """Read a parsed delivery.yaml; DeliveryRefused names the field that is wrong."""
    if not isinstance(document, dict):
        raise _refuse("it must hold `source`, `delivered_on` and `datasets`")
    source = str(document.get("source") or "")
    if not _SAFE.fullmatch(source) or not _SAFE.fullmatch(folder_name):
        raise _refuse("`source` and the folder name may hold letters, digits, dot, dash and underscore only")
    if document.get("delivered_on") is None:
        raise _refuse("`delivered_on` is missing")
    datasets = document.get("datasets") or {}
    if not isinstance(datasets, dict):
        raise _refuse("`datasets` must map dataset names to their settings")
    notes = tuple(_note(str(name), raw or {}) for name, raw in datasets.items())
    return Delivery(f"{source}.{folder_name}", source, _moment(document["delivered_on"]), notes)
