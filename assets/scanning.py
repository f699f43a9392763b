"""One pass over the bytes of a text file: is it text at all, how many records has it, does it need tidying."""

import re
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from models.delivery import DeliveryRefused

DELIMITERS = ",;\t"
LONGEST_LINE = PIECE = 1 << 20
_QUOTE, _NEWLINE, _SPACE = ord('"'), ord("\n"), ord(" ")
_ENDS_OF_CELLS = np.isin(np.arange(256), [ord(sign) for sign in ',;\t\n\r"'])
# The bytes of Latvian letters lie below; above begin combining marks, other alphabets, odd spaces, signs without width.
_FIRST_ODD = 0xCC
# No Latvian letter begins with C2 or C3; those pairs that are odd do, and so do what was made UTF-8 twice.
_RARE = 0xC2
_ODD_PAIRS = tuple(sign.encode() for sign in "\xa0\xadðþÐÞ")
# A Latvian letter in UTF-8 is two bytes, C4 or C5 and another. Taken for letters of a code page and written as UTF-8
# anew, the first becomes Ä or Å, and the second a sign that no word has after them.
_FIRSTS = ("Ä".encode(), "Å".encode())
_TWICE = re.compile(
    rb"\xc3[\x84\x85](?:\xc2[\x80-\xbf]|\xe2(?:\x80|\x82|\x84)|\xc5[\x92\x93\xa0\xa1\xb8\xbd\xbe]|\xcb[\x80-\xbf])"
)
Signs = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint64]


class NotUtf8(Exception):
    """The bytes are not UTF-8."""


@dataclass
class Scan:
    """What was seen of a file's bytes so far; they are fed piece by piece, as UTF-8."""

    name: str
    ends: int = 0
    delimiters: dict[str, int] = field(default_factory=lambda: dict.fromkeys(DELIMITERS, 0))
    is_open: bool = False
    has_quotes: bool = False
    has_loose_spaces: bool = False
    has_odd_signs: bool = False
    is_too_long: bool = False
    _last: bytes = b"\n"
    _run: int = 0
    _rest: bytes = b""

    @property
    def records(self) -> int | None:
        """Return the line ends outside quotes, the end of the file counted as one; None if a quote stays open."""
        return None if self.is_open else self.ends + (self._last != b"\n")

    def feed(self, piece: bytes) -> None:
        """Look at the next bytes, at most PIECE; NotUtf8 if they are none, DeliveryRefused if they hold zeros."""
        if b"\0" in piece:
            raise DeliveryRefused(f"{self.name}: it holds {piece.count(0)} or more zero bytes; export it again as text")
        signs = np.frombuffer(piece, dtype=np.uint8)
        if self._rest or not piece.isascii():
            self._look_at_letters(piece)
        self._count_ends(piece, signs)
        for sign in DELIMITERS:
            self.delimiters[sign] += int(np.count_nonzero(signs == ord(sign)))
        self._measure_lines(piece)
        self.has_loose_spaces = self.has_loose_spaces or (
            (self._last == b" " or b" " in piece) and self._is_loose(piece, signs)
        )
        self._last = piece[-1:]

    def close(self) -> None:
        """Tell that the file has ended; NotUtf8 if it ends within a letter."""
        if self._rest:
            raise NotUtf8
        self.has_loose_spaces = self.has_loose_spaces or self._last == b" "

    def _look_at_letters(self, piece: bytes) -> None:
        whole = self._rest + piece if self._rest else piece
        cut = next((len(whole) - i for i in range(1, min(4, len(whole) + 1)) if whole[-i] >= 0xC0), len(whole))
        # A letter that the piece cuts in two waits for the next piece; one that is whole is looked at twice at worst.
        self._rest = whole[cut:] if cut < len(whole) and not _is_whole(whole[cut:]) else b""
        letters = _letters(np.frombuffer(whole, dtype=np.uint8)[: len(whole) - len(self._rest)])
        if not letters:
            return
        found = np.frombuffer(letters, dtype=np.uint8)
        is_rare = bool(((found & 0xFE) == _RARE).any())
        self.has_odd_signs = (
            self.has_odd_signs or int(found.max()) >= _FIRST_ODD or (is_rare and any(p in letters for p in _ODD_PAIRS))
        )
        if is_rare and any(first in letters for first in _FIRSTS) and _TWICE.search(whole):
            raise DeliveryRefused(
                f"{self.name}: its text was made UTF-8 twice, each Latvian letter is two signs now; export it again"
            )

    def _count_ends(self, piece: bytes, signs: Signs) -> None:
        if b'"' not in piece:
            self.ends += 0 if self.is_open else int(np.count_nonzero(signs == _NEWLINE))
            return
        self.has_quotes = True
        inside = _inside_quotes(_bits(signs == _QUOTE), self.is_open)
        self.ends += int(np.bitwise_count(_bits(signs == _NEWLINE) & ~inside).sum())
        self.is_open ^= bool(np.count_nonzero(signs == _QUOTE) & 1)

    def _measure_lines(self, piece: bytes) -> None:
        """Tell whether a line is too long for a record: it fills a piece, or what two pieces have of it is too much."""
        last = piece.rfind(b"\n")
        run = self._run + (len(piece) if last < 0 else piece.find(b"\n"))
        self.is_too_long = self.is_too_long or run >= LONGEST_LINE
        self._run = run if last < 0 else len(piece) - last - 1

    def _is_loose(self, piece: bytes, signs: Signs) -> bool:
        """Tell whether a space stands at the edge of a cell; one at the end of the piece is looked at with the next."""
        seam = self._last + piece[:1]
        spaces = np.flatnonzero(signs == _SPACE)
        before, after = signs[spaces[spaces > 0] - 1], signs[spaces[spaces < len(signs) - 1] + 1]
        at_edge = _ENDS_OF_CELLS[before].any() or _ENDS_OF_CELLS[after].any()
        return bool(at_edge) or (b" " in seam and bool(_ENDS_OF_CELLS[list(seam)].any()))


def _bits(marks: npt.NDArray[np.bool_]) -> Words:
    """Pack marks into words, 64 to a word, the first in the lowest bit."""
    packed = np.packbits(marks, bitorder="little")
    return np.pad(packed, (0, -len(packed) % 8)).view("<u8")


def _inside_quotes(quotes: Words, is_open: bool) -> Words:
    """Mark the places after an odd number of quotes: first within each word, then by what the words before hold."""
    inside = quotes
    for shift in (1, 2, 4, 8, 16, 32):
        inside = inside ^ (inside << np.uint64(shift))
    odd = np.bitwise_xor.accumulate(inside >> np.uint64(63))
    before = np.concatenate(([np.uint64(is_open)], odd[:-1] ^ np.uint64(is_open)))
    return inside ^ (np.uint64(0) - before)


def _is_whole(letter: bytes) -> bool:
    try:
        letter.decode()
    except UnicodeDecodeError:
        return False
    return True


def _letters(signs: Signs) -> bytes:
    """Return the bytes beyond ASCII; NotUtf8 if they do not make letters where they stand."""
    places = np.flatnonzero(signs >= 0x80)
    found = signs[places]
    follows = (found & 0xC0) == 0x80
    # Taken together they may make letters; they do so in their places only if what follows in a letter follows there.
    if follows[:1].any() or (follows[1:] & (np.diff(places) != 1)).any() or not _is_whole(letters := found.tobytes()):
        raise NotUtf8
    return letters
