"""How far the sweeps go: a share of them on every change, all of them with `make test-thorough`."""

import os

IS_THOROUGH = os.environ.get("THOROUGH") == "1"


def effort(usual: int, thorough: int) -> int:
    """Choose how many cases a sweep tries."""
    return thorough if IS_THOROUGH else usual
