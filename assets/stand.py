"""The day a run stands on, and by when its data had to be known: both arguments, never the clock."""

from dataclasses import dataclass
from datetime import date, timedelta

import dagster as dg
import polars as pl

# A Monday long before any data: weeks are whole numbers above zero, and a week keeps its number from run to run.
_FIRST_MONDAY = date(1925, 12, 28)


@dataclass(frozen=True)
class Days:
    """A run's two clocks: no lesson or mark on or after `as_of`, nothing delivered after `known_on`."""

    as_of: date
    known_on: date

    def frame(self) -> pl.DataFrame:
        """Return the clocks as the one row of risk.stand."""
        anchor = _FIRST_MONDAY + timedelta(days=self.as_of.weekday())
        return pl.DataFrame({"as_of": [self.as_of], "known_on": [self.known_on], "week_anchor": [anchor]})


class Stand(dg.ConfigurableResource):
    """The two clocks as the launchpad shows them: ISO dates; empty means what the deliveries at hand suggest."""

    as_of: str = ""
    known_on: str = ""

    def days(self, newest_delivery: date) -> Days:
        """Resolve the clocks: everything delivered, and the first Monday on or after the newest delivery."""
        known_on = date.fromisoformat(self.known_on) if self.known_on else newest_delivery
        monday = known_on + timedelta(days=-known_on.weekday() % 7)
        return Days(date.fromisoformat(self.as_of) if self.as_of else monday, known_on)
