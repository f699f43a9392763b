"""A kind of dirty data: what is delivered, and what must become of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.assets.kit import absence, as_csv, enrolment, mark, pupil

FIRST = date(2024, 9, 16)
HEADER = ",".join(absence())


@dataclass(frozen=True)
class Spot:
    """The place of one kind in the country that they all share: a day, pupils and a school that no other kind uses."""

    number: int

    @property
    def day(self) -> str:
        return (FIRST + timedelta(days=self.number)).isoformat()

    @property
    def school(self) -> str:
        return f"41129{self.number:05}"

    @property
    def newcomer(self) -> int:
        return 1000 + 10 * self.number

    def row(self, number: int = 1, **more: Any) -> dict[str, Any]:
        return absence(number, self.day) | more

    def mark(self, sequence: int, text: str) -> dict[str, Any]:
        return mark(1, text, sequence, mark_date=self.day)

    def pupil(self, code: str) -> dict[str, Any]:
        return pupil(1) | {"person_code": code}

    def enrolment(self, number: int = 1, **more: Any) -> dict[str, Any]:
        return enrolment(number, entry_date=self.day) | more

    def line(self, number: int = 1, **more: Any) -> str:
        """Write one row as a line of text."""
        return ",".join("" if cell is None else str(cell) for cell in self.row(number, **more).values()) + "\n"

    def text(self, *lines: str, header: str = HEADER) -> str:
        return header + "\n" + "".join(lines or (self.line(1), self.line(2)))

    def table(self, *rows: dict[str, Any], sep: str = ",", end: str = "\n") -> str:
        listed = rows or (self.row(1), self.row(2))
        names = dict.fromkeys(name for row in listed for name in row)
        return as_csv([dict.fromkeys(names) | row for row in listed], sep, end)


@dataclass(frozen=True)
class Outcome:
    """What becomes of a file: its state in the ledger, its rows, the rules that quarantined some, words of the note."""

    status: str
    accepted: int = 0
    rules: Mapping[str, int] = field(default_factory=dict)
    repeated: int = 0
    says: tuple[str, ...] = ()

    @property
    def counts(self) -> tuple[int, int, int, int]:
        waiting = sum(self.rules.values())
        return self.accepted + waiting + self.repeated, self.accepted, waiting, self.repeated


def accepted(rows: int = 2, *says: str, repeated: int = 0) -> Outcome:
    """All rows are taken in; the note, if there is one, says this."""
    return Outcome("accepted", rows, says=says, repeated=repeated)


def waits(rows: int = 1, *says: str, **rules: int) -> Outcome:
    """Some rows are taken in, the others are quarantined by these rules."""
    return Outcome("partly accepted" if rows else "quarantined", rows, rules, says=says)


def refused(says: str, rows: int = 0) -> Outcome:
    """Nothing of the file is taken in, and the message says this; its rows are counted where that can be done."""
    return Outcome("refused", rules={"file_refused": rows}, says=(says,))


@dataclass(frozen=True)
class Kind:
    """One kind of dirty data. `files` makes the delivery, `then` may change the folder before it is read."""

    id: str
    lv: str
    en: str
    files: Callable[[Spot], Mapping[str, Any]]
    outcome: Outcome
    dataset: str = "attendance"
    then: Callable[[Path], None] | None = None
    do: str = ""
    is_slow: bool = False


def csv(make: Callable[[Spot], str | bytes], dataset: str = "attendance") -> Callable[[Spot], Mapping[str, Any]]:
    """Deliver a text file of the dataset."""
    return lambda spot: {f"{dataset}.csv": make(spot)}
