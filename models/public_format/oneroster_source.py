"""What OneRoster 1.1 and 1.2 CSV files hold: their names, their columns, and the spellings met instead."""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import polars as pl

from models.public_format.imported import ImportRefused

VERSIONS = ("1.1", "1.2")
MODES = ("bulk", "delta", "absent")
MANIFEST = "manifest"
_EVERY = ("status", "dateLastModified")


@dataclass(frozen=True)
class SourceFile:
    """One file: the columns that must be there, and those that are read where they are."""

    needed: tuple[str, ...]
    optional: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of all columns read."""
        return (*self.needed, *self.optional)


def _file(needed: str, optional: str = "") -> SourceFile:
    return SourceFile(("sourcedId", *needed.split()), (*_EVERY, *optional.split()))


FILES = {
    "orgs": _file("name type", "identifier parentSourcedId"),
    "academicSessions": _file("type startDate endDate", "title parentSourcedId schoolYear"),
    "courses": _file("title", "courseCode"),
    "classes": _file("schoolSourcedId", "title courseSourcedId classCode classType termSourcedIds"),
    "users": _file("givenName familyName", "role identifier grades"),
    "roles": _file("userSourcedId role", "orgSourcedId beginDate endDate"),
    "demographics": _file("", "birthDate sex"),
    "enrollments": _file("classSourcedId userSourcedId role", "schoolSourcedId beginDate endDate"),
    "lineItems": _file("classSourcedId", "title resultValueMin resultValueMax"),
    "results": _file("lineItemSourcedId studentSourcedId", "scoreStatus score scoreDate textScore missing"),
}
ALWAYS = {"1.1": ("orgs", "users"), "1.2": ("orgs", "users", "roles")}
# Not of any use here: they say nothing of a pupil's belonging, presence or marks.
UNUSED = (
    "categories", "classResources", "courseResources", "resources", "lineItemLearningObjectiveIds",
    "lineItemScoreScales", "resultLearningObjectiveIds", "resultScoreScales", "scoreScales", "userProfiles",
    "userResources",
)  # fmt: skip
# Beside case, spaces, underscores and dashes, which never matter.
_MISSPELT = {
    "dateLastModified": ("lastModified", "dateModified", "dateLastModifed", "modifiedDate"),
    "givenName": ("firstName",),
    "familyName": ("lastName", "surname"),
    "birthDate": ("dateOfBirth",),
    "beginDate": ("enrollmentBeginDate",),
    "endDate": ("enrollmentEndDate",),
    "grades": ("grade",),
    "schoolSourcedId": ("orgSourcedId",),
    "propertyName": ("property",),
}


def plain(name: str) -> str:
    """Write a name without what never matters: case, spaces, underscores, dashes, a byte order mark."""
    return re.sub(r"[\s_\-\ufeff]", "", name).casefold()


def _spellings(name: str) -> set[str]:
    """Return the closed list of spellings of a column: its own, sourceId for sourcedId, one id for several."""
    stem, found, _ = name.replace("SourcedId", "\0").replace("sourcedId", "\0").partition("\0")
    ids = {f"{stem}{middle}id{end}" for middle, end in product(("source", "sourced"), ("", "s"))} if found else set()
    return {plain(name), *map(plain, ids), *map(plain, _MISSPELT.get(name, ()))}


def read_header(file: str, header: Sequence[str], needed: Iterable[str], optional: Iterable[str]) -> dict[str, int]:
    """Return the place of each known column; ImportRefused if a needed one is not there or one stands twice."""
    places: dict[str, int] = {}
    written = [plain(cell) for cell in header]
    for name in (*needed, *optional):
        exact = [i for i, cell in enumerate(written) if cell == plain(name)]
        found = exact or [i for i, cell in enumerate(written) if cell in _spellings(name)]
        if len(found) > 1:
            raise ImportRefused(f"{file}: column {name} stands {len(found)} times; keep one and export again")
        if found:
            places[name] = found[0]
    absent = [name for name in needed if name not in places]
    if absent:
        raise ImportRefused(
            f"{file}: {len(absent)} needed column(s) are missing: {', '.join(absent)}{_near(absent, header)};"
            " export the file again with the names of the specification"
        )
    return places


def _near(absent: Sequence[str], header: Sequence[str]) -> str:
    """Name what looks like a missing column; other cells of the header are not told, for they may be values."""
    found = [near for name in absent for near in difflib.get_close_matches(name, list(header), 1, 0.75)]
    return f" (is {', '.join(found)} meant for one?)" if found else ""


def misspelt(header: Sequence[str], places: Mapping[str, int]) -> int:
    """Count the columns that were understood though they are not written as the specification says."""
    return sum(header[place] != name for name, place in places.items())


@dataclass(frozen=True)
class Manifest:
    """The version, and how each file is meant: bulk (everything), delta (what changed) or absent."""

    version: str
    modes: dict[str, str]

    def files(self) -> dict[str, str]:
        """Return the files that are read with their modes."""
        return {name: mode for name, mode in self.modes.items() if name in FILES and mode != "absent"}


def read_manifest(properties: Mapping[str, str], present: Iterable[str]) -> Manifest:
    """Read manifest.csv against the files that are there; ImportRefused names what does not fit."""
    told = {plain(name): value.strip().casefold() for name, value in properties.items()}
    version = told.get("oneroster.version", "")
    if version not in VERSIONS:
        raise ImportRefused(
            f"manifest.csv: oneroster.version must be {' or '.join(VERSIONS)}; export as one of these versions"
        )
    modes = {name: told.get(f"file.{plain(name)}", "") for name in (*FILES, *UNUSED)}
    _check_modes(modes, set(present))
    return Manifest(version, {name: mode for name, mode in modes.items() if mode})


def _check_modes(modes: dict[str, str], present: set[str]) -> None:
    """Refuse a manifest that says something else than the files that are there."""
    odd = [name for name, mode in modes.items() if mode not in (*MODES, "")]
    promised = [name for name, mode in modes.items() if mode in MODES[:2] and name not in present and name in FILES]
    silent = [name for name in FILES if name in present and modes[name] in ("", "absent")]
    wrong = [
        (odd, "must be bulk, delta or absent; correct them in the manifest"),
        (promised, "are promised but not there; add the files or say absent"),
        (silent, "are there, but the manifest says absent or nothing of them; say bulk or delta, or remove the files"),
    ]
    for names, rule in wrong:
        if names:
            raise ImportRefused(f"manifest.csv: {len(names)} file(s), {', '.join(names)}, {rule}")


def require_always(version: str, present: Iterable[str]) -> None:
    """Refuse an export without the files from which everything else is read."""
    absent = [name for name in ALWAYS[version] if name not in set(present)]
    if absent:
        raise ImportRefused(
            f"manifest.csv: {len(absent)} file(s), {', '.join(absent)}, are needed in {version}; export them too, or"
            " give the last bulk export with --onto"
        )


def once(file: str, rows: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, int]]:
    """Return one row a sourcedId, the last changed, and how many others were left out by reason.

    `modified` is the day of the last change. ImportRefused if rows of one id and day disagree: none of them is right.
    """
    different = rows.unique(maintain_order=True)
    newest = different.filter(
        pl.col("modified").is_null() & pl.col("modified").max().over("sourcedId").is_null()
        | (pl.col("modified") == pl.col("modified").max().over("sourcedId"))
    )
    disagreeing = newest.height - newest["sourcedId"].n_unique()
    if disagreeing:
        raise ImportRefused(
            f"{file}.csv: {disagreeing} rows repeat a sourcedId and say something else; export it again without them"
        )
    repeated, older = rows.height - different.height, different.height - newest.height
    counts = {"repeats another row": repeated, "an older row of the same sourcedId": older}
    return newest, {why: count for why, count in counts.items() if count}
