"""Part the lines of a text without quotes that have as many cells as they should from those few that do not.

So that one uneven line does not make the engine useless for the millions of others: it reads a copy in which a line of
nothing but delimiters stands in the place of each uneven one, and every record keeps its number.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from assets.encoding import pieces
from assets.records import Form

MOST_ODD = 100_000
_NEWLINE = ord("\n")


@dataclass
class Sieve:
    """Lines in, even ones out; `odd` are the others by record number."""

    form: Form
    width: int
    records: int = 0
    odd: dict[int, str] = field(default_factory=dict)

    def sift(self, path: Path, skipped: int, out: Path) -> bool:
        """Write the copy of all below the first lines; False if the file must be read in another way.

        No line may be longer than a piece.
        """
        with out.open("wb") as target:
            for block in _blocks(path):
                # A return alone ends a line for some readers.
                if block.count(b"\r") != block.count(b"\r\n") or len(self.odd) > MOST_ODD:
                    return False
                begin = 0
                while skipped and begin < len(block):
                    begin, skipped = block.index(b"\n", begin) + 1, skipped - 1
                if begin < len(block):
                    target.writelines(self._sift(block[begin:]))
        return True

    def _sift(self, block: bytes) -> Iterator[bytes]:
        """Yield what the copy has of whole lines. A blank line is no record."""
        signs = np.frombuffer(block, dtype=np.uint8)
        ends = np.flatnonzero(signs == _NEWLINE)
        found = np.searchsorted(np.flatnonzero(signs == ord(self.form.delimiter)), ends)
        starts = np.concatenate(([0], ends[:-1] + 1))
        is_odd = np.diff(found, prepend=0) != self.width - 1
        written, before = 0, self.records
        for line in np.flatnonzero(is_odd).tolist():
            begin, end = int(starts[line]), int(ends[line]) + 1
            yield block[written:begin]
            written = end
            text = block[begin:end].decode()
            if self.form.is_record(text):
                self.odd[before + line + 1] = text
                yield self.form.delimiter.encode() * (self.width - 1) + b"\n"
            else:
                before -= 1
        yield block[written:]
        self.records = before + len(ends)


def _blocks(path: Path) -> Iterator[bytes]:
    """Yield whole lines, as many at once as a piece has; the last line gets its end."""
    rest = b""
    for piece in pieces(path):
        block = rest + piece
        cut = block.rfind(b"\n") + 1
        if cut:
            yield block[:cut]
        rest = block[cut:]
    if rest:
        yield rest + b"\n"
