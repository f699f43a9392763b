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
    except (duckdb.IOException, OSError) as error:
        if isinstance(error, duckdb.IOException) and "lock" not in str(error).lower():
            raise
        print(f"pumpurs: {_environment(error)}", file=sys.stderr)
        raise SystemExit(USAGE) from None


def _environment(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"cannot use {error.filename or 'a file'}: {error.strerror}; mend that, or name another place"
    return "another run is writing the warehouse; wait until it is done and try again"
