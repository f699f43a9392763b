"""The day a run stands on, and by when its data had to be known: both arguments, never the clock."""

from dataclasses import dataclass
from datetime import date, timedelta

import dagster as dg
import polars as pl

# A Monday long before any data: weeks are whole numbers above zero, and a week keeps its number from run to run.
_FIRST_MONDAY = date(1925, 12, 28)


@dataclass(frozen=True)
class Days:
    """A run's two clocks: no lesson or mark on or after `as_of`, nothing delivered after `known_on`.

    A backfill makes the lists of every week since `first`, too, all known on the same day.
    """

    as_of: date
    known_on: date
    first: date | None = None

    def frame(self) -> pl.DataFrame:
        """Return the clocks as the one row of risk.stand; ValueError if the first day is after the last."""
        first = self.first or self.as_of
        if first > self.as_of:
            raise ValueError(f"a run as of {self.as_of} cannot begin on {first}")
        # Weeks end on the weekday of the day itself: the first of them is the first such day that was asked for.
        first += timedelta(days=(self.as_of - first).days % 7)
        anchor = _FIRST_MONDAY + timedelta(days=self.as_of.weekday())
        told = {"as_of": self.as_of, "known_on": self.known_on, "first_as_of": first, "week_anchor": anchor}
        return pl.DataFrame({name: [day] for name, day in told.items()})


class Stand(dg.ConfigurableResource):
    """The clocks as the launchpad shows them: ISO dates; empty means what the deliveries at hand suggest.

    `first_as_of` makes the run a backfill: the lists of every week from that day on.
    """

    as_of: str = ""
    known_on: str = ""
    first_as_of: str = ""

    def days(self, newest_delivery: date) -> Days:
        """Resolve the clocks: everything delivered, and the first Monday on or after the newest delivery."""
        known_on = date.fromisoformat(self.known_on) if self.known_on else newest_delivery
        monday = known_on + timedelta(days=-known_on.weekday() % 7)
        first = date.fromisoformat(self.first_as_of) if self.first_as_of else None
        return Days(date.fromisoformat(self.as_of) if self.as_of else monday, known_on, first)
