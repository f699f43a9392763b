"""A table that somebody asked for: counts by some attributes of the groups, within what may be published at all.

name: grade_of_kind            # the table's name, small letters, digits and _
groups: [kind, grade]          # what it counts by
all: [grade]                   # groups that it also counts left open
counts: [at_risk, chronic_absence]
from: 2025-09                  # first and last month; all where nothing is said
to: 2026-05
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import combinations

import polars as pl

from models.disclosure.table import ALL, PERIOD, PUPILS, CountTable
from models.public_format.said import Said

GROUPS = ("atvk_code", "kind", "school_reg_no", "band", "grade", "sex")
BESIDE_SCHOOL = {"school_reg_no", "band"}  # a school's grades by sex are for its coordinator alone
_KEYS = ("name", "groups", "all", "counts", "from", "to")
_NAME, _MONTH = re.compile(r"[a-z][a-z0-9_]{2,59}"), re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class TableRequest:
    """What somebody asked for."""

    name: str
    groups: tuple[str, ...]
    left_open: tuple[str, ...]
    counts: tuple[str, ...]  # columns
    first: str | None
    last: str | None

    def table(self, inner: pl.DataFrame) -> CountTable:
        """Count the groups; a count is empty where nothing is known of all their pupils."""
        within = pl.col(PERIOD).is_between(pl.lit(self.first or "0000-00"), pl.lit(self.last or "9999-99"))
        pupils = inner.filter(within)
        known = [pl.when(pl.col(c).count() > 0).then(pl.col(c).sum()).alias(c) for c in self.counts]
        parts = [
            pupils.group_by(PERIOD, "as_of", *by)
            .agg(pl.col(PUPILS).sum(), *known)
            .with_columns(pl.lit(ALL).alias(group) for group in self.groups if group not in by)
            .select(PERIOD, "as_of", *self.groups, PUPILS, *self.counts)
            for by in self._shown()
        ]
        return CountTable(self.name, pl.concat(parts), self.groups)

    def _shown(self) -> list[list[str]]:
        """List the groups that are counted by, some left open."""
        opened = [set(some) for n in range(len(self.left_open) + 1) for some in combinations(self.left_open, n)]
        return [[group for group in self.groups if group not in some] for some in opened]


def _words(said: Said, allowed: Collection[str]) -> tuple[str, ...]:
    words = [item.choice(allowed) for item in said.items()]
    if not words or len(set(words)) < len(words):
        raise said.refuse("it must name one or more, each once")
    return tuple(words)


def _month(said: Said) -> str | None:
    if said.value == "":
        return None
    if not _MONTH.fullmatch(said.text()):
        raise said.refuse("it must be a month such as 2025-09")
    return said.text()


def read_request(said: Said, columns: Collection[str], taken: Collection[str]) -> TableRequest:
    """Read what a settings file asks for; ImportRefused, naming line, key, rule and next step, if it cannot be had.

    columns: count columns of the groups, `pupils_at_risk`, `pupils_raised_<indicator>`; taken: names of other tables.
    """
    said.only(_KEYS)
    name = said.at("name").text()
    if not _NAME.fullmatch(name):
        raise said.at("name").refuse("it must be 3 to 60 small letters, digits and _, a letter first")
    if name in taken:
        raise said.at("name").refuse("a published table has this name; choose another one")
    groups = _words(said.at("groups"), GROUPS)
    if "school_reg_no" in groups and set(groups) - BESIDE_SCHOOL:
        raise said.at("groups").refuse("schools are published in all and by band only; leave out the other groups")
    left_open = _words(said.at("all"), groups) if said.has("all") else ()
    by_name = {column.removeprefix("pupils_").removeprefix("raised_"): column for column in columns}
    counts = tuple(by_name[word] for word in _words(said.at("counts"), by_name))
    first, last = _month(said.at("from")), _month(said.at("to"))
    if first and last and first > last:
        raise said.at("to").refuse(f"it must not lie before {first}")
    return TableRequest(name, groups, left_open, counts, first, last)
