"""The bytes of the lake: a part is read only while it is what was written, for no engine notices a flipped bit."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb

from assets.home import Home, write_text
from assets.landing import content_sha256

_SUMS = "SHA256SUMS"
_verified: set[tuple[Path, str, int, int]] = set()


class LakeDamaged(Exception):
    """A stored file is gone or is not what was written; the message names the file and the next step."""


def verify(home: Home, files: Iterable[tuple[str, str]]) -> None:
    """Compare files of the home folder, given as (path, SHA-256), with their bytes; once a process while untouched."""
    fresh = [mark for path, sha256 in files if (mark := _mark(home.root / path, sha256)) not in _verified]
    with ThreadPoolExecutor(max_workers=2) as pool:
        for mark, sha256 in zip(fresh, pool.map(lambda mark: content_sha256(mark[0]), fresh), strict=True):
            if sha256 != mark[1]:
                raise _damaged(mark[0], "does not hold the bytes that were written")
            _verified.add(mark)


def _mark(path: Path, sha256: str) -> tuple[Path, str, int, int]:
    try:
        about = path.stat()
    except FileNotFoundError:
        raise _damaged(path, "is missing") from None
    return path, sha256, about.st_size, about.st_mtime_ns


def _damaged(path: Path, what: str) -> LakeDamaged:
    name = "/".join(path.parts[-3:])
    return LakeDamaged(
        f"{name} {what}; restore it from a copy, or move warehouse.duckdb and lake/ away and run again: everything is"
        " taken in anew from landing/"
    )


def verify_parts(connection: duckdb.DuckDBPyConnection, home: Home, condition: str = "true") -> None:
    """Verify the parts of the register that meet a condition."""
    verify(home, connection.execute(f"select path, sha256 from raw.lake_part where {condition}").fetchall())


def write_sums(connection: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Write lake/SHA256SUMS, which `sha256sum -c` understands."""
    rows = connection.execute("select sha256, path from raw.lake_part order by path").fetchall()
    text = "".join(f"{sha256}  {path.removeprefix('lake/')}\n" for sha256, path in rows)
    final = home.lake / _SUMS
    if not final.exists() or final.read_text(encoding="utf-8") != text:
        write_text(final, text)
