"""What the municipal site consists of: each page's text, and the tables that it shows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from html import unescape
from typing import Any

from dashboards import boundaries, funnel, tiles
from dashboards.breakdown import (
    ABSENCE,
    ALL,
    SO_FAR,
    Breakdown,
    by_indicator,
    by_month,
    by_municipality,
    shares_by_month,
)
from dashboards.chart import LARGE, SMALL, Chart, Month, Size, lay_out
from dashboards.language import Language
from dashboards.place import Indicator, Place, country, indicators, places
from dashboards.release import Release, Row, cell
from dashboards.rendering import render, style
from dashboards.shown import Grid, Shown
from dashboards.support import Support
from dashboards.workshop import LINES, Workshop

KINDS, COVERAGE = "school_type_month_risk", "municipality_month_coverage"


def _chart(place: Place, indicator: Indicator, size: Size, language: Language) -> Chart:
    months = [Month(row["period"], cell(row, indicator.column, place.protection)) for row in place.rows]
    return lay_out(f"{indicator.name}_{size.width}", indicator.label, months, size, language)


def _data_to(row: Row) -> date:
    """Return the last day that counts: the tables stand on the morning after."""
    return row["as_of"] - timedelta(days=1)


@dataclass(frozen=True)
class Page:
    """One page: its file name without suffix, its text, and the tables that it shows."""

    name: str
    text: str
    tables: Sequence[Shown | Grid] = ()

    @property
    def title(self) -> str:
        """Return what the page is called."""
        return unescape(self.text.partition("<title>")[2].partition("</title>")[0])


@dataclass(frozen=True)
class Site:
    """The pages of one release in one language."""

    release: Release
    language: Language
    rings: dict[str, list[boundaries.Ring]] = field(default_factory=dict)  # by municipality, where they are given

    @cached_property
    def indicators(self) -> list[Indicator]:
        """Return what is counted of municipalities, in words."""
        return indicators(self.release, self.language)

    @cached_property
    def elsewhere(self) -> list[Indicator]:
        """Return what other tables tell, in words."""
        told = [column for table in (*SO_FAR, ABSENCE) for column in self.release.counts(table)]
        return indicators(self.release, self.language, told)

    @cached_property
    def places(self) -> list[Place]:
        """Return the municipalities in alphabetical order."""
        return places(self.release, self.language)

    @cached_property
    def country(self) -> Place | None:
        """Return the whole country."""
        return country(self.release, self.language)

    @cached_property
    def newest(self) -> Row:
        """Return a row of the newest month."""
        return max((place.newest for place in self.places), key=lambda row: row["period"])

    @property
    def last_month(self) -> str:
        """Return the newest month of any municipality."""
        return self.newest["period"]

    def common(self, name: str, newest: Row, tables: Sequence[Shown | Grid]) -> dict[str, Any]:
        """Return what every page says."""
        report, language = self.release.report, self.language
        return {
            "style": style(),
            "page": name,
            "tables": tables,
            "language": language,
            "w": language.words,
            "funding": report.get("funding", {}).get(language.code, ""),
            "is_invented": report.get("is_invented", False),
            "cannot_see": report["cannot_see"][language.code],
            "protection": self.release.protection,
            "known_on": language.day(date.fromisoformat(report["known_on"][:10])),
            "release_id": self.release.release_id,
            "data_to": language.day(_data_to(newest)),
        }

    def _page(self, name: str, template: str, newest: Row, tables: Sequence[Shown | Grid], **more: Any) -> Page:
        coverage = self._coverage(newest["period"], more.get("place"))
        return Page(name, render(template, self.common(name, newest, tables), coverage=coverage, **more), tables)

    def _coverage(self, period: str, place: Place | None) -> str:
        """Say of how many schools the data are in, where the release tells it."""
        code = place.code if place and place.code else ALL
        rows = self.release.rows(COVERAGE, period=period, atvk_code=code)
        told = {"schools": rows[0]["events_schools"], "complete": rows[0]["events_schools_complete"]} if rows else {}
        return self.language.say("coverage", **told) if told else ""

    def _compared(self, indicator: Indicator, own: str = "") -> dict[str, Any]:
        """Return the municipalities beside each other: as a table, a plot and a map."""
        table = by_municipality(self.places, indicator, self.last_month, self.country, self.language)
        plot, title = None, indicator.label
        if table.total:
            plot = funnel.lay_out(f"funnel_{indicator.name}", title, table.lines, table.total, self.language, own)
        tiled = tiles.lay_out(table.lines, self.language)
        area = boundaries.lay_out(self.rings, tiled.tiles) if self.rings else None
        return {"municipalities": table, "plot": plot, "map": tiled, "area": area}

    def _kinds(self) -> Iterator[Shown]:
        """Yield all indicators of each kind of school."""
        for number, rows in enumerate(self.release.rows_by(KINDS, "kind").values(), start=1):
            kind = Place("", rows[-1][f"name_{self.language.code}"].capitalize(), rows, self.release.protection)
            yield by_indicator(kind, self.indicators, self.language, f"kind_{number}")

    def index(self) -> Page:
        """Write the page of all municipalities."""
        compared = self._compared(self.indicators[0])
        more = {
            "month": self.last_month,
            "indicators": self.indicators,
            "has_country": self.country is not None,
            "has_support": bool(self._support()),
        }
        return self._page("index", "index.html", self.newest, [compared["municipalities"]], **compared, **more)

    def comparison(self, indicator: Indicator) -> Page:
        """Write the page that compares municipalities by one indicator."""
        compared = self._compared(indicator)
        shown, more = [compared["municipalities"]], {"indicator": indicator, "indicators": self.indicators}
        return self._page(f"compare_{indicator.name}", "compare.html", self.newest, shown, **compared, **more)

    def place(self, place: Place) -> Page:
        """Write the page of a municipality or the country."""
        first, language, divided = self.indicators[0], self.language, Breakdown(self.release, self.language, place)
        now, months = by_indicator(place, self.indicators, language), by_month(place, first, language)
        parts, kinds = divided.all(), [] if place.code else [*self._kinds()]
        support = [
            *Workshop(self.release, language, place).funnel(),
            *Support(self.release, language, place.newest["period"]).of_place(place.code),
        ]
        more = {
            "place": place,
            "successor": self._successor(place),
            "indicators": self.indicators,
            "has_support": bool(self._support()),
            "last_month": self.last_month,
            "first": first,
            "now": now,
            "divided": parts,
            "kinds": kinds,
            "support": support,
            "months": months,
            "chart": _chart(place, first, LARGE, language),
            "has_schools": bool(place.code and [*divided.schools(), *divided.grades()]),
            **self._beside_others(place, first),
        }
        return self._page(place.page, "place.html", place.newest, [now, *parts, *support, *kinds, months], **more)

    def _beside_others(self, place: Place, indicator: Indicator) -> dict[str, Any]:
        """Return a municipality beside the others, and whether its share is what chance would make of the country's."""
        compared = self._compared(indicator, f"{place.code}.html")
        whole = compared["municipalities"].total
        own = [line for line in compared["municipalities"].lines if line.href == f"{place.code}.html" and not line.note]
        verdict = funnel.verdict(own[0], whole) if whole and own else ""
        return {"plot": compared["plot"], "verdict": verdict, "whole": whole}

    def _successor(self, place: Place) -> Place | None:
        """Find the municipality of the same name that came after one whose data end earlier."""
        if not place.code:
            return None
        name = f"name_{self.language.code}"
        alike = (o for o in self.places if o.newest[name] == place.newest[name] and o.code != place.code)
        return next((other for other in alike if other.newest["period"] > place.newest["period"]), None)

    def workshop(self, place: Place) -> Page:
        """Write the two sheets that a municipality's team takes to a workshop."""
        pack, divided = Workshop(self.release, self.language, place), Breakdown(self.release, self.language, place)
        parts = [*divided.reasons(), *divided.kinds()]
        support = [
            *pack.funnel(),
            *Support(self.release, self.language, pack.period).of_place(place.code),
        ]
        moved, hints, requests = pack.moved(self.indicators), [*pack.hints()], [*pack.requests()]
        situations = [*pack.situations()]
        more = {
            "place": place,
            "moved": moved,
            "divided": parts,
            "unseen": pack.unseen(),
            "spheres": pack.spheres(),
            "situations": situations,
            "support": support,
            "hints": hints,
            "requests": requests,
            "questions": pack.questions(),
            "blank": LINES,
        }
        shown = [moved, *parts, *situations, *support, *hints, *requests]
        return self._page(f"{place.code}_workshop", "workshop.html", place.newest, shown, **more)

    def months(self, place: Place) -> Page:
        """Write the page of all months of a municipality or the country."""
        shares = shares_by_month(place, self.indicators, self.language)
        tables = [by_month(place, indicator, self.language) for indicator in self.indicators]
        charts = [_chart(place, indicator, SMALL, self.language) for indicator in self.indicators]
        more = {"place": place, "charts": charts, "shares": shares, "months": tables}
        return self._page(f"{place.page}_months", "months.html", place.newest, [shares, *tables], **more)

    def schools(self, place: Place) -> Iterator[Page]:
        """Yield the page of a municipality's schools and grades, where the release holds them."""
        divided = Breakdown(self.release, self.language, place)
        tables = [*divided.schools(), *divided.grades()]
        if tables and place.code:
            yield self._page(f"{place.code}_schools", "schools.html", place.newest, tables, place=place)

    def _support(self) -> list[Grid]:
        return [*Support(self.release, self.language, self.last_month).beside_need(self.places, self.indicators[0])]

    def support(self) -> Iterator[Page]:
        """Yield the page of need beside answer, where the release holds the answer."""
        grids = self._support()
        if grids:
            need = self._compared(self.indicators[0])["municipalities"]
            yield self._page(
                "support", "support.html", self.newest, [*grids, need], grids=grids, need=need, places=self.places
            )

    def definitions(self) -> Page:
        """Write what indicators and signs mean."""
        named = [*self.indicators, *self.elsewhere]
        files = sorted(self.release.report["tables"])
        return self._page("definitions", "definitions.html", self.newest, [], indicators=named, files=files)

    def pages(self) -> Iterator[Page]:
        """Yield all pages; none of a release without municipalities."""
        if not self.places:
            return
        yield self.index()
        yield self.definitions()
        yield from self.support()
        yield from map(self.comparison, self.indicators)
        for place in [*([self.country] if self.country else []), *self.places]:
            yield self.place(place)
            yield self.months(place)
            yield from self.schools(place)
            if place.code:
                yield self.workshop(place)
