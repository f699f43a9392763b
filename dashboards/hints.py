"""Which workshop topics the numbers of a municipality hint at: a suggestion with its reason, from published values.

A published value is an interval. A topic is hinted at only where the whole interval says so, left open where the ends
disagree, and T1 (class management, conflicts) is never read from numbers: only people can ask for it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from dashboards.funnel import RARE, limits
from dashboards.language import Language
from dashboards.place import AT_RISK, MUNICIPALITIES, Place
from dashboards.release import Release, Row, cell, share_cell

ABSENCE, KINDS, SCHOOLS, CHOICES = (
    "municipality_month_absence", "municipality_kind_month_risk", "school_month_risk", "topic_choice",
)  # fmt: skip
OPEN, BELOW_4, OVER_AGE = "lessons_missed_unexcused", "pupils_raised_subjects_below_4", "pupils_raised_over_age"
TOPICS = ("T1", "T2", "T3", "T4", "T5")
HINTED, NOT_HINTED, OPEN_QUESTION, PEOPLE = "hinted", "not_hinted", "untold", "people"


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


def spread(schools: list[tuple[int, int, int]]) -> str:
    """Say whether schools differ more than chance makes of the same share.

    schools: pupils, lowest and highest count at risk. The share of all is an interval, too: a school stands out only if
    it does so against both ends. With less than two schools that are told, nothing can be said.
    """
    told = [school for school in schools if school[0] > 0]
    if len(told) < 2:
        return OPEN_QUESTION
    pupils = sum(school[0] for school in told)
    ends = [sum(school[end] for school in told) / pupils for end in (1, 2)]
    verdicts = {_stands(school, ends) for school in told}
    return HINTED if HINTED in verdicts else OPEN_QUESTION if OPEN_QUESTION in verdicts else NOT_HINTED


def _stands(school: tuple[int, int, int], ends: list[float]) -> str:
    pupils, low, high = school
    areas = [limits(share, pupils, RARE) for share in ends]
    lowest, highest = min(area[0] for area in areas), max(area[1] for area in areas)
    least, most = 100 * low / pupils, 100 * high / pupils
    if least > highest or most < lowest:
        return HINTED
    inside = max(area[0] for area in areas) <= least and most <= min(area[1] for area in areas)
    return NOT_HINTED if inside else OPEN_QUESTION


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
        rows = [row for row in self._rows(SCHOOLS) if row.get(f"{AT_RISK}_low") is not None]
        return [(row["pupils"], row[f"{AT_RISK}_low"], row[f"{AT_RISK}_high"]) for row in rows]

    def _percent(self, span: Span | None) -> str:
        if span is None:
            return self.language.words["no_share"]
        if span.low == span.high:
            return self.language.percent(round(span.low))
        return self.language.say("percent", percent=self.language.span(span.low, span.high))

    def _said(self, word: str, span: Span | None, limit: str) -> str:
        percent, most = self._percent(span), self.language.percent(self.policy[limit])
        return self.language.say(f"hint_{word}", share=percent, limit=most)

    def _judged(self) -> Iterator[tuple[str, str, str]]:
        """Yield topic, state and reason."""
        words = self.language.words
        yield "T1", PEOPLE, words["hint_T1"]
        found = self._open()
        yield "T2", judged(found, self.policy["hint_open_percent"]), self._said("T2", found, "hint_open_percent")
        found = self._count(MUNICIPALITIES, BELOW_4)
        yield "T3", judged(found, self.policy["hint_below_4_percent"]), self._said("T3", found, "hint_below_4_percent")
        yield "T4", spread(self._schools()), words["hint_T4"]
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
