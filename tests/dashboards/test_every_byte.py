"""No file of a release holds a number that was not protected: every byte is opened and searched."""

import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from assets.publication import Publication
from assets.release import Site
from dashboards.municipal import write_site
from models.disclosure import count_columns
from tests.dashboards import wide_country

SCALE = 7_919  # so many pupils that a true count looks like no date, size or place of a page
SEPARATORS = ("", "\N{NO-BREAK SPACE}", " ", ",", ".")


@pytest.fixture(scope="module")
def pupils() -> pl.DataFrame:
    return wide_country.inner(scale=SCALE)


@pytest.fixture(scope="module")
def released(pupils: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    publication = Publication(tmp_path_factory.mktemp("large") / "releases")
    return publication.release(wide_country.published(pupils), wide_country.META, Site(write_site).complete).path


@pytest.fixture(scope="module")
def secrets(pupils: pl.DataFrame, released: Path) -> set[int]:
    """Return every true count and sum that is not published by chance."""
    frames = [pupils, *(table.frame for table in wide_country.counted(pupils)), wide_country.lessons(pupils).frame]
    sums = [column for column in wide_country.ABSENCE if column.startswith("lessons_missed")]
    columns = (frame[c] for frame in frames for c in frame.columns if c in (*count_columns(frame), *sums))
    found = {value for column in columns for value in column if value > 20_000 and value % 5}
    for path in (released / "tables").glob("*.parquet"):
        for column in pl.read_parquet(path).iter_columns():
            found -= set(column) if column.dtype.is_integer() else set()
    return found - {value + shift for value in _published(released) for shift in (-4, 4)}


def _published(released: Path) -> set[int]:
    frames = [pl.read_parquet(path) for path in (released / "tables").glob("*.parquet")]
    return {value for frame in frames for column in count_columns(frame) for value in frame[column].drop_nulls()}


def parts(path: Path) -> Iterator[bytes]:
    """Yield a file, and what it packs: sheets of a workbook, columns and metadata of a Parquet file."""
    yield path.read_bytes()
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as book:
            yield from (book.read(name) for name in book.namelist())
    if path.suffix == ".parquet":
        yield pl.read_parquet(path).write_csv().encode()
        yield repr(pl.read_parquet_metadata(path)).encode()


def written(value: int) -> Iterator[bytes]:
    """Yield how a number could stand in a file: in digits, or as the bytes of a number."""
    for separator in SEPARATORS:
        yield f"{value:,}".replace(",", separator).encode()
    yield struct.pack("<q", value)
    yield struct.pack("<d", float(value))


def leaks(folder: Path, secrets: set[int]) -> list[str]:
    """Name the files that hold a secret number, digits of a longer number left out."""
    patterns = [(value, spelt) for value in secrets for spelt in written(value)]
    found = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        for part in parts(path):
            found += [
                f"{path.name}: {value}" for value, spelt in patterns if spelt in part and _stands_alone(spelt, part)
            ]
    return found


def _stands_alone(spelt: bytes, part: bytes) -> bool:
    if not spelt[:1].isdigit():
        return True
    at = part.find(spelt)
    while at >= 0:
        before, after = part[at - 1 : at], part[at + len(spelt) : at + len(spelt) + 1]
        if not (before.isalnum() or after.isalnum()):  # letters, too: names and hashes are hexadecimal
            return True
        at = part.find(spelt, at + 1)
    return False


def test_no_file_of_a_release_holds_a_number_that_was_not_protected(released: Path, secrets: set[int]):
    files = {path.suffix for path in released.rglob("*") if path.is_file()}
    assert files == {".html", ".csv", ".parquet", ".xlsx", ".json", ".jsonld"}
    assert len(secrets) > 300
    assert leaks(released, secrets) == []


@pytest.mark.parametrize("spell", range(len(SEPARATORS) + 2))
def test_a_number_that_was_left_in_a_file_is_found(secrets: set[int], tmp_path: Path, spell: int):
    value = max(secrets)
    (tmp_path / "page.html").write_bytes(b"<td>" + [*written(value)][spell] + b"</td>")
    assert leaks(tmp_path, secrets) == [f"page.html: {value}"]


def test_a_number_in_a_hidden_sheet_or_in_statistics_is_found(secrets: set[int], tmp_path: Path):
    import xlsxwriter

    value = max(secrets)
    with xlsxwriter.Workbook(str(tmp_path / "book.xlsx")) as book:
        book.add_worksheet("shown")
        hidden = book.add_worksheet("hidden")
        hidden.write(0, 0, value)
        hidden.very_hidden()
    pl.DataFrame({"count": [0, value]}).write_parquet(tmp_path / "table.parquet", statistics=True)
    assert {name.split(":")[0] for name in leaks(tmp_path, secrets)} == {"book.xlsx", "table.parquet"}
