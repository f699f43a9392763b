"""`pumpurs import oulad`: a public data set as a delivery."""

from pathlib import Path

from pipelines.errors import DONE, UsageError
from pipelines.output import print_json


def command(src: Path, dest: Path, as_json: bool) -> int:
    """Write one delivery folder and say what went in and what came out."""
    from pipelines.importing import ImportRefused, import_oulad

    try:
        report = import_oulad(src, dest).as_dict()
    except ImportRefused as refused:
        raise UsageError(str(refused)) from None
    if as_json:
        print_json(report)
        return DONE
    for part, counts in report.items():
        print(f"{part}:")
        for name, count in counts.items() if isinstance(counts, dict) else []:
            print(f"  {name}: {count}")
    return DONE
