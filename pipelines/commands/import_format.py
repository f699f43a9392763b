"""`pumpurs import …`: a public format as a delivery."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from pipelines.errors import DONE, UsageError
from pipelines.output import print_json

if TYPE_CHECKING:
    from pipelines.importing.report import ImportReport


def command(write: "Callable[[], ImportReport]", as_json: bool) -> int:
    """Write the delivery and say what went in and what came out."""
    from models.public_format.imported import ImportRefused

    try:
        report = write().as_dict()
    except ImportRefused as refused:
        raise UsageError(str(refused)) from None
    if as_json:
        print_json(report)
    else:
        _print(report)
    return DONE


def _print(report: dict) -> None:
    for part, told in report.items():
        print(f"{part}:" if isinstance(told, dict) else f"{part}: {told}")
        for name, count in told.items() if isinstance(told, dict) else []:
            print(f"  {name}: {count}")
