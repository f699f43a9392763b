"""Read delimited text record by record, where an engine could not: what is no record is told by its number."""

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from assets.scanning import LONGEST_LINE

_MOST_LINES = 50


@dataclass(frozen=True)
class Form:
    """How a delimited file is laid out: its delimiter and header, lines and records up to its end, rows above."""

    delimiter: str
    header: list[str]
    lines: int
    records: int
    above: int = 0

    @property
    def least(self) -> int:
        """Return the number of header cells up to the last that has a name."""
        return max((i for i, cell in enumerate(self.header, 1) if cell.strip()), default=0)

    def is_record(self, line: str) -> bool:
        """Tell whether a line is more than blank: one of nothing but delimiters is a record, tabs included."""
        return bool(line.strip()) or self.delimiter in line

    @property
    def cells(self) -> list[str]:
        """Return the names the cells bear before the header is understood."""
        return [f"cell_{i}" for i in range(len(self.header))]


def lines_of(handle: IO[str]) -> Iterator[str | None]:
    """Yield lines; None for one that is too long to be a record."""
    while line := handle.readline(LONGEST_LINE):
        if len(line) < LONGEST_LINE or line[-1] in "\r\n":
            yield line
        else:
            while line and line[-1] not in "\r\n":
                line = handle.readline(LONGEST_LINE)
            yield None


@dataclass
class Records:
    """The records of a file as they are read, and how many had empty fields too many or too few at their end."""

    form: Form
    uneven: int = 0

    def read(self, lines: Iterator[str | None]) -> Iterator[list[str] | None]:
        """Yield the cells of each record; None for a line that is not part of one. Blank lines do not count."""
        ahead: deque[str | None] = deque()
        while (line := ahead.popleft() if ahead else next(lines, "")) != "":
            if line is None or self.form.is_record(line):
                yield None if line is None else self._record(line, lines, ahead)

    def fitted(self, cells: list[str]) -> list[str] | None:
        """Return as many cells as the header has; None if one with something in it were lost, or a named one lacks."""
        width = len(self.form.header)
        if len(cells) == width:
            return cells
        if len(cells) < self.form.least or any(cell.strip() for cell in cells[width:]):
            return None
        self.uneven += 1
        return (cells + [""] * width)[:width]

    def _record(self, line: str, lines: Iterator[str | None], ahead: deque[str | None]) -> list[str] | None:
        """Read the record that begins with a line; a quoted line break joins the next lines, given back if in vain."""
        if (cells := self._cells(line)) is not None:
            return cells
        taken, text = [], line
        while text.count('"') % 2 and len(taken) < _MOST_LINES:
            more = ahead.popleft() if ahead else next(lines, "")
            taken += [] if more == "" else [more]
            if not more:
                break
            text += more
        if text.count('"') % 2 == 0 and (cells := self._cells(text)) is not None:
            return cells
        ahead.extendleft(reversed(taken))
        return None

    def _cells(self, text: str) -> list[str] | None:
        if '"' not in text:
            return self.fitted(text.rstrip("\r\n").split(self.form.delimiter))
        try:
            (cells,) = csv.reader([text], delimiter=self.form.delimiter, strict=True)
        except (csv.Error, ValueError):
            return None
        return self.fitted(cells)
