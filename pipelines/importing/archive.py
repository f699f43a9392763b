"""Unpack a .zip of CSV files without trusting it: no path out of it, no link, no bomb."""

import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO

from models.public_format.imported import ImportRefused

_MOST_MEMBERS, _MOST_BYTES, _MOST_RATIO, _SMALL, _CHUNK = 200, 4 << 30, 300, 1 << 20, 1 << 20
_READABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ASIDE = ("__MACOSX", ".")
_PACK_AGAIN = "pack the CSV files again, as they were exported, or name the folder that holds them"


@contextmanager
def opened_source(src: Path, landmark: str) -> Iterator[Path]:
    """Give the folder that holds the file `landmark`: SRC itself, the one folder in it, or what a .zip holds."""
    if src.is_file():
        with TemporaryDirectory(prefix="pumpurs-import-") as folder:
            _unpack(src, Path(folder))
            yield _holder(Path(folder), src, landmark)
    else:
        yield _holder(src, src, landmark)


def _holder(folder: Path, src: Path, landmark: str) -> Path:
    """Return the folder of the landmark, at most one level down; ImportRefused if none or several hold it."""
    if not folder.is_dir():
        raise ImportRefused(f"{src.name}: there is no such folder or .zip; name the one that was exported")
    candidates = [folder, *sorted(path for path in folder.iterdir() if path.is_dir() and not path.is_symlink())]
    found = [path for path in candidates if any(p.name.casefold() == landmark for p in path.iterdir() if p.is_file())]
    if len(found) != 1 and folder not in found:
        raise ImportRefused(
            f"{src.name}: {len(found)} of its folders hold {landmark}, and exactly one must; {_PACK_AGAIN}"
        )
    return found[0]


def _unpack(src: Path, folder: Path) -> None:
    try:
        with zipfile.ZipFile(src) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            _check(src.name, members)
            left = _MOST_BYTES
            for member in members:
                if not _is_aside(member.filename):
                    left = _write(src.name, archive, member, folder, left)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
        raise ImportRefused(
            f"{src.name}: it is not a complete .zip that can be read ({type(error).__name__}); {_PACK_AGAIN}"
        ) from None


def _is_aside(name: str) -> bool:
    return any(part.startswith(_ASIDE) for part in PurePosixPath(name).parts)


def _check(name: str, members: list[zipfile.ZipInfo]) -> None:
    """Refuse an archive for what its own list of contents says; what it hides, writing finds."""
    links = sum(stat.S_ISLNK(member.external_attr >> 16) for member in members)
    outside = sum(_leads_out(member.filename) for member in members)
    locked = sum(bool(member.flag_bits & 0x1) for member in members)
    twice = len(members) - len({member.filename.casefold() for member in members})
    packed_otherwise = sum(member.compress_type not in _READABLE for member in members)
    blown = sum(member.file_size > max(_SMALL, _MOST_RATIO * member.compress_size) for member in members)
    wrong = [
        (max(len(members) - _MOST_MEMBERS, 0), f"files above the {_MOST_MEMBERS} that may be in it"),
        (links, "symbolic links"),
        (outside, "files whose path leads out of it"),
        (locked, "files with a password"),
        (twice, "files whose name stands twice"),
        (packed_otherwise, "files packed otherwise than by deflate"),
        (blown, f"files that would unpack to more than {_MOST_RATIO} times their size"),
    ]
    for count, what in wrong:
        if count:
            raise ImportRefused(f"{name}: it holds {count} {what}, so nothing is unpacked; {_PACK_AGAIN}")


def _leads_out(name: str) -> bool:
    path = PurePosixPath(name)
    return path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or len(path.parts) > 3


def _write(source: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path, left: int) -> int:
    """Write one member; return how many bytes may still follow."""
    target = folder / member.filename
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(member) as packed, target.open("wb") as out:
        left = _copy(packed, out, left)
    if left < 0:
        raise ImportRefused(f"{source}: it unpacks to more than {_MOST_BYTES >> 30} GB; import its files as a folder")
    return left


def _copy(packed: IO[bytes], out: IO[bytes], left: int) -> int:
    while left >= 0 and (chunk := packed.read(_CHUNK)):
        left -= len(chunk)
        out.write(chunk)
    return left
