"""What a map file says: which column of a flat export is which of ours, and what its codes mean."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from models.public_format.date_form import DateForm

ENCODINGS = {
    "utf-8": ("utf-8", "utf-8-sig"),
    "utf-16": ("utf-16", "utf-16-le", "utf-16-be"),
    "windows-1257": ("cp1257",),
}
CODE_LISTS = {"attendance_code": "code", "exit_status_code": "status"}
CODED = {"attendance": "code", "enrolment": "exit_status"}


@dataclass(frozen=True)
class Dataset:
    """What we know of one of our datasets: its columns, which are dates, which must be there, which are the key."""

    columns: tuple[str, ...]
    dates: frozenset[str]
    needed: tuple[str, ...]
    key: tuple[str, ...]

    @property
    def is_dated(self) -> bool:
        """Tell whether a full delivery of it is limited by dates."""
        return any(name in self.dates for name in self.key)


@dataclass(frozen=True)
class Known:
    """What a map is checked against: our datasets, and the meanings that codes may have."""

    datasets: Mapping[str, Dataset]
    meanings: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Column:
    """Where a column of ours comes from: a column of the file, a constant, the file's name, or by counting."""

    header: str = ""
    always: str = ""
    file_name: str = ""
    is_counted: bool = False


@dataclass(frozen=True)
class Wide:
    """Columns that stand for values: `values` by header, or all headers that are dates where it is None."""

    values: dict[str, str] | None
    name_is: str
    cell_is: str
    keeps_empty: bool = False
    several: str = ""


@dataclass(frozen=True)
class Layout:
    """How one dataset lies in the export."""

    dataset: str
    files: str
    columns: dict[str, Column]
    wide: Wide | None
    forms: tuple[DateForm, ...]
    note: dict[str, object]
    scope: tuple[date | None, date | None] = (None, None)
    encoding: str = ""
    delimiter: str = ""
    spellings: dict[str, dict[str, str]] = field(default_factory=dict)
    leave_out: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def headers(self) -> list[str]:
        """Return the header cells that the map names."""
        named = [column.header for column in self.columns.values() if column.header]
        return [*dict.fromkeys([*named, *self.leave_out, *((self.wide.values if self.wide else None) or {})])]


@dataclass(frozen=True)
class DeliveredOn:
    """When an export was made: a moment as written, or the day in a file's name where `<>` stands."""

    moment: str = ""
    file_name: str = ""
    form: DateForm | None = None


@dataclass(frozen=True)
class MapFile:
    """A whole map."""

    source: str
    delivered_on: DeliveredOn
    layouts: tuple[Layout, ...]
    codes: dict[str, list[dict[str, str]]]
