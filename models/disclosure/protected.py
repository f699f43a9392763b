"""The one type that may leave by door one."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import InitVar, dataclass
from typing import Any, final

import polars as pl

_SEAL = object()


@final
@dataclass(frozen=True, eq=False)
class Protected:
    """A table whose counts have passed protection and attack; only models.disclosure makes one."""

    name: str
    group_columns: tuple[str, ...]
    _frame: pl.DataFrame
    _protection: Mapping[str, Any]
    seal: InitVar[object]  # not kept, so that dataclasses.replace cannot carry it over to another frame

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("only models.disclosure.protect makes a Protected table")

    @property
    def frame(self) -> pl.DataFrame:
        """Return the published columns; a copy, so that nobody edits what was attacked."""
        return self._frame.clone()

    @property
    def protection(self) -> dict[str, Any]:
        """Return the named parameters of the protection, as values that JSON can hold."""
        return deepcopy(dict(self._protection))


def sealed(name: str, group_columns: tuple[str, ...], frame: pl.DataFrame, protection: Mapping[str, Any]) -> Protected:
    """Wrap a frame that the attack found clean; for models.disclosure.protection alone."""
    return Protected(name, group_columns, frame, protection, _SEAL)
