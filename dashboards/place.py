"""Whom the pages tell of: places with their months, and what is counted of them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from dashboards.language import Language, alphabetical
from dashboards.release import Cell, Release, Row, cell

MUNICIPALITIES, COUNTRY = "municipality_month_risk", "country_month_risk"
AT_RISK = "pupils_at_risk"


@dataclass(frozen=True)
class Indicator:
    """A count column in words."""

    column: str
    label: str
    definition: str

    @property
    def name(self) -> str:
        """Return a name for links within a page."""
        return self.column.removeprefix("pupils_").removeprefix("raised_")


@dataclass(frozen=True)
class Place:
    """A municipality, or the country, with its months, oldest first."""

    code: str
    name: str
    rows: list[Row]
    protection: dict[str, Any]

    @property
    def page(self) -> str:
        """Return the name of its page."""
        return self.code or "country"

    @property
    def newest(self) -> Row:
        """Return the newest month."""
        return self.rows[-1]

    def cell(self, indicator: Indicator) -> Cell:
        """Return the newest count of an indicator."""
        return cell(self.newest, indicator.column, self.protection)

    def in_month(self, period: str) -> Row | None:
        """Return one month, if the place has it."""
        return next((row for row in self.rows if row["period"] == period), None)


def _label(column: str, labels: dict[str, dict[str, str]], language: Language) -> Indicator:
    plain = Indicator(column, column, "")
    told = labels.get(plain.name, labels.get(column, {}))
    own = language.words if column == AT_RISK else {}
    label = told.get(language.code) or own.get("at_risk", column)
    return Indicator(column, label, told.get(f"definition_{language.code}") or own.get("at_risk_definition", ""))


def indicators(release: Release, language: Language, columns: Iterable[str] | None = None) -> list[Indicator]:
    """Return published columns in words, those of municipalities unless named; one without a label keeps its name."""
    named = release.counts(MUNICIPALITIES) if columns is None else columns
    return [_label(column, release.report["labels"], language) for column in named]


def places(release: Release, language: Language) -> list[Place]:
    """Return the municipalities in alphabetical order."""
    rows = release.rows_by(MUNICIPALITIES, "atvk_code")
    if not all(re.fullmatch(r"\w+", code, re.ASCII) for code in rows):
        raise ValueError(f"table {MUNICIPALITIES}, column atvk_code: a code cannot be part of a file name")
    names = [months[-1][f"name_{language.code}"] for months in rows.values()]
    newest = max((months[-1]["period"] for months in rows.values()), default="")
    found = []
    for (code, months), name in zip(rows.items(), names, strict=True):
        # A municipality that was merged into one of its name has a code and a page of its own, up to its last month.
        is_former = names.count(name) > 1 and months[-1]["period"] < newest
        said = {"name": name, "month": language.month(months[-1]["period"])}
        shown = language.say("until_month", **said) if is_former else name
        found.append((is_former, Place(code, shown, months, release.protection)))
    ordered = sorted(found, key=lambda pair: (pair[0], alphabetical(pair[1].name), pair[1].code))
    return [place for _, place in ordered]


def country(release: Release, language: Language) -> Place | None:
    """Return the whole country with its months; None of a release that lacks it."""
    rows: Sequence[Row] = release.rows(COUNTRY)
    return Place("", language.words["country_name"], list(rows), release.protection) if rows else None
