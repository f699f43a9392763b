"""The workshop pack of a municipality: two sheets to print, its own numbers beside what numbers cannot see."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dashboards.hints import Hints
from dashboards.language import Language
from dashboards.place import Indicator, Place
from dashboards.release import Release, Row, cell
from dashboards.shown import Grid

REQUESTS, SITUATIONS, FUNNEL = "request_status", "problem_situation_count", "support_funnel"
STAGES = ("pupils_noticed", "pupils_spoken_with", "pupils_supported", "pupils_with_plan")
# The risks that schools assess and no attendance or mark shows, by group; words know them.
UNSEEN = {
    "learning_school": ("conflict", "violence"),
    "economic": ("getting_to_school", "means", "no_internet", "duties_at_home"),
    "social_health": ("special_needs", "ill_relative", "young_parent", "relationship", "addiction"),
    "family": ("parents_away", "care_of_siblings", "parental_addiction", "family_conflict", "little_support"),
}
SPHERES = ("school", "family", "social")
QUESTIONS = range(1, 5)
LINES = range(4)  # empty lines to write on


def _a_year_before(period: str) -> str:
    return f"{int(period[:4]) - 1}{period[4:]}"


@dataclass(frozen=True)
class Workshop:
    """What a municipality's team talks about: one month of a release."""

    release: Release
    language: Language
    place: Place

    @property
    def period(self) -> str:
        """Return the month."""
        return self.place.newest["period"]

    def _rows(self, table: str) -> list[Row]:
        return self.release.rows(table, period=self.period, atvk_code=self.place.code)

    def moved(self, indicators: Sequence[Indicator]) -> Grid:
        """Return each indicator now, in the month before, and a year before: counters begin anew with a term."""
        rows = {row["period"]: row for row in self.place.rows}
        before = self.place.rows[-2]["period"] if len(self.place.rows) > 1 else ""
        months = [month for month in (self.period, before, _a_year_before(self.period)) if month in rows]
        lines = [
            (i.label, "", tuple(self.language.both(cell(rows[m], i.column, self.place.protection)) for m in months))
            for i in indicators
        ]
        heads = (self.language.words["indicator"], *(self.language.month(month) for month in months))
        return Grid("moved", self.language.words["moved"], heads, lines, self.period)

    def funnel(self) -> Iterator[Grid]:
        """Yield how far open cases have come, by kind of school."""
        words, lines = self.language.words, []
        for row in self._rows(FUNNEL):
            cells = (self.language.text(cell(row, stage, self.place.protection)) for stage in STAGES)
            lines.append((self.language.code_word("kind", row["kind"]), "", tuple(cells)))
        if lines:
            heads = (words["kind"], *(words[f"stage_{stage.removeprefix('pupils_')}"] for stage in STAGES))
            caption = f"{words['funnel_support']}, {self.language.month(self.period)}"
            yield Grid("funnel", caption, heads, lines, self.period)

    def hints(self) -> Iterator[Grid]:
        """Yield the topics with what the numbers hint at, why, and what was decided."""
        words = self.language.words
        lines = [
            (
                f"{hint.topic} {words[f'topic_{hint.topic}']}",
                "",
                (words[f"hint_{hint.state}"], hint.reason, hint.decision or words["undecided"]),
            )
            for hint in Hints(self.release, self.language, self.place).all()
        ]
        if lines:
            heads = (words["topic"], words["hint"], words["why"], words["decision"])
            yield Grid("hints", words["hints"], heads, lines, self.period)

    def requests(self) -> Iterator[Grid]:
        """Yield the state of each request of the municipality's organisations, by the code they gave it."""
        words, language = self.language.words, self.language
        lines = []
        for row in self._rows(REQUESTS):
            planned = language.day(row["planned_on"]) if row["planned_on"] else ""
            about = f"{language.code_word('ask', row['kind'])}, {language.code_word('topic', row['topic'])}"
            state = " ".join(filter(None, (language.code_word("status", row["status"]), planned)))
            lines.append((row["request_id"], "", (about, language.day(row["asked_on"]), state)))
        if lines:
            heads = (words["request"], words["what"], words["asked_on"], words["status"])
            yield Grid("requests", words["requests"], heads, lines, self.period)

    def situations(self) -> Iterator[Grid]:
        """Yield the themes that teams noted often enough to be told."""
        words, language = self.language.words, self.language
        lines = [
            (language.code_word("theme", row["theme"]), "", (words[f"sphere_{row['sphere']}"], row["events_noted"]))
            for row in self._rows(SITUATIONS)
        ]
        if lines:
            yield Grid(
                "situations",
                words["situations"],
                (words["theme"], words["sphere"], words["event_count"]),
                lines,
                self.period,
            )

    def unseen(self) -> list[tuple[str, str]]:
        """Return, by group of risks, those that numbers do not show, in words."""
        words = self.language.words
        return [
            (words[f"group_{group}"], ", ".join(words[f"risk_{risk}"] for risk in risks))
            for group, risks in UNSEEN.items()
        ]

    def spheres(self) -> list[str]:
        """Return the three spheres of a pupil's life, in words."""
        return [self.language.words[f"sphere_{sphere}"] for sphere in SPHERES]

    def questions(self) -> list[str]:
        """Return the questions to talk about."""
        return [self.language.words[f"question_{number}"] for number in QUESTIONS]
