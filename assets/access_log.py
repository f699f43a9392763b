"""The access log: one line for every look at named pupils, or at what stands for them."""

import fcntl
import json
import os
from collections.abc import Mapping
from datetime import datetime
from typing import Any, BinaryIO

from assets.home import Home

_LONGEST_LOOK = 4096


def log_look(home: Home, person: str, place: str, told: Mapping[str, Any], moment: datetime) -> None:
    """Append who looked where, when, and what is told of the look: numbers and yes or no, never a name or key.

    `no` counts the looks: the clock of a machine may be set back, the order of the looks stays.
    """
    entry = {"at": moment.isoformat(timespec="seconds"), "person": person or "-", "place": place, **told}
    with (home.root / "access.jsonl").open("a+b") as log:
        fcntl.flock(log, fcntl.LOCK_EX)
        log.write(json.dumps({"no": _last_look(log) + 1} | entry).encode() + b"\n")


def _last_look(log: BinaryIO) -> int:
    """Return the number of the last look; of a log from before looks were numbered, how many lines it has."""
    size = log.seek(0, os.SEEK_END)
    log.seek(max(0, size - _LONGEST_LOOK))
    last = log.read().rstrip(b"\n").rpartition(b"\n")[2]
    try:
        return int(json.loads(last)["no"])
    except (ValueError, KeyError):
        log.seek(0)
        return sum(1 for _ in log)
