"""Text as plain UTF-8, looked at once as it streams, whatever it was delivered as.

Its encoding is told by its byte order mark, by its zero bytes, or by whether it fits; nothing is guessed after that.
"""

import codecs
import gzip
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from assets.scanning import PIECE, NotUtf8, Scan
from models.delivery import DeliveryRefused

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_START = 400
# Latvian letters in UTF-8 are two bytes of which Windows-1257 would make two signs that no Latvian word holds.
_BROKEN_UTF8 = re.compile(rb"[\xc4\xc5][\x80-\xbf]")
# A .gz of school data is a tenth to a fiftieth of its text; one that swells beyond this was made to fill the disk.
_SWELLS, _SWELLS_FREELY = 200, 64 << 20


@dataclass(frozen=True)
class Text:
    """A file as plain UTF-8: where it lies, what it was encoded in, what its bytes show."""

    path: Path
    encoding: str
    scan: Scan


def _is_packed(path: Path) -> bool:
    return path.name.lower().endswith(".gz")


def pieces(path: Path) -> Iterator[bytes]:
    """Yield a file's bytes piece by piece, unpacked if it is a .gz."""
    with path.open("rb") as packed:
        yield from _unpacked(packed, path) if _is_packed(path) else iter(lambda: packed.read(PIECE), b"")


def _unpacked(packed: IO[bytes], path: Path) -> Iterator[bytes]:
    most, seen = max(_SWELLS * path.stat().st_size, _SWELLS_FREELY), 0
    with gzip.GzipFile(fileobj=packed) as handle:
        while piece := _read(handle, path):
            seen += len(piece)
            if seen > most:
                raise DeliveryRefused(
                    f"{path.name}: it unpacks to more than {_SWELLS} times its size; deliver the file unpacked"
                )
            yield piece


def _read(handle: gzip.GzipFile, path: Path) -> bytes:
    try:
        return handle.read(PIECE)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise DeliveryRefused(
            f"{path.name}: it is not a complete .gz file; ask the sender to deliver it again"
        ) from None


def _sixteen_bits(start: bytes) -> str | None:
    """Name UTF-16 without a mark: in a header of plain letters every second byte is zero."""
    even, odd = start[::2].count(0), start[1::2].count(0)
    if max(even, odd) * 8 <= len(start):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _told(path: Path) -> str | None:
    """Name the encoding that the first bytes tell; None if they tell none."""
    start = next(pieces(path), b"")[:_START]
    return next((name for mark, name in _MARKS if start.startswith(mark)), None) or _sixteen_bits(start)


def _unreadable(path: Path, why: str) -> DeliveryRefused:
    return DeliveryRefused(f"{path.name}: its text is {why}; save the file as UTF-8 and deliver it again")


@contextmanager
def as_utf8(path: Path, scratch: Path) -> Iterator[Text]:
    """Give the file as plain UTF-8; a copy made for this is deleted, for it may hold names."""
    copy = scratch / f"{path.name}.utf8"
    try:
        yield _plain(path, copy)
    finally:
        copy.unlink(missing_ok=True)


def _plain(path: Path, copy: Path) -> Text:
    """Look at the file in one pass as what its start tells it is; text that tells nothing and is no UTF-8 is 1257."""
    told = _told(path)
    if told in (None, "utf-8-sig"):
        with suppress(NotUtf8):
            return _as_it_is(path, told or "utf-8", copy)
        if told or _has_broken_utf8(path):
            raise _unreadable(path, "damaged UTF-8, or of two encodings")
    return _decoded(path, told or "cp1257", copy)


def _has_broken_utf8(path: Path) -> bool:
    last = b""
    for piece in pieces(path):
        if _BROKEN_UTF8.search(last + piece):
            return True
        last = piece[-1:]
    return last in (b"\xc4", b"\xc5")


def _as_it_is(path: Path, encoding: str, copy: Path) -> Text:
    scan = Scan(path.name)
    if not _is_packed(path):
        for piece in pieces(path):
            scan.feed(piece)
        scan.close()
        return Text(path, encoding, scan)
    with copy.open("wb") as out:
        for piece in pieces(path):
            scan.feed(piece)
            out.write(piece)
    scan.close()
    return Text(copy, encoding, scan)


def _decoded(path: Path, encoding: str, copy: Path) -> Text:
    decoder, scan = codecs.getincrementaldecoder(encoding)(), Scan(path.name)
    try:
        with copy.open("wb") as out:
            for piece in pieces(path):
                _write(decoder.decode(piece), out, scan)
            _write(decoder.decode(b"", final=True), out, scan)
            scan.close()
    except UnicodeError:
        raise _unreadable(path, f"neither UTF-8 nor {encoding}") from None
    return Text(copy, encoding, scan)


def _write(text: str, out: IO[bytes], scan: Scan) -> None:
    data = text.encode()
    for start in range(0, len(data), PIECE):
        scan.feed(data[start : start + PIECE])
    out.write(data)
