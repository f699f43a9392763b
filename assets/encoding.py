"""Text as UTF-8, whatever it was delivered as: by its byte order mark, by its zero bytes, by whether it fits."""

import codecs
import gzip
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models.delivery import DeliveryRefused

_CHUNK = 1 << 22
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# Latvian letters in UTF-8 are two bytes of which Windows-1257 would make two signs that no Latvian word holds.
_BROKEN_UTF8 = re.compile(rb"[\xc4\xc5](?:[\x80-\xbf]|\Z)")


def _is_packed(path: Path) -> bool:
    return path.name.lower().endswith(".gz")


def chunks(path: Path) -> Iterator[bytes]:
    """Yield a file's bytes piece by piece, unpacked if it is a .gz."""
    with path.open("rb") as packed:
        handle = gzip.GzipFile(fileobj=packed) if _is_packed(path) else packed
        try:
            while chunk := handle.read(_CHUNK):
                yield chunk
        except (EOFError, gzip.BadGzipFile, zlib.error):
            raise DeliveryRefused(
                f"{path.name}: it is not a complete .gz file; ask the sender to deliver it again"
            ) from None


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in chunks(path):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _sixteen_bits(start: bytes) -> str | None:
    """Name UTF-16 without a mark: in a header of plain letters every second byte is zero."""
    even, odd = start[::2].count(0), start[1::2].count(0)
    if max(even, odd) * 8 <= len(start):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def detect_encoding(path: Path) -> str:
    """Name the encoding; text that is neither marked nor clean UTF-8 is Windows-1257."""
    start = next(chunks(path), b"")[:400]
    marked = next((name for mark, name in _MARKS if start.startswith(mark)), None) or _sixteen_bits(start)
    if marked or _is_utf8(path):
        return marked or "utf-8"
    if any(_BROKEN_UTF8.search(chunk) for chunk in chunks(path)):
        raise _unreadable(path, "damaged UTF-8")
    return "cp1257"


def _unreadable(path: Path, why: str) -> DeliveryRefused:
    return DeliveryRefused(f"{path.name}: its text is {why}; save the file as UTF-8 and deliver it again")


@contextmanager
def as_utf8(path: Path, scratch: Path) -> Iterator[tuple[Path, str]]:
    """Give the file as plain UTF-8, and its encoding; a copy made for this is deleted, for it may hold names."""
    encoding = detect_encoding(path)
    if encoding in ("utf-8", "utf-8-sig") and not _is_packed(path):
        yield path, encoding
        return
    copy = scratch / f"{path.name}.utf8"
    try:
        _write_utf8(path, encoding, copy)
        yield copy, encoding
    finally:
        copy.unlink(missing_ok=True)


def _write_utf8(path: Path, encoding: str, copy: Path) -> None:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with copy.open("w", encoding="utf-8", newline="") as out:
            for chunk in chunks(path):
                out.write(decoder.decode(chunk))
            out.write(decoder.decode(b"", final=True))
    except UnicodeDecodeError:
        raise _unreadable(path, f"neither UTF-8 nor {encoding}") from None
