"""The tables of a page: a place by kind, sex, grade and school, by reason and so far, if the release holds them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from dashboards.language import Language, alphabetical
from dashboards.place import AT_RISK, Indicator, Place, indicators
from dashboards.release import Cell, Release, Row, cell, share_cell
from dashboards.shown import Grid, Line, Shown

ALL, ABSENCE = "all", "municipality_month_absence"
SO_FAR = ("municipality_term_risk", "municipality_year_risk")


@dataclass(frozen=True)
class Breakdown:
    """The newest month of a place, divided."""

    release: Release
    language: Language
    place: Place

    @property
    def period(self) -> str:
        """Return the month."""
        return self.place.newest["period"]

    @property
    def code(self) -> str:
        """Return the municipality's code, or all for the country."""
        return self.place.code or ALL

    def _rows(self, table: str, **groups: str) -> list[Row]:
        return self.release.rows(table, period=self.period, **groups)

    def _line(self, label: str, row: Row, column: str = AT_RISK) -> Line:
        found = cell(row, column, self.place.protection)
        return Line(label, row["period"], column, row["pupils"], found)

    def _shown(self, name: str, head: str, lines: Iterable[Line]) -> Iterator[Shown]:
        """Yield a table unless nothing would be divided."""
        found = list(lines)
        if len(found) > 1:
            words, month = self.language.words, self.language.month(self.period)
            yield Shown(name, f"{words['at_risk_by']} {words[f'along_{name}']}, {month}", words[head], found)

    def _coded(self, table: str, group: str, **others: str) -> Iterator[Line]:
        for row in self._rows(table, **others):
            if row[group] != ALL:
                yield self._line(self.language.code_word(group, row[group]), row)

    def kinds(self) -> Iterator[Shown]:
        """Yield the kinds of school."""
        if self.place.code:
            yield from self._shown(
                "kind", "kind", self._coded("municipality_kind_month_risk", "kind", atvk_code=self.code)
            )
        else:
            yield from self._shown("kind", "kind", self._coded("school_type_month_risk", "kind"))

    def bands(self) -> Iterator[Shown]:
        """Yield the bands of grades."""
        lines = self._coded("municipality_band_month_risk", "band", atvk_code=self.code, sex=ALL)
        yield from self._shown("band", "band", lines)

    def grades(self) -> Iterator[Shown]:
        """Yield the grades."""
        lines = self._coded("municipality_grade_month_risk", "grade", atvk_code=self.code, sex=ALL)
        yield from self._shown("grade", "grade", lines)

    def sexes(self) -> Iterator[Shown]:
        """Yield girls and boys."""
        lines = self._coded("municipality_band_month_risk", "sex", atvk_code=self.code, band=ALL)
        yield from self._shown("sex", "sex", lines)

    def schools(self) -> Iterator[Shown]:
        """Yield the schools in alphabetical order; of the country none, they stand with their municipality."""
        rows = self._rows("school_month_risk", atvk_code=self.code) if self.place.code else []
        named = sorted(rows, key=lambda row: (alphabetical(row["name"] or ""), row["school_reg_no"]))
        yield from self._shown(
            "school", "school", (self._line(row["name"] or row["school_reg_no"], row) for row in named)
        )

    def so_far(self) -> Iterator[Shown]:
        """Yield who was at risk at some month's close since the term, or school year, began."""
        words = self.language.words
        lines = [
            self._line(named.label, row, named.column)
            for table in SO_FAR
            for row in self._rows(table, atvk_code=self.code, kind=ALL)
            for named in indicators(self.release, self.language, self.release.counts(table))
        ]
        if lines:
            yield Shown("so_far", words["so_far"], words["indicator"], lines, has_pupils=False)

    def reasons(self) -> Iterator[Shown]:
        """Yield the lessons missed by reason."""
        words = self.language.words
        lines = [
            Line(named.label, row["period"], named.column, row["pupils"], share_cell(row, named.column))
            for row in self._rows(ABSENCE, atvk_code=self.code, kind=ALL)
            for named in indicators(self.release, self.language, self.release.counts(ABSENCE))
        ]
        if lines:
            caption = f"{words['by_reason']}, {self.language.month(self.period)}"
            yield Shown("reason", caption, words["reason"], lines, has_pupils=False)

    def all(self) -> list[Shown]:
        """Return what the page of the place shows beside its indicators."""
        parts = (self.reasons(), self.so_far(), self.bands(), self.sexes(), self.kinds())
        return [table for part in parts for table in part]


def by_indicator(place: Place, named: Sequence[Indicator], language: Language, name: str = "indicator") -> Shown:
    """Return the newest month of all indicators."""
    lines = [Line(i.label, place.newest["period"], i.column, place.newest["pupils"], place.cell(i)) for i in named]
    pupils = f"{language.words['pupils'].lower()}: {language.number(place.newest['pupils'])}"
    caption = f"{place.name}, {language.month(place.newest['period'])}; {pupils}"
    return Shown(name, caption, language.words["indicator"], lines, has_pupils=False)


def by_month(place: Place, indicator: Indicator, language: Language) -> Shown:
    """Return all months of an indicator, newest first."""
    lines = [
        Line(language.month(row["period"]), row["period"], indicator.column, row["pupils"], found)
        for row in reversed(place.rows)
        for found in [cell(row, indicator.column, place.protection)]
    ]
    return Shown(
        f"month_{indicator.name}", language.say("by_month", label=indicator.label), language.words["month"], lines
    )


MONTHS_PRINTED = 10


def shares_by_month(place: Place, indicators: Sequence[Indicator], language: Language) -> Grid:
    """Return the shares of all indicators side by side, the newest months that fit a printed page."""
    rows = place.rows[-MONTHS_PRINTED:]
    lines = []
    for indicator in indicators:
        cells = [cell(row, indicator.column, place.protection) for row in rows]
        shares = (language.share(c) if c.status == "rounded" else language.words[c.status] for c in cells)
        lines.append((indicator.label, "", tuple(shares)))
    heads = (language.words["indicator"], *(f"{language.short_month(r['period'])} {r['period'][:4]}" for r in rows))
    return Grid("shares", f"{place.name}: {language.words['months_table'].lower()}", heads, lines, rows[-1]["period"])


NOTHING = Cell("no_data", None, None, None, None)


def by_municipality(
    found: Sequence[Place], indicator: Indicator, month: str, whole: Place | None, language: Language
) -> Shown:
    """Return the municipalities in one month, in alphabetical order, the country last."""
    lines = []
    for place in found:
        row, href = place.in_month(month), f"{place.code}.html"
        if row is None:
            note = language.say("older_month", month=language.month(place.newest["period"]))
            lines.append(Line(place.name, month, indicator.column, None, NOTHING, href, note))
        else:
            value = cell(row, indicator.column, place.protection)
            lines.append(Line(place.name, month, indicator.column, row["pupils"], value, href))
    total, row = None, whole.in_month(month) if whole else None
    if whole and row:
        value = cell(row, indicator.column, whole.protection)
        total = Line(language.words["country"], month, indicator.column, row["pupils"], value)
    caption = f"{indicator.label}, {language.month(month)}"
    return Shown("municipality", caption, language.words["municipality"], lines, total=total)
