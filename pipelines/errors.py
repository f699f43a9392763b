"""How a command ends: 0 done, 1 data broke a promise, 2 wrong usage or environment."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

DONE, BROKEN, USAGE = 0, 1, 2


class UsageError(Exception):
    """The command or its environment is wrong; the message names the next step."""


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn known errors into one line and an exit code; anything unknown stays a traceback."""
    import duckdb

    from assets.case_list import NoSuchList
    from assets.identity import WrongKey
    from models.delivery import DeliveryRefused

    try:
        yield
    except (UsageError, NoSuchList, WrongKey, DeliveryRefused) as error:
        print(f"pumpurs: {error}", file=sys.stderr)
        raise SystemExit(USAGE) from None
    except (duckdb.IOException, PermissionError) as error:
        if "lock" not in str(error).lower() and not isinstance(error, PermissionError):
            raise
        print(f"pumpurs: {_environment(error)}", file=sys.stderr)
        raise SystemExit(USAGE) from None


def _environment(error: Exception) -> str:
    if isinstance(error, PermissionError):
        return f"no permission to use {error.filename}; give it, or name another folder with --home"
    return "another run is writing the warehouse; wait until it is done and try again"
