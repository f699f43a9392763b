"""Look through a workbook's parts as they stream, before anything opens it: an .xlsx is an archive of XML.

Refused are archives that swell, lead out of themselves, are damaged or locked, and sheets that span more cells than a
reader could hold. Told are cells with a formula whose result was never stored: they look empty and are not.
"""

import html
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from models.delivery import DeliveryRefused

_PIECE = 1 << 20
# School data in XML shrink to a tenth or a thirtieth; what swells beyond this was made to fill memory.
_SWELLS, _SWELLS_FREELY, _LARGEST, _MOST_PARTS = 200, 64 << 20, 2 << 30, 10_000
_MOST_CELLS, _LONGEST_CELL = 30_000_000, 4 << 20
_PLACE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,3})([0-9]{1,7})["'][^<>]*?(/?)>""")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_CELL = re.compile(rb"<(?:\w+:)?c[\s>]")
_VALUE = re.compile(rb"<(?:\w+:)?v>[^<]|<(?:\w+:)?is>")
_TEXT = re.compile(rb"""\bt\s*=\s*["']str["']""")
_SHEET, _RELATION = re.compile(r"<(?:\w+:)?sheet\s[^>]*>"), re.compile(r"<(?:\w+:)?Relationship\s[^>]*>")
Place = tuple[int, int]


@dataclass
class Parts:
    """What was seen: cells, by part, that hold a formula without a result, counted from (0, 0)."""

    name: str
    without_result: dict[str, set[Place]] = field(default_factory=dict)
    of_sheet: dict[str, str] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)

    def unanswered(self, sheet: str) -> set[Place]:
        """Return the cells of a sheet whose formula has no result."""
        return self.without_result.get(self.of_sheet.get(sheet, ""), set())


def look_through(path: Path) -> Parts:
    """Look at every part of a workbook; DeliveryRefused says what is wrong with it."""
    try:
        with zipfile.ZipFile(path) as archive:
            _check_directory(path, archive)
            tags = _tags(archive, _SHEET)
            hidden = {_name(tag) for tag in tags if _attribute(tag, "state") in ("hidden", "veryHidden")}
            parts = Parts(path.name, of_sheet=_sheets(archive, tags), hidden=hidden)
            for info in archive.infolist():
                _look_at(archive, info, parts)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError):
        raise _refuse(
            path.name, "it is not a readable XLSX workbook; save it again as XLSX, without a password, or as CSV"
        ) from None
    return parts


def _refuse(name: str, why: str) -> DeliveryRefused:
    return DeliveryRefused(f"{name}: {why}")


def _check_directory(path: Path, archive: zipfile.ZipFile) -> None:
    """Refuse an archive by what its directory says of itself."""
    listed = archive.infolist()
    names = [info.filename for info in listed]
    if any(_leads_out(name) for name in names):
        raise _refuse(path.name, "a part of it leads out of the workbook; save it again with Excel or LibreOffice")
    if len(set(names)) < len(names) or len(names) > _MOST_PARTS:
        raise _refuse(path.name, "parts of it bear one name or are too many; save it again with Excel or LibreOffice")
    unpacked, most = sum(info.file_size for info in listed), max(_SWELLS * path.stat().st_size, _SWELLS_FREELY)
    if unpacked > min(most, _LARGEST):
        raise _refuse(path.name, f"it unpacks to more than {_SWELLS} times its size or 2 GB; deliver it as CSV")


def _leads_out(name: str) -> bool:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return ".." in parts or name.startswith(("/", "\\")) or ":" in name


def _name(tag: str) -> str:
    return html.unescape(_attribute(tag, "name"))


def _sheets(archive: zipfile.ZipFile, tags: list[str]) -> dict[str, str]:
    """Return the part that holds each sheet, by the sheet's name."""
    related = {_attribute(tag, "Id"): _attribute(tag, "Target") for tag in _tags(archive, _RELATION)}
    found = {}
    for tag in tags:
        target = related.get(next(iter(re.findall(r"""\b\w+:id\s*=\s*["']([^"']*)""", tag)), ""), "")
        found[_name(tag)] = target.lstrip("/").removeprefix("xl/")
    return found


def _tags(archive: zipfile.ZipFile, kind: re.Pattern[str]) -> list[str]:
    name = "xl/workbook.xml" if kind is _SHEET else "xl/_rels/workbook.xml.rels"
    if name not in archive.namelist():
        return []
    with archive.open(name) as part:
        return kind.findall(part.read(_LONGEST_CELL).decode("utf-8", "replace"))


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf"""\s{name}\s*=\s*(?:"([^"]*)"|'([^']*)')""", tag)
    return (found[1] or found[2] or "") if found else ""


def _look_at(archive: zipfile.ZipFile, info: zipfile.ZipInfo, parts: Parts) -> None:
    """Read a part to its end, which proves it whole; of a sheet, measure how far its cells reach."""
    part = info.filename.removeprefix("xl/")
    is_sheet = part.startswith("worksheets/") and part.endswith(".xml")
    reach = [1, 1]
    with archive.open(info) as handle:
        pieces = iter(lambda: handle.read(_PIECE), b"")
        for text in _whole_cells(pieces) if is_sheet else pieces:
            if is_sheet:
                _measure(text, reach, parts, part)


def _whole_cells(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield a sheet's text so that no cell is cut in two."""
    rest = b""
    for piece in pieces:
        text = rest + piece
        end = text.rfind(b"<c") if len(text) < _LONGEST_CELL else len(text)
        yield text[: max(end, 0)]
        rest = text[max(end, 0) :]
    yield rest


def _measure(text: bytes, reach: list[int], parts: Parts, part: str) -> None:
    for column, row, empty in _PLACE.findall(text):
        if not empty:
            reach[0], reach[1] = max(reach[0], int(row)), max(reach[1], _number(column))
    if reach[0] * reach[1] > _MOST_CELLS:
        raise _refuse(parts.name, f"a sheet spans more than {_MOST_CELLS:,} cells; delete empty rows and columns")
    for formula in _FORMULA.finditer(text):
        if place := _unanswered(text, formula.start()):
            parts.without_result.setdefault(part, set()).add(place)


def _unanswered(text: bytes, at: int) -> Place | None:
    """Return the place of the cell with a formula, if nothing was stored as its result."""
    starts = [found.start() for found in _CELL.finditer(text, max(0, at - 400), at)]
    cell = text[starts[-1] if starts else at : text.find(b"</c", at) % (len(text) + 1)]
    place = _PLACE.search(cell)
    if not place or _VALUE.search(cell) or _TEXT.search(cell[: cell.find(b">") + 1]):
        return None
    return int(place[2]) - 1, _number(place[1]) - 1


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
