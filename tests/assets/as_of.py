"""Every table of measures as a run on some day makes it, and whether two runs made the same."""

import itertools
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from assets import raw
from assets.home import Home
from assets.opening import kept_open
from assets.queries import query_of
from assets.replay import needed
from assets.stand import Days
from data_contracts.contract import keys, load
from tests.assets.kit import Country
from tests.assets.small_past import DATED, TAKEN, Batch, deliveries

# What comes of a pupil later is no measure; a score is made by a model that is told what came of others.
_LATER = ("risk.pupil_week_outcome", "risk.pupil_week_score")
MEASURES = tuple(
    key for key in keys("risk")
    if key.startswith("risk.pupil_") and load(key).setting("builtBy", "query") == "query" and key not in _LATER
)  # fmt: skip
# Weeks are counted from the day a run stands on.
_RELATIVE = ("week_no",)
DAILY = tuple(key for key in MEASURES if "as_of" in load(key).column_names)

# No as-of day is earlier, nor a day by which it is known: what was told before is the same in every home.
THEN = date(2025, 1, 27)

Contents = dict[str, list[str]]


@kept_open()
def stand(country: Country, days: Days, wanted: tuple[str, ...] = MEASURES) -> None:
    """Build the tables wanted, and all they are built from, on these days."""
    raw.close_intake(country.warehouse, days.known_on)
    country.warehouse.store("risk.stand", days.frame())
    build(country, wanted)


def forget_slices(country: Country, keys: str = "%") -> None:
    """Let every slice be built anew: what a query makes is to be compared, not what was made before."""
    if country.query("select 1 from duckdb_tables() where table_name = 'built_slice'"):
        with country.warehouse.connect() as connection:
            connection.execute("delete from raw.built_slice where table_key like $keys", {"keys": keys})


@cache
def _order(wanted: tuple[str, ...]) -> list[str]:
    return needed(wanted)


@kept_open()
def build(country: Country, wanted: tuple[str, ...], but: tuple[str, ...] = ("risk.stand",)) -> None:
    """Build tables and all they are built from, less those that are there."""
    for key in _order(wanted):
        if key not in but:
            country.warehouse.build(key)


@kept_open()
def stand_on_each(country: Country, days: Days, each: list[date]) -> None:
    """Build the measures of several as-of days in one pass, in a home that stands there or elsewhere already."""
    forget_slices(country, "risk.%")
    country.warehouse.store("risk.stand", days.frame())
    anchor = days.frame()["week_anchor"][0]
    frame = pl.DataFrame(
        [[day, (day - anchor).days // 7, f"{day:%Y-%m}", day == days.as_of, False] for day in each],
        schema=list(load("risk.as_of_date").column_names),
        orient="row",
    )
    country.warehouse.store("risk.as_of_date", frame)
    build(country, DAILY, ("risk.stand", "risk.as_of_date", *keys("core")))


def contents(country: Country, wanted: tuple[str, ...] = MEASURES) -> Contents:
    """Return the rows of each table, in the order of their text."""
    return {key: sorted(map(repr, country.query(f"select * from {key}"))) for key in wanted}


def rows_of(country: Country, as_of: date) -> Contents:
    """Return the rows of one day of each table that has days, less what is counted from the stand."""
    found = {}
    for key in DAILY:
        shown = ", ".join(name for name in load(key).column_names if name not in _RELATIVE)
        found[key] = sorted(map(repr, country.query(f"select {shown} from {key} where as_of = $day", day=as_of)))
    return found


def different(found: Contents, wanted: Contents) -> dict[str, tuple[list[str], list[str]]]:
    """Return by table the rows that only the first has, and those that only the second has."""
    return {
        key: (sorted({*found[key]} - {*wanted[key]}), sorted({*wanted[key]} - {*found[key]}))
        for key in wanted
        if found[key] != wanted[key]
    }


@contextmanager
def written_otherwise(wrong: dict[str, tuple[str, str]]) -> Iterator[None]:
    """Let queries say something else than their files do: by table what is replaced, and by what."""
    changed = {}
    for key, (said, instead) in wrong.items():
        assert said in query_of(key), f"{key} no longer says {said!r}"
        changed[key] = query_of(key).replace(said, instead)

    def told(key: str) -> str:
        return changed.get(key) or query_of(key)

    with pytest.MonkeyPatch.context() as patch:
        for module in ("assets.warehouse", "assets.contents", "assets.wholes", "assets.queries"):
            patch.setattr(f"{module}.query_of", told)
        yield


def since(seed: int) -> list[Batch]:
    """Return the deliveries of a past that came on `THEN` or after it: none before tells of later days."""
    return [batch for batch in deliveries(seed) if batch.known_from >= THEN]


class Pasts:
    """Homes of small pasts, each made once and copied for whoever changes it."""

    def __init__(self, root: Path) -> None:
        self.root, self.made, self.number = root, dict[object, Country](), itertools.count()

    def _once(self, name: object, make: Callable[[], Country]) -> Country:
        if name not in self.made:
            self.made[name] = make()
        return self.made[name]

    def copy(self, country: Country) -> Country:
        return country.copy(self.root / f"copy{next(self.number)}")

    def told(self, batches: list[Batch], on: Country | None = None, taken: Iterable[str] = TAKEN) -> Country:
        """Return a home into which deliveries were taken, on top of what a home already has."""
        made = self.copy(on or self._empty())
        for batch in batches:
            batch.put(made)
        with made.one_session() as country:
            country.take_only(*taken)
        return made

    def _empty(self) -> Country:
        def make() -> Country:
            made = Country(Home(self.root / "empty", self.root / "secrets"))
            made.home.prepare()
            return made

        return self._once("empty", make)

    def before(self, seed: int) -> Country:
        """Return a home that has the registers of a past, and what was told before `THEN`."""
        told = [batch for batch in deliveries(seed) if batch.known_from < THEN]
        return self._once(("before", seed), lambda: self.told(told))

    def known(self, seed: int, days: Days) -> Country:
        """Return a home into which came what counts on a day, and nothing later, standing there."""

        def make() -> Country:
            batches = [batch for batch in since(seed) if batch.known_from <= days.known_on]
            made = self.told(batches, self.before(seed), DATED)
            with made.one_session() as country:
                stand(country, days)
            return made

        return self._once((seed, days), make)

    def measures(self, seed: int, days: Days) -> Contents:
        """Return the measures of that home."""
        with self.known(seed, days).one_session() as country:
            return contents(country)

    def makes(self, home: Country, days: Days, wanted: tuple[str, ...] = MEASURES) -> Contents:
        """Return the tables that a home makes on these days; the home stays as it is."""
        with self.copy(home).one_session() as country:
            forget_slices(country)
            stand(country, days, wanted)
            return contents(country, wanted)
