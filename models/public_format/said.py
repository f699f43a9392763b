"""A part of a settings file with its place in it, so that an error names file, line, key, rule and next step."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from models.public_format.imported import ImportRefused

Place = tuple[str, ...]


@dataclass(frozen=True)
class Said:
    """A value of a settings file (text, list or mapping; every scalar is text) with where it stands."""

    file: str
    value: Any
    lines: Mapping[Place, int]
    place: Place = ()

    def refuse(self, what: str) -> ImportRefused:
        """Make the error that this value is wrong; `what` gives rule and next step."""
        line = next(
            (self.lines[self.place[:n]] for n in range(len(self.place), -1, -1) if self.place[:n] in self.lines), 1
        )
        key = ".".join(self.place)
        return ImportRefused(f"{self.file}, line {line}{f', {key}' if key else ''}: {what}")

    def has(self, key: str) -> bool:
        """Tell whether a mapping has a key."""
        return isinstance(self.value, dict) and key in self.value

    def at(self, key: str) -> "Said":
        """Return what a mapping says under a key; where it says nothing, an empty text."""
        value = self.value.get(key, "") if isinstance(self.value, dict) else ""
        return Said(self.file, value, self.lines, (*self.place, key))

    def parts(self) -> dict[str, "Said"]:
        """Return what a mapping says, by key; ImportRefused if it is none."""
        if not isinstance(self.value, dict):
            raise self.refuse("it must be a mapping, such as `key: value`, one a line and indented")
        return {key: self.at(key) for key in self.value}

    def items(self) -> list["Said"]:
        """Return the items of a list; ImportRefused if it is none."""
        if not isinstance(self.value, list):
            raise self.refuse("it must be a list, each item on its own line after a dash")
        return [Said(self.file, item, self.lines, (*self.place, str(n))) for n, item in enumerate(self.value, 1)]

    def text(self) -> str:
        """Return a text; ImportRefused if it is none or empty."""
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.refuse("it must be a text, and not an empty one")
        return self.value.strip()

    def choice(self, allowed: Iterable[str], default: str | None = None) -> str:
        """Return one of the words allowed."""
        if self.value == "" and default is not None:
            return default
        word, words = self.text(), list(allowed)
        if word not in words:
            raise self.refuse(f"it must be one of {', '.join(words)}{near(word, words)}")
        return word

    def day(self) -> date | None:
        """Return a date, or None where nothing is said."""
        if self.value == "":
            return None
        try:
            return date.fromisoformat(self.text())
        except ValueError:
            raise self.refuse("it must be a date such as 2025-09-01") from None

    def only(self, allowed: Iterable[str], what: str = "key") -> None:
        """Refuse a mapping with a key that has no meaning here."""
        words = list(allowed)
        for key, said in self.parts().items():
            if key not in words:
                raise said.refuse(f"there is no such {what}{near(key, words)}; it may be {', '.join(words)}")


def near(word: str, words: Iterable[str]) -> str:
    """Suggest what may have been meant."""
    listed = {known.casefold(): known for known in words}
    found = difflib.get_close_matches(word.casefold(), list(listed), 1, 0.6)
    return f" (did you mean {listed[found[0]]}?)" if found else ""
