"""What may be said about support: an effect with its interval, or the reason why nothing can be told."""

from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import polars as pl

ALL = "all"
REASONS = {
    "too_few_supported": (
        "Too few pupils began a plan in these weeks.",
        "Šajās nedēļās plāns uzsākts pārāk mazam izglītojamo skaitam.",
    ),
    "not_enough_weeks": (
        "For too few of these pupils are enough weeks known before and after the start.",
        "Pārāk mazam izglītojamo skaitam ir zināms pietiekami daudz nedēļu pirms un pēc plāna sākuma.",
    ),
    "too_few_matched": (
        "Too few of these pupils have pupils alike without support: nobody shows what would have happened.",
        "Pārāk maz ir līdzīgu izglītojamo bez atbalsta: nav, pēc kā redzēt, kas būtu noticis bez tā.",
    ),
    "too_few_schools": (
        "The pupils are of too few schools: what happened in a school cannot be told from what support did.",
        "Izglītojamie ir no pārāk mazām skaitā iestādēm: iestādes notikumus nevar nošķirt no atbalsta.",
    ),
    "missing_not_alike": (
        "After the start, records are missing more often, or less often, than of pupils alike.",
        "Pēc plāna sākuma ieraksti trūkst biežāk vai retāk nekā līdzīgiem izglītojamiem.",
    ),
    "trends_differ": (
        "Long before the start these pupils were already getting worse or better than pupils alike.",
        "Jau ilgi pirms plāna sākuma šiem izglītojamiem gāja uz slikto vai labo pusi citādi nekā līdzīgajiem.",
    ),
    "placebo_not_zero": (
        "A start that never was, twelve weeks earlier, seems to have an effect: the comparison itself is not right.",
        "Izdomātam sākumam divpadsmit nedēļas agrāk it kā ir ietekme: pats salīdzinājums nav pareizs.",
    ),
}
NOT_TOLD = ("This cannot be told from these data.", "No šiem datiem to nevar pateikt.")


class Week(NamedTuple):
    """A week counted from the start: mean of the supported, what those alike let expect, the gap and its interval."""

    week: int
    pupils: int
    supported: float
    expected: float
    gap: float
    low: float
    high: float


@dataclass(frozen=True)
class SupportEffect:
    """One outcome and programme. Numbers in the units of the outcome; None where there is none.

    usual, at_start, after: means of the matched supported pupils in the weeks compared before, in those just before
    the start, and in the weeks compared after. naive is after minus at_start: what a school sees.
    confidence: of the interval; all questions asked at once share one chance in twenty to tell an effect that is none.
    """

    outcome: str
    programme: str
    reason: str | None
    supported: int
    with_weeks: int = 0
    matched: int = 0
    alike: int = 0
    schools: int = 0
    confidence: float = 0.95
    effect: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    detectable: float | None = None
    usual: float | None = None
    at_start: float | None = None
    after: float | None = None
    naive: float | None = None
    trend: float | None = None
    trend_low: float | None = None
    trend_high: float | None = None
    placebo: float | None = None
    placebo_low: float | None = None
    placebo_high: float | None = None
    placebo_pupils: int = 0
    missing_difference: float | None = None
    series: tuple[Week, ...] = ()

    @property
    def is_told(self) -> bool:
        """Tell whether the data allow to say anything, be it that no effect is seen."""
        return self.reason is None

    @property
    def is_effect_told(self) -> bool:
        """Tell whether the interval leaves zero out."""
        return self.low is not None and self.high is not None and not self.low <= 0 <= self.high

    def row(self) -> dict[str, Any]:
        """Return the row of `risk.support_effect`."""
        told = {"outcome": self.outcome, "programme": self.programme, "is_told": self.is_told}
        return told | {name: value for name, value in asdict(self).items() if name != "series"}

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as values that JSON can hold, with the reason in words."""
        words = dict(zip(("reason_en", "reason_lv"), REASONS.get(self.reason or "", (None, None)), strict=True))
        return self.row() | words | {"series": [week._asdict() for week in self.series]}


def table(results: list[SupportEffect]) -> pl.DataFrame:
    """Return one row per outcome and programme."""
    return pl.DataFrame([result.row() for result in results], infer_schema_length=None)
