"""`pumpurs synth`: a seeded synthetic country as deliveries."""

from pathlib import Path

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from pipelines.errors import DONE, UsageError
from pipelines.output import print_json, progress_console


def write(dest: Path, pupils: int, school_years: int, seed: int, shape: str, file_format: str) -> list[Path]:
    """Write the country with a progress bar on standard error."""
    from pipelines.synthesis import write_country

    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=progress_console, transient=True
    )
    with bar:
        task = bar.add_task("synthetic country", total=None)
        return write_country(
            dest,
            pupils,
            school_years,
            seed,
            shape,
            file_format,
            progress=lambda what, done, total: bar.update(task, description=what, completed=done, total=total),
        )


def command(dest: Path, pupils: int, school_years: int, seed: int, shape: str, file_format: str, as_json: bool) -> int:
    """Write deliveries below DEST and name them."""
    if shape not in ("roll", "exceptions"):
        raise UsageError("--shape must be roll or exceptions")
    if file_format not in ("parquet", "csv"):
        raise UsageError("--format must be parquet or csv")
    try:
        folders = write(dest, pupils, school_years, seed, shape, file_format)
    except FileExistsError:
        raise UsageError(f"{dest} is not empty and two countries are never mixed; name an empty folder") from None
    except ValueError as wrong:
        raise UsageError(str(wrong)) from None
    if as_json:
        print_json({"deliveries": [str(f) for f in folders], "pupils": pupils, "seed": seed})
    else:
        print(f"{len(folders)} deliveries written to {dest}; copy them to <home>/landing/<source>/ and `pumpurs run`.")
    return DONE
