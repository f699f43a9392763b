"""The deliveries of a country in order, and what is in each: the rows that a sender would have on that day."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache, partial
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pyarrow as pa

from models.reference.calendar import SchoolYear
from models.synthetic.attendance import corrected_attendance, delivered_attendance, lesson_table
from models.synthetic.chunk import Chunk, open_chunk
from models.synthetic.country import Country
from models.synthetic.illness import illnesses
from models.synthetic.marks import Marks, corrected_marks, delivered_marks, month_marks, talents
from models.synthetic.month import Month, Period, simulate
from models.synthetic.parameters import Parameters
from models.synthetic.period_marks import means, period_table
from models.synthetic.registers import REGISTERS, register_changes
from models.synthetic.rolls import years_of
from models.synthetic.streams import Booleans
from models.synthetic.year_days import ends, index_of, school_days

RIGA = ZoneInfo("Europe/Riga")
REGISTER, JOURNAL = "viis", "e-klase"
MORNING, EVENING = time(7, 30), time(18, 0)
REGISTERS_AFTER = timedelta(4)  # days after the first school day
DELIVERED_DAY, CORRECTED_DAY = 3, 20  # of the following month
DECLARED = {1: (1, 8), 2: (6, 29)}  # month and day on which period marks are sent, by semester

Rows = pl.DataFrame | pa.Table
Fill = Callable[[Country, str], Iterator[tuple[str, Rows]]]


@dataclass(frozen=True)
class Delivery:
    """One delivery folder: `fill` yields its datasets piece by piece, in the order in which they are appended."""

    name: str
    source: str
    delivered_on: datetime
    fill: Fill
    first: date | None = None
    last: date | None = None


def contents(country: Country, delivery: Delivery, shape: str) -> Iterator[tuple[str, Rows]]:
    """Yield (dataset, rows) of a delivery; a dataset comes in as many pieces as the country has chunks."""
    return ((dataset, rows) for dataset, rows in delivery.fill(country, shape) if len(rows))


def _sent(day: date, at: time) -> datetime:
    return datetime.combine(day, at, RIGA)


def _in_next_month(day: date, number: int) -> date:
    return (day.replace(day=1) + timedelta(32)).replace(day=number)


def _month_ends(year: SchoolYear) -> list[date]:
    months = np.unique(school_days(year).astype("datetime64[M]"))
    return [(month + 1).astype("datetime64[D]").item() - timedelta(1) for month in months]


def periods(year: SchoolYear) -> list[Period]:
    """List the calendar months of a school year that have school days."""
    return [
        Period(
            label=100 * last.year + last.month,
            first=index_of(year, last.replace(day=1)),
            after=index_of(year, last + timedelta(1)),
            delivered=_in_next_month(last, DELIVERED_DAY),
            corrected=_in_next_month(last, CORRECTED_DAY),
        )
        for last in _month_ends(year)
    ]


def _months(country: Country, year_no: int, period: Period) -> Iterator[Month]:
    for chunk_no in range(len(country.chunks[year_no])):
        chunk = open_chunk(country, year_no, chunk_no)
        yield simulate(chunk, illnesses(chunk), period)


def _journal(country: Country, shape: str, year_no: int, period: Period) -> Iterator[tuple[str, Rows]]:
    for month in _months(country, year_no, period):
        yield "attendance", delivered_attendance(month, shape)
        if shape == "exceptions":
            yield "lesson", lesson_table(month)
        yield "mark", delivered_marks(month_marks(month, talents(month.chunk)))


def _corrections(country: Country, shape: str, year_no: int, period: Period) -> Iterator[tuple[str, Rows]]:
    for month in _months(country, year_no, period):
        yield "attendance", corrected_attendance(month)
        yield "mark", corrected_marks(month_marks(month, talents(month.chunk)))


def _semester_marks(chunk: Chunk, semester: int) -> Iterator[Marks]:
    ill, talent = illnesses(chunk), talents(chunk)
    for period in periods(chunk.year):
        if chunk.year.semester(school_days(chunk.year)[period.first].item()) == semester:
            yield month_marks(simulate(chunk, ill, period), talent)


def _here_at_end(chunk: Chunk, semester: int) -> Booleans:
    """Say who is on roll on the last school day of the semester in their grade."""
    start, stop = chunk.column("start"), chunk.column("stop")
    if semester == 1:
        last = index_of(chunk.year, chunk.year.first_semester_last)
        return (start <= last) & (stop > last)
    trade = (chunk.spells["kind"] == "vocational").to_numpy()
    return stop >= ends(chunk.year, chunk.column("grade"), trade)


def _declared(country: Country, shape: str, year_no: int, semester: int) -> Iterator[tuple[str, Rows]]:
    for chunk_no in range(len(country.chunks[year_no])):
        chunk = open_chunk(country, year_no, chunk_no)
        first = means(chunk, _semester_marks(chunk, 1))
        found = {"semester1": first}
        if semester == 2:
            second = means(chunk, _semester_marks(chunk, 2))
            year = np.where(np.isnan(first), second, np.where(np.isnan(second), first, (first + second) / 2))
            found = {"semester2": second, "year": year}
        yield "period_mark", period_table(chunk, _here_at_end(chunk, semester), found)


def _registers(country: Country, shape: str, since: date | None, until: date) -> Iterator[tuple[str, Rows]]:
    return ((name, register_changes(country, name, since, until)) for name in REGISTERS)


def _register_deliveries(years: tuple[SchoolYear, ...]) -> Iterator[Delivery]:
    since: date | None = None
    for year in years:
        for number, day in enumerate((year.first + REGISTERS_AFTER, *_month_ends(year))):
            name = f"{day}-viis-{'izmainas' if number else 'registri'}"
            yield Delivery(name, REGISTER, _sent(day, EVENING), partial(_registers, since=since, until=day))
            since = day


def _journal_deliveries(year_no: int, year: SchoolYear) -> Iterator[Delivery]:
    for period in periods(year):
        month = f"{period.label // 100}-{period.label % 100:02d}"
        first, last = (school_days(year)[index].item() for index in (period.first, period.after - 1))
        sent, again = period.delivered, period.corrected
        journal, corrections = (partial(fill, year_no=year_no, period=period) for fill in (_journal, _corrections))
        yield Delivery(f"{sent}-eklase-{month}", JOURNAL, _sent(sent, MORNING), journal, first, last)
        yield Delivery(f"{again}-eklase-labojumi-{month}", JOURNAL, _sent(again, MORNING), corrections, first, last)


def _declarations(year_no: int, year: SchoolYear) -> Iterator[Delivery]:
    for semester, (month, day) in DECLARED.items():
        sent = date(year.last.year, month, day)
        fill = partial(_declared, year_no=year_no, semester=semester)
        yield Delivery(f"{sent}-eklase-{semester}-semestris", JOURNAL, _sent(sent, MORNING), fill)


@lru_cache(maxsize=4)
def schedule(parameters: Parameters) -> tuple[Delivery, ...]:
    """List the deliveries of a country in the order in which they arrive."""
    years = years_of(parameters)
    deliveries = list(_register_deliveries(years))
    for year_no, year in enumerate(years):
        deliveries += [*_journal_deliveries(year_no, year), *_declarations(year_no, year)]
    return tuple(sorted(deliveries, key=lambda delivery: delivery.name))
