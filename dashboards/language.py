"""Say numbers, months and days as readers of a language write them."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal

from dashboards.release import Cell
from dashboards.words import WORDS

MONTH = {"lv": "y. 'gada' MMMM", "en": "MMMM y"}
DAY = {"lv": "y. 'gada' d. MMMM", "en": "d MMMM y"}
ALPHABET = "aābcčdeēfgģhiīyjkķlļmnņoōpqrŗsštuūvwxzž"


@cache
def _decimal(value: float, locale: str) -> str:
    return format_decimal(value, locale=locale)


@dataclass(frozen=True)
class Language:
    """A language of the pages: its words, and how it writes values."""

    code: str

    @property
    def words(self) -> dict[str, str]:
        """Return the words of the pages."""
        return WORDS[self.code]

    @property
    def other(self) -> str:
        """Return the code of the other language."""
        return "en" if self.code == "lv" else "lv"

    def say(self, word: str, **values: Any) -> str:
        """Fill a sentence."""
        return self.words[word].format(**values)

    def code_word(self, group: str, code: str) -> str:
        """Say what a code of a group means: `7-9` as grades, `F` as girls; a grade stands for itself."""
        return self.words.get(f"{group}_{code}", code)

    def number(self, value: float) -> str:
        """Write a number: 12 345 or 12,345."""
        return _decimal(value, self.code)

    def month(self, period: str) -> str:
        """Write `2026-05` as 2026. gada maijs, or May 2026."""
        return format_date(date.fromisoformat(f"{period}-01"), MONTH[self.code], locale=self.code)

    def short_month(self, period: str) -> str:
        """Write `2026-09` as sept., or Sep."""
        return format_date(date.fromisoformat(f"{period}-01"), "LLL", locale=self.code)

    def day(self, day: date) -> str:
        """Write a day in words."""
        return format_date(day, DAY[self.code], locale=self.code)

    def protected(self, protection: dict[str, Any]) -> str:
        """Say in one sentence how counts are protected, and whether their sums hold."""
        word = "disclosure" if protection["is_additive"] else "disclosure_apart"
        return self.say(word, base=protection["base"], most=protection["max_error"])

    def span(self, low: float, high: float) -> str:
        """Write what lies between two numbers."""
        return f"{self.number(low)}–{self.number(high)}"

    def percent(self, value: float) -> str:
        """Write a percent."""
        return self.say("percent", percent=self.number(value))

    def share(self, cell: Cell) -> str:
        """Write a share: a whole percent, or its limits in a small group and where it would read as none or all."""
        if cell.share is not None and 0 < cell.share < 100:
            return self.say("percent", percent=self.number(cell.share))
        ends = cell.share_range
        return self.words["no_share"] if ends is None else self.say("percent", percent=self.span(*ends))

    def text(self, cell: Cell) -> str:
        """Write a count, or why there is none; a rounded 0 is no zero."""
        if cell.count == 0 and cell.high:
            return self.span(0, cell.high)
        return self.number(cell.count) if cell.count is not None else self.words[cell.status]

    def both(self, cell: Cell) -> str:
        """Write a count with its share, as far as there are any."""
        return self.text(cell) if cell.share_range is None else f"{self.text(cell)} ({self.share(cell)})"


def alphabetical(name: str) -> list[int]:
    """Return a sort key by the Latvian alphabet, whatever the machine's locale."""
    return [ALPHABET.find(letter) for letter in name.lower()]
