"""Lay out a line chart of months: where points, gaps, marks and labels stand. Drawn by templates/chart.svg."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from dashboards.language import Language
from dashboards.release import Cell

STEPS = (1, 2, 3, 4, 6, 12)


class Month(NamedTuple):
    """A month's published count."""

    period: str
    cell: Cell


class Point(NamedTuple):
    """A month with a number, placed."""

    x: float
    y: float
    text: str


class Mark(NamedTuple):
    """A month without a number: withheld or no_data."""

    x: float
    status: str


class Tick(NamedTuple):
    """A label at an axis."""

    at: float
    text: str
    below: str = ""


@dataclass(frozen=True)
class Size:
    """A chart's size and how many month labels fit."""

    width: int
    height: int
    labels: int
    left: int = 46
    right: int = 40
    top: int = 14
    bottom: int = 52

    @property
    def base(self) -> int:
        """Return where zero lies."""
        return self.height - self.bottom


LARGE, SMALL = Size(560, 240, 8), Size(300, 150, 4)


def _ordinal(period: str) -> int:
    return int(period[:4]) * 12 + int(period[5:7]) - 1


def _period(ordinal: int) -> str:
    return f"{ordinal // 12}-{ordinal % 12 + 1:02d}"


def count_step(largest: int) -> int:
    """Return the distance of count labels: 1, 2 or 5 times a power of ten, at most four of them."""
    step = 1
    while largest > 4 * step:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    return step


@dataclass(frozen=True)
class Scale:
    """Where months and counts stand: months by their distance in time, counts from zero upward."""

    size: Size
    first: int
    last: int
    largest: int

    @classmethod
    def of(cls, months: Sequence[Month], size: Size) -> "Scale":
        """Fit months and counts into a size."""
        largest = max(month.cell.count or 0 for month in months)
        return cls(size, _ordinal(months[0].period), _ordinal(months[-1].period), largest)

    @property
    def band(self) -> float:
        """Return the width of a month."""
        return (self.size.width - self.size.left - self.size.right) / (self.last - self.first + 1)

    @property
    def labels(self) -> range:
        """Return the counts to label, the last of them at the top."""
        step = count_step(self.largest)
        return range(0, max(step, -(-self.largest // step) * step) + 1, step)

    def x(self, period: str) -> float:
        """Return the middle of a month."""
        return round(self.size.left + (_ordinal(period) - self.first + 0.5) * self.band, 1)

    def y(self, count: int) -> float:
        """Return the height of a count."""
        return round(self.size.base - (self.size.base - self.size.top) * count / self.labels[-1], 1)

    def periods(self) -> list[str]:
        """Return the months to label, evenly apart."""
        step = next((step for step in STEPS if (self.last - self.first) // step < self.size.labels), 24)
        return [_period(ordinal) for ordinal in range(self.first, self.last + 1, step)]


@dataclass(frozen=True)
class Chart:
    """What a chart shows, placed; nothing in it but published values."""

    name: str
    title: str
    description: str
    scale: Scale
    runs: list[list[Point]]  # stretches of months without a gap
    marks: list[Mark]
    months: list[Tick]
    counts: list[Tick]

    @property
    def newest(self) -> Point | None:
        """Return the point of the last month, if it has a number."""
        point = self.runs[-1][-1] if self.runs else None
        return point if point and all(point.x > mark.x for mark in self.marks) else None


def runs(months: Sequence[Month]) -> list[list[Month]]:
    """Cut months into stretches without a gap: neighbours in time, all with a number."""
    shown = [month for month in months if month.cell.count is not None]
    stretches = groupby(enumerate(shown), key=lambda pair: _ordinal(pair[1].period) - pair[0])
    return [[month for _, month in stretch] for _, stretch in stretches]


def _describe(months: Sequence[Month], language: Language) -> str:
    newest, shown = language.words["chart_no_number"], [month for month in months if month.cell.count is not None]
    if shown:
        count, month = language.text(shown[-1].cell), language.month(shown[-1].period)
        newest = language.say("chart_newest", count=count, month=month)
    statuses = [month.cell.status for month in months]
    gaps = {status: statuses.count(status) for status in ("withheld", "no_data")}
    first, last = language.month(months[0].period), language.month(months[-1].period)
    return language.say("chart", first=first, last=last, newest=newest, **gaps)


def _month_ticks(scale: Scale, language: Language) -> list[Tick]:
    """Label months; the year stands below the first month of each."""
    seen, ticks = "", []
    for period in scale.periods():
        ticks.append(Tick(scale.x(period), language.short_month(period), period[:4] if period[:4] != seen else ""))
        seen = period[:4]
    return ticks


def _count_ticks(scale: Scale, language: Language) -> list[Tick]:
    """Label counts; where no month has a number, only the axis stands, without a 0 to be mistaken for one."""
    if not scale.largest:
        return [Tick(scale.y(0), "")]
    return [Tick(scale.y(count), language.number(count)) for count in scale.labels]


def _point(month: Month, scale: Scale, language: Language) -> Point:
    return Point(scale.x(month.period), scale.y(month.cell.count or 0), language.text(month.cell))


def lay_out(name: str, title: str, months: Sequence[Month], size: Size, language: Language) -> Chart:
    """Place the months of one count."""
    scale = Scale.of(months, size)
    return Chart(
        name,
        title,
        _describe(months, language),
        scale,
        runs=[[_point(month, scale, language) for month in run] for run in runs(months)],
        marks=[Mark(scale.x(month.period), month.cell.status) for month in months if month.cell.count is None],
        months=_month_ticks(scale, language),
        counts=_count_ticks(scale, language),
    )
