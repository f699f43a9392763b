"""How a command ends: 0 done, 1 data broke a promise, 2 wrong usage or environment."""

import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DONE, BROKEN, USAGE = 0, 1, 2

# What systems and engines say when it is the machine, not the data; the first that fits names the fault.
_FULL = re.compile(r"No space left on device|Disk quota exceeded|File too large|os error 28|failed to offload")
_FORBIDDEN = re.compile(r"Read-only file system|Permission denied|Operation not permitted|Input/output error")
_DAMAGED = re.compile(r"not a valid DuckDB database|Corrupt database|Could not read enough bytes|WAL file")
_IN_USE = re.compile(r"Could not set lock|Conflicting lock")
_PATH = re.compile(r"['\"](/[^'\"]+)['\"]")
_GO_ON = "run again: what was taken in stands, nothing is half done"


class UsageError(Exception):
    """The command or its environment is wrong; the message names the next step."""


def environment_fault(text: str, home: Path | None = None) -> str | None:
    """Say in one line what is wrong with the machine and what to do, by what an engine or the system said of it."""
    named = _PATH.search(text)
    place = named[1] if named else str(home or "a file")
    if found := _FULL.search(text):
        free = f" ({shutil.disk_usage(home).free >> 20} MB free)" if home else ""
        return f"no space to write below {home or place}{free}: {found[0]}; free some, then {_GO_ON}"
    if found := _FORBIDDEN.search(text):
        return f"cannot use {place}: {found[0]}; give permission, or name another place, then {_GO_ON}"
    if _IN_USE.search(text):
        return "another run is writing the warehouse; wait until it is done and try again"
    if "duckdb" in text and _DAMAGED.search(text):
        return (
            f"the warehouse {place} is damaged; move it away and run again: everything is made anew from the deliveries"
            " in landing, a list of an earlier day by `pumpurs run --as-of D --known-on K`"
        )
    return None


def told(error: BaseException) -> str:
    """Write an error as a step's failure has it: kind and text."""
    return f"{type(error).__name__}: {error}"


@contextmanager
def naming(home: Path) -> Iterator[None]:
    """Say of which home folder it is that the machine lets nothing more be done in it."""
    try:
        yield
    except Exception as error:
        fault = None if isinstance(error, UsageError) else environment_fault(told(error), home)
        if fault is None:
            raise
        raise UsageError(fault) from error


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn known errors into one line and an exit code; anything unknown stays a traceback."""
    import duckdb

    from assets.case_list import NoSuchList
    from assets.identity import WrongKey
    from assets.issued import ListDamaged
    from assets.manifest import LakeDamaged
    from assets.replay import NothingKnown
    from assets.warehouse import PromiseBroken
    from models.delivery import DeliveryRefused

    try:
        yield
    except (UsageError, NoSuchList, NothingKnown, ListDamaged, LakeDamaged, WrongKey, DeliveryRefused) as error:
        print(f"pumpurs: {error}", file=sys.stderr)
        raise SystemExit(USAGE) from None
    except PromiseBroken as error:
        print(f"pumpurs: {error}", file=sys.stderr)
        raise SystemExit(BROKEN) from None
    except (duckdb.Error, OSError) as error:
        fault = environment_fault(told(error)) or _other(error)
        if fault is None:
            raise
        print(f"pumpurs: {fault}", file=sys.stderr)
        raise SystemExit(USAGE) from None


def _other(error: Exception) -> str | None:
    if not isinstance(error, OSError):
        return None
    return f"cannot use {error.filename or 'a file'}: {error.strerror}; mend that, or name another place"
