"""The municipal site: static pages drawn from a release folder alone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dashboards.chart import LARGE, SMALL, Chart, Month, Size, lay_out
from dashboards.language import Language, alphabetical
from dashboards.release import Cell, Release, Row, cell, read

TEMPLATES = Path(__file__).with_name("templates")
MUNICIPALITIES, KINDS, COUNTRY = "municipality_month_risk", "school_type_month_risk", "country_month_risk"
AT_RISK = "pupils_at_risk"
LANGUAGES = (Language("lv"), Language("en"))


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
    """A municipality with its months, oldest first."""

    code: str
    name: str
    rows: list[Row]
    protection: dict[str, Any]

    @property
    def newest(self) -> Row:
        """Return the newest month."""
        return self.rows[-1]

    def cell(self, indicator: Indicator) -> Cell:
        """Return the newest count of an indicator."""
        return cell(self.newest, indicator.column, self.protection)


@cache
def templates() -> Environment:
    """Load the templates; an unknown name in one is an error, and every value is escaped."""
    loader = FileSystemLoader(TEMPLATES)
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


@cache
def style() -> str:
    """Return the style sheet that each page carries, so that one file can be mailed."""
    return (TEMPLATES / "style.css").read_text(encoding="utf-8")


def render(template: str, *values: dict[str, Any], **more: Any) -> str:
    """Fill a template."""
    return templates().get_template(template).render(*values, **more)


def _label(column: str, labels: dict[str, dict[str, str]], language: Language) -> Indicator:
    plain = Indicator(column, column, "")
    told = labels.get(plain.name, labels.get(column, {}))
    own = language.words if column == AT_RISK else {}
    label = told.get(language.code) or own.get("at_risk", column)
    return Indicator(column, label, told.get(f"definition_{language.code}") or own.get("at_risk_definition", ""))


def indicators(release: Release, language: Language) -> list[Indicator]:
    """Return the published counts in words; a column without a label keeps its name."""
    return [_label(column, release.report["labels"], language) for column in release.counts(MUNICIPALITIES)]


def places(release: Release, language: Language) -> list[Place]:
    """Return the municipalities in alphabetical order."""
    rows = release.rows_by(MUNICIPALITIES, "atvk_code")
    if not all(re.fullmatch(r"\w+", code, re.ASCII) for code in rows):
        raise ValueError(f"table {MUNICIPALITIES}, column atvk_code: a code cannot be part of a file name")
    found = [
        Place(code, months[-1][f"name_{language.code}"], months, release.protection) for code, months in rows.items()
    ]
    return sorted(found, key=lambda place: (alphabetical(place.name), place.code))


def _chart(place: Place, indicator: Indicator, size: Size, language: Language) -> Chart:
    months = [Month(row["period"], cell(row, indicator.column, place.protection)) for row in place.rows]
    return lay_out(f"{indicator.name}_{size.width}", indicator.label, months, size, language)


def _data_to(row: Row) -> date:
    """Return the last day that counts: the tables stand on the morning after."""
    return row["as_of"] - timedelta(days=1)


@dataclass(frozen=True)
class Site:
    """The pages of one release in one language."""

    release: Release
    language: Language
    indicators: list[Indicator]

    def common(self, page: str, newest: Row) -> dict[str, Any]:
        """Return what every page says."""
        report, language = self.release.report, self.language
        return {
            "style": style(),
            "page": page,
            "language": language,
            "w": language.words,
            "cannot_see": report["cannot_see"][language.code],
            "protection": self.release.protection,
            "known_on": language.day(date.fromisoformat(report["known_on"][:10])),
            "release_id": self.release.release_id,
            "data_to": language.day(_data_to(newest)),
            "tables": sorted(report["tables"]),
            "indicators": self.indicators,
        }

    def index(self, found: list[Place]) -> str:
        """Write the page of all municipalities."""
        last = max((place.newest for place in found), key=lambda row: row["period"])
        kinds = self.release.rows_by(KINDS, "kind").values()
        country = self.release.rows_by(COUNTRY, "period").get(last["period"], [])
        return render(
            "index.html",
            self.common("index.html", last),
            places=found,
            month=last["period"],
            country=Place("", self.language.words["country"], country, self.release.protection) if country else None,
            kinds=[Place("", rows[-1][f"name_{self.language.code}"], rows, self.release.protection) for rows in kinds],
        )

    def municipality(self, place: Place, last_month: str) -> str:
        """Write the page of one municipality."""
        first = self.indicators[0]
        return render(
            "municipality.html",
            self.common(f"{place.code}.html", place.newest),
            place=place,
            last_month=last_month,
            chart=_chart(place, first, LARGE, self.language),
            months=[(row, cell(row, first.column, place.protection)) for row in reversed(place.rows)],
            charts=[_chart(place, indicator, SMALL, self.language) for indicator in self.indicators[1:]],
        )

    def pages(self) -> Iterator[tuple[str, str]]:
        """Yield file name and text of each page."""
        found = places(self.release, self.language)
        last_month = max((place.newest["period"] for place in found), default="")
        if found:
            yield "index.html", self.index(found)
        for place in found:
            yield f"{place.code}.html", self.municipality(place, last_month)


def _write(folder: Path, site: Site) -> Iterator[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in site.pages():
        path = folder / name
        path.write_text(text, encoding="utf-8", newline="\n")
        yield path


def write_site(release_dir: Path) -> list[Path]:
    """Write the pages of a release below its folder `site`, in Latvian and English; return them."""
    release = read(release_dir)
    sites = [Site(release, language, indicators(release, language)) for language in LANGUAGES]
    return [path for site in sites for path in _write(release_dir / "site" / site.language.code, site)]
