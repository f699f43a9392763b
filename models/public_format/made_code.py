"""Codes for who has none here: made from another system's identifier, the same in every import of the same source.

A made personal code begins with 37 to 39: the form of new codes, which carry neither a day nor a check digit, of which
only those with 32 are given out. Three thousand million codes are few: among 5,000 pupils of one import two share a
code with a probability of 0.4 %, and then `make_codes` refuses rather than joins them.
"""

from collections.abc import Callable
from hashlib import sha256

import polars as pl

from models.public_format.imported import ImportRefused

_FIRST_PERSON, _PERSONS = 37_000_000_000, 3_000_000_000
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _number(source: str, kind: str, identifier: str) -> int:
    return int.from_bytes(sha256(f"{source}\0{kind}\0{identifier}".encode()).digest()[:12])


def person_code(source: str, identifier: str) -> str:
    """Make eleven digits that are nobody's personal code."""
    return str(_FIRST_PERSON + _number(source, "person", identifier) % _PERSONS)


def school_code(source: str, identifier: str) -> str:
    """Make a registration number of ten digits that begins with 67, which no school has."""
    return f"67{_number(source, 'school', identifier) % 10**8:08d}"


def territory_code(source: str, identifier: str) -> str:
    """Make seven signs in the form of a code of a municipality, the first of them R."""
    number, signs = _number(source, "territory", identifier), ""
    for _ in range(6):
        number, place = divmod(number, len(_LETTERS))
        signs += _LETTERS[place]
    return f"R{signs}"


def make_codes(identifiers: pl.Series, make: Callable[[str, str], str], source: str, what: str) -> pl.DataFrame:
    """Return `identifier` and `code`, one row an identifier; ImportRefused if two would share a code."""
    known = identifiers.drop_nulls().unique().sort().to_list()
    codes = pl.DataFrame(
        {"identifier": known, "code": [make(source, identifier) for identifier in known]},
        schema={"identifier": pl.String, "code": pl.String},
    )
    shared = codes.height - codes["code"].n_unique()
    if shared:
        raise ImportRefused(f"{shared} {what} would share a made code; import them under another --source name")
    return codes
