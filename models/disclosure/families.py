"""Protect related counts, month after month: round them, prove it, try again, or refuse."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import NoReturn

import numpy as np
import polars as pl

from models.disclosure.certificate import Knowledge, is_certified
from models.disclosure.chance import wished
from models.disclosure.lasting import Lasting, Told
from models.disclosure.parameters import DisclosureRefused
from models.disclosure.placing import Place
from models.disclosure.publishing import Family
from models.disclosure.rounding import Earlier, Rounded, round_counts
from models.disclosure.seen import certificate_of, earlier_of, latest_of
from models.disclosure.system import Flags, Ints, System
from models.disclosure.witness import find

ATTEMPTS = 6  # roundings that are tried for a month


def _known(system: System, made: Rounded, earlier: Earlier) -> Knowledge:
    """Return what readers are told: of a count that is still the same what they were told before, of the others anew.

    Of a group that is too small, anything from 0 to all pupils, within what they were told when it was larger.
    """
    low, high = np.maximum(made.values - made.max_error, 0), np.minimum(made.values + made.max_error, system.cell_sizes)
    low, high = np.where(system.is_rounded, low, 0), np.where(system.is_rounded, high, system.cell_sizes)
    return Knowledge(np.where(earlier.is_kept, earlier.low, low), np.where(earlier.is_kept, earlier.high, high))


def max_error(family: Family) -> int:
    """Return the greatest distance from its count that some published value may have."""
    below, above = family.values - family.known.low, family.known.high - family.values
    return int(np.maximum(below, above)[family.is_told].max(initial=family.system.base - 1))


def table_of(places: Sequence[Place], cell: int) -> str:
    """Return the name of a table that shows a cell."""
    return next(place.table.name for place in places if cell in place.cells)


def _refuse(system: System, places: Sequence[Place], proven: Flags) -> NoReturn:
    column, cell = np.argwhere(~proven)[0]
    rule = f"{int((~proven).sum())} counts of {system.period} cannot be certified"
    raise DisclosureRefused(table_of(places, cell), system.columns[column], rule)


def _protected_family(
    system: System, places: list[Place], seen: pl.DataFrame, secret: bytes, least: Ints
) -> tuple[Family | None, Flags]:
    """Round and certify counts of a month; where a rounding cannot be certified, another one is tried.

    Returns nothing, and which counts were certified, where none can be.
    """
    latest = latest_of(system, seen)
    earlier, certificate = earlier_of(system, latest), certificate_of(system, latest)
    proven = np.zeros(system.cell_counts.shape, dtype=bool)
    for attempt in range(ATTEMPTS):
        made = round_counts(system, earlier, wished(system, secret, attempt), least)
        known = _known(system, made, earlier)
        if certificate is not None:
            return Family(system, places, made.values, system.is_rounded, known, certificate, None), proven
        witnesses = find(system, known)
        proven = is_certified(system, known, witnesses)
        if proven.all():
            certificate = witnesses.digest(secret)
            return Family(system, places, made.values, system.is_rounded, known, certificate, witnesses), proven
    return None, proven


def protected_families(
    told: Iterable[tuple[System, list[Place]]],
    untold: Callable[[], Iterable[tuple[System, list[Place]]]],
    seen: pl.DataFrame,
    lasting: Lasting,
    secret: bytes,
) -> Iterator[Family]:
    """Protect the counts of all months: telling which groups have no records, or else without telling it.

    A count that readers know, less the pupils without records of whom they learn now, can be too narrow.
    """
    before = Told()
    for number, one in enumerate(told):
        made, proven = _protected_family(*one, seen, secret, before.least(one[0], lasting))
        if made is None:
            system, places = next(islice(untold(), number, None))
            made, proven = _protected_family(system, places, seen, secret, before.least(system, lasting))
        if made is None:
            _refuse(*one, proven)
        before.note(made.system, made.values)
        yield made
