"""Whatever happens to a map, an export or an archive: it is read and every row accounted for, or it is refused."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.public_format.imported import ImportRefused
from pipelines.importing.mapped import import_mapped
from pipelines.importing.oneroster import import_oneroster
from tests.oneroster_world import EXPORTED, adds_up, world, write, zipped
from tests.pipelines.test_import_mapped import WIDE, WIDE_MAP
from tests.pipelines.test_map_file import GOOD, read

PIECES = [b"", b"\0", b"\xff", b'"', b"\n", b"\r\n", b";", b",", b": ", b"{", b"]", b"- ", b"*", b"<>", b"dates", b"\t"]
places = st.tuples(st.integers(0, 1200), st.integers(0, 4), st.sampled_from(PIECES))


def damaged(whole: bytes, place: tuple[int, int, bytes]) -> bytes:
    at, cut, put = place
    at %= len(whole)
    return whole[:at] + put + whole[at + cut :]


@settings(derandomize=True, deadline=None, max_examples=300)
@given(place=places)
def test_a_damaged_map_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, place: tuple[int, int, bytes]):
    with suppress(ImportRefused):
        read(tmp_path_factory.mktemp("map"), damaged(GOOD.encode(), place))


@settings(derandomize=True, deadline=None, max_examples=40)
@given(place=places)
def test_a_damaged_table_is_accounted_for_or_refused(
    tmp_path_factory: pytest.TempPathFactory, place: tuple[int, int, bytes]
):
    folder = tmp_path_factory.mktemp("table")
    (folder / "map.yaml").write_text(WIDE_MAP, encoding="utf-8")
    (folder / "kavejumi.csv").write_bytes(damaged(WIDE.encode("cp1257"), place))
    with suppress(ImportRefused):
        assert adds_up(import_mapped(folder, folder / "x", folder / "map.yaml"))


def try_export(folder: Path, name: str, place: tuple[int, int, bytes]) -> None:
    write(folder, world())
    (folder / f"{name}.csv").write_bytes(damaged((folder / f"{name}.csv").read_bytes(), place))
    with suppress(ImportRefused):
        assert adds_up(import_oneroster(folder, folder / "out/x", EXPORTED))


def try_archive(folder: Path, at: int, put: bytes) -> None:
    path = zipped(write(folder / "src", world()), folder / "export.zip")
    whole = path.read_bytes()
    at %= len(whole)
    path.write_bytes(whole[:at] + put + whole[at + len(put) :])
    with suppress(ImportRefused):
        assert adds_up(import_oneroster(path, folder / "x", EXPORTED))


names = st.sampled_from(["users", "enrollments", "results", "manifest", "orgs", "academicSessions", "lineItems"])


@settings(derandomize=True, deadline=None, max_examples=10)
@given(place=places, name=names)
def test_a_damaged_export_is_accounted_for_or_refused(
    tmp_path_factory: pytest.TempPathFactory, place: tuple[int, int, bytes], name: str
):
    try_export(tmp_path_factory.mktemp("export"), name, place)


@settings(derandomize=True, deadline=None, max_examples=20)
@given(at=st.integers(0, 10_000), put=st.binary(min_size=1, max_size=3))
def test_a_damaged_archive_is_accounted_for_or_refused(tmp_path_factory: pytest.TempPathFactory, at: int, put: bytes):
    try_archive(tmp_path_factory.mktemp("archive"), at, put)


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=60)
@given(place=places, name=names, at=st.integers(0, 10_000), put=st.binary(min_size=1, max_size=3))
def test_many_damaged_exports_and_archives_are_accounted_for_or_refused(
    tmp_path_factory: pytest.TempPathFactory, place: tuple[int, int, bytes], name: str, at: int, put: bytes
):
    folder = tmp_path_factory.mktemp("damaged")
    try_export(folder / "export", name, place)
    try_archive(folder / "archive", at, put)
