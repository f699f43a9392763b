"""Public data that lie beside the repository where they were put there; tests on them are skipped without them."""

from pathlib import Path

import pytest

HERE = Path(__file__).resolve()


def public_data(name: str) -> Path:
    """Return the folder of a public data set, in shared/data beside the repository or above it; skip without it."""
    found = [above / "shared/data" / name for above in HERE.parents[2:] if (above / "shared/data" / name).is_dir()]
    if not found:
        pytest.skip(f"the public data {name} are not beside the repository")
    return found[0]
