"""What an import says: what became of every source row."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from models.public_format.imported import Imported


@dataclass(frozen=True)
class ImportReport:
    """What became of every source row: per file, read = used + left out by reason."""

    source: str
    delivered_on: str
    rows_read: dict[str, int]
    rows_used: dict[str, int]
    rows_left_out: dict[str, dict[str, int]]
    rows_written: dict[str, int]
    notes: dict[str, int]

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values, ready for JSON."""
        return asdict(self)


def account(
    rows_read: Mapping[str, int], files: Mapping[str, str], imported: Imported, document: Mapping[str, Any]
) -> ImportReport:
    """Report an import: `rows_read` and `files` (the names to tell) go by source table."""
    return ImportReport(
        source=document["source"],
        delivered_on=document["delivered_on"],
        rows_read={files[name]: count for name, count in rows_read.items()},
        rows_used={files[name]: count for name, count in imported.used.items()},
        rows_left_out={files[name]: reasons for name, reasons in imported.left_out.items()},
        rows_written={name: frame.height for name, frame in imported.datasets.items()},
        notes=imported.notes,
    )
