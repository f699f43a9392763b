"""`pumpurs doctor`: what this machine and home folder lack."""

import os
import shutil
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

from assets.home import Home
from pipelines.errors import DONE, USAGE
from pipelines.output import print_json
from pipelines.settings import settings

LOCK = Path(__file__).parents[2] / "requirements.lock"


class Finding(NamedTuple):
    """One thing looked at: whether it is in order, whether it is needed, and what to do."""

    what: str
    is_fine: bool
    is_needed: bool
    advice: str


def _python(home: Home) -> Finding:
    fine = sys.version_info >= (3, 11)
    return Finding(f"Python {sys.version.split()[0]}", fine, True, "install Python 3.11 or newer")


def _writeable(home: Home) -> Finding:
    parent = next(p for p in (home.root, *home.root.parents) if p.exists())
    fine = os.access(parent, os.W_OK)
    return Finding(f"home folder {home.root}", fine, True, "give write permission, or choose another with --home")


def _secrets(home: Home) -> Finding:
    key = home.secrets / "pseudonym.key"
    is_private = not key.exists() or key.stat().st_mode & 0o077 == 0
    inside = home.root in home.secrets.parents
    return Finding(
        f"secrets in {home.secrets}", is_private and not inside, True, "keep them outside the home folder, mode 600"
    )


def _disk(home: Home) -> Finding:
    parent = next(p for p in (home.root, *home.root.parents) if p.exists())
    free = shutil.disk_usage(parent).free // 2**30
    return Finding(f"{free} GiB free disk", free >= 5, True, "free at least 5 GiB; a country needs about 60")


def _locked_versions(home: Home) -> Finding:
    lines = [line.split(" ")[0] for line in LOCK.read_text(encoding="utf-8").splitlines() if "==" in line]
    wanted = dict(line.split("==", 1) for line in lines)
    names = ("dagster", "duckdb", "polars", "great-expectations", "scikit-learn")
    off = [name for name in names if _installed(name) != wanted.get(name)]
    return Finding("locked versions", not off, True, f"run `make setup`; these differ: {', '.join(off)}")


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _program(name: str, use: str) -> Callable[[Home], Finding]:
    return lambda home: Finding(f"{name} ({use})", bool(shutil.which(name)), False, f"install {name} for {use}")


CHECKS: tuple[Callable[[Home], Finding], ...] = (
    _python,
    _locked_versions,
    _writeable,
    _secrets,
    _disk,
    _program("chromium", "page tests"),
)


def command(folder: Path | None, as_json: bool) -> int:
    """Look at everything a run needs; exit 2 when something needed is missing."""
    home = settings().home_folder(folder)
    findings = [check(home) for check in CHECKS]
    if as_json:
        print_json([f._asdict() for f in findings])
    else:
        for found in findings:
            mark = "ok     " if found.is_fine else "LACKING" if found.is_needed else "absent "
            print(f"{mark}  {found.what}" + ("" if found.is_fine else f": {found.advice}"))
    return DONE if all(f.is_fine or not f.is_needed for f in findings) else USAGE
