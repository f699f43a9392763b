"""What was done for schools and municipalities, beside what is needed there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dashboards.language import Language
from dashboards.place import Indicator, Place
from dashboards.release import Release, Row
from dashboards.shown import Grid

SUPPORT, KINDS, TOPICS, ALL = "municipality_term_support", "municipality_kind_term_support", "topic_demand", "all"
EVENTS = (
    "supervisions_held",
    "supervisions_owed",
    "school_workshops_held",
    "municipal_workshops_held",
    "programme_runs_held",
    "programme_completions",
    "youth_projects",
    "consultations_asked",
    "consultations_held",
    "consultations_waiting",
    "interests_open",
)
BESIDE_NEED = (
    "supervisions_held",
    "school_workshops_held",
    "municipal_workshops_held",
    "programme_completions",
    "consultations_held",
    "consultations_waiting",
)
OF_KINDS = ("supervisions_held", "school_workshops_held", "programme_runs_held", "programme_completions")
ASKED = ("asked", "held", "waiting", "offered")


def told(row: Row, names: Sequence[str]) -> list[str]:
    """Keep the events that a release tells: one from before has fewer."""
    return [name for name in names if f"events_{name}" in row]


@dataclass(frozen=True)
class Support:
    """Support to staff in one month of a release."""

    release: Release
    language: Language
    period: str

    def _caption(self, word: str) -> str:
        return f"{self.language.words[word]}, {self.language.month(self.period)}"

    def _rows(self, table: str, code: str) -> list[Row]:
        return self.release.rows(table, period=self.period, atvk_code=code)

    def of_place(self, code: str) -> Iterator[Grid]:
        """Yield what was done in a municipality, or in all, since the term began; and what was asked for, by topic."""
        words = self.language.words
        for row in self._rows(SUPPORT, code or ALL):
            lines = [(words[f"event_{name}"], "", (row[f"events_{name}"],)) for name in told(row, EVENTS)]
            yield Grid(
                "support", self._caption("support_term"), (words["event"], words["event_count"]), lines, self.period
            )
        topics = self._rows(TOPICS, code or ALL)
        if topics:
            said = [(self._topic(row["topic"]), row) for row in topics]
            asked = told(topics[0], ASKED)
            lines = [
                (topic, "", tuple(row[f"events_{name}"] for name in asked)) for topic, row in sorted(said, key=_name)
            ]
            heads = (words["topic"], *(words[f"asked_{name}"] for name in asked))
            yield Grid("topics", self._caption("topics_year"), heads, lines, self.period)
        yield from self._of_kinds(code or ALL)

    def _topic(self, code: str) -> str:
        """Name a topic; those of workshops and programmes bear their code."""
        word = self.language.code_word("topic", code)
        return f"{code} {word}" if code[1:].isdigit() else word

    def _of_kinds(self, code: str) -> Iterator[Grid]:
        """Yield what was done for staff, general, vocational and special schools apart."""
        words, rows = self.language.words, self._rows(KINDS, code)
        if rows:
            lines = [
                (self.language.code_word("kind", row["kind"]), "", tuple(row[f"events_{name}"] for name in OF_KINDS))
                for row in rows
            ]
            heads = (words["kind"], *(words[f"event_{name}"] for name in OF_KINDS))
            yield Grid("support_kinds", self._caption("support_kinds"), heads, lines, self.period)

    def beside_need(self, places: Sequence[Place], indicator: Indicator) -> Iterator[Grid]:
        """Yield need and answer of all municipalities beside each other, in alphabetical order."""
        found = {row["atvk_code"]: row for row in self.release.rows(SUPPORT, period=self.period)}
        lines = []
        for place in places:
            if place.code in found and place.in_month(self.period):
                events = (found[place.code].get(f"events_{name}", "") for name in BESIDE_NEED)
                need = self.language.both(place.cell(indicator))
                lines.append((place.name, f"{place.code}.html", (need, *events)))
        if lines:
            words = self.language.words
            heads = (
                words["municipality"],
                indicator.label,
                *(words[f"event_{name}"] for name in BESIDE_NEED),
            )
            yield Grid("need_and_support", self._caption("need_beside"), heads, lines, self.period)


def _name(pair: tuple[str, Row]) -> str:
    return pair[0]
