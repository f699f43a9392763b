"""The wall clock. Only wiring may look at it; logic and SQL get days as arguments."""

from datetime import datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """Return this moment in Latvian time."""
    return datetime.now(ZoneInfo("Europe/Riga"))
