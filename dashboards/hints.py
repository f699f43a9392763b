"""Which workshop topics the numbers of a municipality hint at: a suggestion with its reason, from published values.

A published value is an interval. A topic is hinted at only where the whole interval says so, left open where the ends
disagree, and T1 (class management, conflicts) is never read from numbers: only people can ask for it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from scipy.special import chdtrc

from dashboards.language import Language
from dashboards.place import AT_RISK, MUNICIPALITIES, Place
from dashboards.release import Release, Row, cell, share_cell

ABSENCE, KINDS, SCHOOLS, CHOICES = (
    "municipality_month_absence", "municipality_kind_month_risk", "school_month_risk", "topic_choice",
)  # fmt: skip
OPEN, BELOW_4, OVER_AGE = "lessons_missed_unexcused", "pupils_raised_subjects_below_4", "pupils_raised_over_age"
TOPICS = ("T1", "T2", "T3", "T4", "T5")
HINTED, NOT_HINTED, OPEN_QUESTION, PEOPLE = "hinted", "not_hinted", "untold", "people"
LEAST_EXPECTED = 2  # pupils at risk, by the share of all, in the smallest school of the test


class Span(NamedTuple):
    """Between which percents a published share lies."""

    low: float
    high: float


@dataclass(frozen=True)
class Hint:
    """What is said of one topic: its state, why, and what the municipality decided."""

    topic: str
    state: str
    reason: str
    decision: str = ""


def judged(span: Span | None, threshold: float) -> str:
    """Say whether a share is above a threshold: only where both ends of it agree."""
    if span is None:
        return OPEN_QUESTION
    return HINTED if span.low > threshold else NOT_HINTED if span.high <= threshold else OPEN_QUESTION


def spread(schools: list[tuple[int, int, int]], percent: float) -> str:
    """Say whether schools differ more than chance makes of one share: a chi-square test of homogeneity.

    schools: pupils, lowest and highest count at risk; rounding adds the variance of an even draw between the two.
    percent: the chance, in percent, below which it is no longer called chance. Too few schools, or pupils at risk, for
    the test to see anything: open.
    """
    told = [(pupils, (low + high) / 2, (high - low) ** 2 / 12) for pupils, low, high in schools if pupils]
    share = sum(count for _, count, _ in told) / max(sum(pupils for pupils, _, _ in told), 1)
    if len(told) < 2 or not 0 < share < 1 or min(pupils * share for pupils, _, _ in told) < LEAST_EXPECTED:
        return OPEN_QUESTION
    parts = ((count - pupils * share) ** 2 / (pupils * share * (1 - share) + noise) for pupils, count, noise in told)
    return HINTED if 100 * chdtrc(len(told) - 1, sum(parts)) < percent else NOT_HINTED


@dataclass(frozen=True)
class Hints:
    """The hints for one municipality in one month of a release."""

    release: Release
    language: Language
    place: Place

    @property
    def policy(self) -> dict[str, float]:
        """Return the thresholds with which the release was made; without them nothing is hinted at."""
        return self.release.report.get("policy", {})

    def _rows(self, table: str, **groups: str) -> list[Row]:
        return self.release.rows(table, period=self.place.newest["period"], atvk_code=self.place.code, **groups)

    def _count(self, table: str, column: str, **groups: str) -> Span | None:
        """Return between which percents the share of a count lies."""
        rows = [row for row in self._rows(table, **groups) if row.get(f"{column}_low") is not None]
        found = cell(rows[0], column, self.place.protection).share_range if rows else None
        return Span(*found) if found else None

    def _open(self) -> Span | None:
        rows = self._rows(ABSENCE, kind="all")
        found = share_cell(rows[0], OPEN).share_range if rows and f"{OPEN}_low" in rows[0] else None
        return Span(*found) if found else None

    def _vocational(self) -> Span | None:
        """Return the share of pupils in vocational schools: numbers of pupils are public."""
        rows, whole = self._rows(KINDS), self.place.newest["pupils"]
        told = sum(row["pupils"] for row in rows if row["kind"] == "vocational")
        return Span(100 * told / whole, 100 * told / whole) if rows and whole else None

    def _schools(self) -> list[tuple[int, int, int]]:
        """Return pupils, lowest and highest count at risk of the schools that are large enough to be compared."""
        rows = [row for row in self._rows(SCHOOLS) if row.get(f"{AT_RISK}_low") is not None]
        least = self.place.protection["min_share_base"]
        large = (row for row in rows if row["pupils"] >= least)
        return [(row["pupils"], row[f"{AT_RISK}_low"], row[f"{AT_RISK}_high"]) for row in large]

    def _percent(self, span: Span | None) -> str:
        if span is None:
            return self.language.words["no_share"]
        if span.low == span.high:
            return self.language.percent(round(span.low))
        return self.language.say("percent", percent=self.language.span(span.low, span.high))

    def _said(self, word: str, span: Span | None, limit: str) -> str:
        percent, most = self._percent(span), self.language.percent(self.policy[limit])
        return self.language.say(f"hint_{word}", share=percent, limit=most)

    def _spread_said(self, schools: list[tuple[int, int, int]]) -> str:
        """Say how many schools are compared, between which published shares they lie, and by which chance."""
        if len(schools) < 2:
            return self.language.words["hint_T4_few"]
        shares = [50 * (low + high) / pupils for pupils, low, high in schools]
        said = self.language.say("percent", percent=self.language.span(round(min(shares)), round(max(shares))))
        limit = self.language.percent(self.policy["hint_spread_percent"])
        return self.language.say("hint_T4", count=len(schools), share=said, limit=limit)

    def _judged(self) -> Iterator[tuple[str, str, str]]:
        """Yield topic, state and reason."""
        words = self.language.words
        yield "T1", PEOPLE, words["hint_T1"]
        found = self._open()
        yield "T2", judged(found, self.policy["hint_open_percent"]), self._said("T2", found, "hint_open_percent")
        found = self._count(MUNICIPALITIES, BELOW_4)
        yield "T3", judged(found, self.policy["hint_below_4_percent"]), self._said("T3", found, "hint_below_4_percent")
        schools = self._schools()
        yield "T4", spread(schools, self.policy["hint_spread_percent"]), self._spread_said(schools)
        trade, older = self._vocational(), self._count(MUNICIPALITIES, OVER_AGE)
        states = [
            judged(trade, self.policy["hint_vocational_percent"]),
            judged(older, self.policy["hint_over_age_percent"]),
        ]
        state = next((state for state in (HINTED, OPEN_QUESTION) if state in states), NOT_HINTED)
        both = self._said("T5_trade", trade, "hint_vocational_percent")
        yield "T5", state, f"{both} {self._said('T5_age', older, 'hint_over_age_percent')}"

    def _decided(self) -> dict[str, str]:
        """Return what the municipality decided about each topic, in words."""
        words, told = self.language.words, {}
        for row in self._rows(CHOICES):
            what = words["chosen" if row["is_chosen"] else "not_chosen"]
            reason = self.language.code_word("choice", row["reason"])
            told[row["topic"]] = f"{what}: {reason} ({self.language.day(row['decided_on'])})"
        return told

    def all(self) -> list[Hint]:
        """Return a hint for each topic, in the order of the topics; none of a release without thresholds."""
        if not self.policy:
            return []
        decided = self._decided()
        return [Hint(topic, state, reason, decided.get(topic, "")) for topic, state, reason in self._judged()]
