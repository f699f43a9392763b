"""What a delivery says of itself: source, moment, and how each dataset is meant to be taken."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Riga")
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_SCHOOL = re.compile(r"[0-9]{10}")
_SETTINGS = ("mode", "shape", "schools", "from", "to", "deleted", "corrects")
_YEARS = range(2000, 2101)


class DeliveryRefused(Exception):
    """A delivery cannot be taken in; the message names file, rule and next step."""


@dataclass(frozen=True)
class DatasetNote:
    """How one dataset of a delivery is meant: mode, shape, the scope that a full delivery replaces.

    `corrects` names earlier folders of the sender whose waiting rows this file takes the place of.
    """

    dataset: str
    mode: str = "delta"
    shape: str | None = None
    schools: tuple[str, ...] = ()
    date_from: date | None = None
    date_to: date | None = None
    deleted: bool = False
    corrects: tuple[str, ...] = ()

    def meaning(self) -> str:
        """Write the settings as one line: the same bytes with other settings are another statement."""
        days = {"from": self.date_from and str(self.date_from), "to": self.date_to and str(self.date_to)}
        said = {"mode": self.mode, "shape": self.shape, "schools": sorted(self.schools), "deleted": self.deleted}
        corrects = {"corrects": sorted(self.corrects)} if self.corrects else {}
        return json.dumps(said | days | corrects, sort_keys=True)


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

    @property
    def version(self) -> str:
        """Return the text that puts deliveries in order: the moment in UTC, then the name."""
        return f"{self.delivered_on.astimezone(UTC):%Y%m%dT%H%M%S%f} {self.delivery_id}"

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
        return date.fromisoformat(value)
    except (ValueError, TypeError):
        raise _refuse(f"`{field}` is not a date such as 2025-09-01") from None


def _moment(value: Any) -> datetime:
    """Read the moment of delivery; without a zone it is Latvian time. In UTC, where no hour comes twice."""
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(_scalar(value)))
    except ValueError:
        raise _refuse("`delivered_on` is not a date-time such as 2025-09-01T07:30:00+03:00") from None
    if moment.year not in _YEARS:
        raise _refuse(f"`delivered_on` must lie in the years {_YEARS[0]} to {_YEARS[-1]}")
    # Python never finds a moment of the repeated hour of an autumn night equal to the same moment in another zone.
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZONE)).astimezone(UTC)


def _scalar(value: Any) -> Any:
    # Text of a nested value could grow without bound before anything looks at it.
    return value if isinstance(value, str | int | date) else None


def _choice(value: Any, field: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise _refuse(f"`{field}` must be {' or '.join(allowed)}")
    return str(value)


def _schools(value: Any) -> tuple[str, ...]:
    listed = [] if value is None else value
    if not isinstance(listed, list) or not all(_SCHOOL.fullmatch(str(_scalar(s))) for s in listed):
        raise _refuse("`schools` must be a list of registration numbers of ten digits in quotes")
    return tuple(str(s) for s in listed)


def _folders(value: Any) -> tuple[str, ...]:
    listed = [] if value is None else value
    if not isinstance(listed, list) or not all(isinstance(name, str) and _SAFE.fullmatch(name) for name in listed):
        raise _refuse("`corrects` must be a list of names of earlier delivery folders")
    return tuple(listed)


def _flag(value: Any, field: str) -> bool:
    if not isinstance(value, bool):
        raise _refuse(f"`{field}` must be true or false")
    return value


def read_note(dataset: str, settings: Any) -> DatasetNote:
    """Read the settings of one dataset; DeliveryRefused names the setting that is wrong."""
    raw = {} if settings is None else settings
    if not isinstance(raw, dict) or not set(raw) <= set(_SETTINGS):
        raise _refuse(f"the settings of a dataset may be {', '.join(_SETTINGS)} only")
    note = DatasetNote(
        dataset=dataset,
        mode=_choice(raw.get("mode", "delta"), "mode", ("full", "delta")),
        shape=_choice(raw["shape"], "shape", ("roll", "exceptions")) if raw.get("shape") else None,
        schools=_schools(raw.get("schools")),
        date_from=_day(raw.get("from"), "from"),
        date_to=_day(raw.get("to"), "to"),
        deleted=_flag(raw.get("deleted", False), "deleted"),
        corrects=_folders(raw.get("corrects")),
    )
    if note.date_from and note.date_to and note.date_from > note.date_to:
        raise _refuse("`from` must not be later than `to`")
    if note.deleted and note.mode == "full":
        raise _refuse("a list of keys to withdraw (`deleted: true`) cannot be `full`")
    return note


def read_meaning(dataset: str, text: str) -> DatasetNote:
    """Read what `DatasetNote.meaning` wrote."""
    return read_note(dataset, json.loads(text))


def parse_delivery(folder_name: str, document: Any) -> Delivery:
    """Read a parsed delivery.yaml; DeliveryRefused names the field that is wrong."""
    if not isinstance(document, dict):
        raise _refuse("it must hold `source`, `delivered_on` and `datasets`")
    source = str(_scalar(document.get("source")) or "")
    if not _SAFE.fullmatch(source) or not _SAFE.fullmatch(folder_name):
        raise _refuse("`source` and the folder name may hold letters, digits, dot, dash and underscore only")
    if document.get("delivered_on") is None:
        raise _refuse("`delivered_on` is missing")
    datasets = document.get("datasets") or {}
    if not isinstance(datasets, dict) or not all(isinstance(name, str) for name in datasets):
        raise _refuse("`datasets` must map dataset names to their settings")
    notes = tuple(read_note(name, settings) for name, settings in datasets.items())
    return Delivery(f"{source}.{folder_name}", source, _moment(document["delivered_on"]), notes)
