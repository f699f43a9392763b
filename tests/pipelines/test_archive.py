"""Archives that attack, and archives that only look odd."""

import stat
import zipfile
from pathlib import Path

import pytest

from models.public_format.imported import ImportRefused
from pipelines.importing import archive
from pipelines.importing.oneroster import import_oneroster
from tests.oneroster_world import (
    EXPORTED,
    bytes_of,
    run,
    world,
    write,
    zipped,
)


def _attack(tmp_path: Path, name: str, content: bytes = b"x", mode: int = 0) -> Path:
    path = zipped(write(tmp_path / "src", world()), tmp_path / "export.zip")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as packed:
        member = zipfile.ZipInfo(name)
        member.external_attr, member.compress_type = mode << 16, zipfile.ZIP_DEFLATED
        packed.writestr(member, content)
    return path


@pytest.mark.parametrize("name", ["../outside.csv", "/etc/outside.csv", "a/../../b.csv", "C:\\x.csv", "a/b/c/d.csv"])
def test_a_path_out_of_the_archive_is_refused(tmp_path: Path, name: str):
    with pytest.raises(ImportRefused, match=r"^export\.zip: it holds 1 files whose path leads out of it, so nothing"):
        import_oneroster(_attack(tmp_path, name), tmp_path / "in/x", EXPORTED)
    assert not (tmp_path / "outside.csv").exists()


def test_a_link_in_an_archive_is_refused(tmp_path: Path):
    path = _attack(tmp_path, "link.csv", b"/etc/passwd", stat.S_IFLNK | 0o777)
    with pytest.raises(ImportRefused, match=r"it holds 1 symbolic links"):
        import_oneroster(path, tmp_path / "in/x", EXPORTED)


def test_a_bomb_is_refused_by_what_it_says_and_by_what_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = _attack(tmp_path, "bomb.csv", b"0" * (8 << 20))
    with pytest.raises(ImportRefused, match=r"it holds 1 files that would unpack to more than 300 times their size"):
        import_oneroster(path, tmp_path / "in/x", EXPORTED)
    monkeypatch.setattr(archive, "_MOST_RATIO", 10_000)
    monkeypatch.setattr(archive, "_MOST_BYTES", 1 << 20)
    with pytest.raises(
        ImportRefused, match=r"^export\.zip: it unpacks to more than 0 GB; import its files as a folder"
    ):
        import_oneroster(path, tmp_path / "in/x", EXPORTED)


def test_too_many_files_and_a_name_twice_are_refused(tmp_path: Path):
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for n in range(201):
            packed.writestr(f"{n}.csv", "a")
    with pytest.raises(ImportRefused, match=r"it holds 1 files above the 200 that may be in it"):
        import_oneroster(path, tmp_path / "in/x", EXPORTED)
    with pytest.raises(ImportRefused, match=r"it holds 1 files whose name stands twice"):
        import_oneroster(_attack(tmp_path, "USERS.csv"), tmp_path / "in/x", EXPORTED)


def test_a_damaged_or_unusual_archive_is_refused(tmp_path: Path):
    path = _attack(tmp_path, "more.csv")
    whole = path.read_bytes()
    path.write_bytes(whole[:50] + b"\0" + whole[51:])
    with pytest.raises(ImportRefused, match=r"^export\.zip: it is not a complete \.zip that can be read \(error\)"):
        import_oneroster(path, tmp_path / "in/x", EXPORTED)
    with zipfile.ZipFile(tmp_path / "odd.zip", "w", zipfile.ZIP_BZIP2) as packed:
        packed.writestr("manifest.csv", "x")
    with pytest.raises(ImportRefused, match=r"^odd\.zip: it holds 1 files packed otherwise than by deflate"):
        import_oneroster(tmp_path / "odd.zip", tmp_path / "in/x", EXPORTED)


def test_what_is_no_archive_or_holds_no_export_is_refused(tmp_path: Path):
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 cut short")
    with pytest.raises(ImportRefused, match=r"^broken\.zip: it is not a complete \.zip that can be read"):
        import_oneroster(tmp_path / "broken.zip", tmp_path / "in/x", EXPORTED)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ImportRefused, match=r"^empty: 0 of its folders hold manifest\.csv, and exactly one must"):
        import_oneroster(tmp_path / "empty", tmp_path / "in/x", EXPORTED)
    with pytest.raises(ImportRefused, match=r"^nowhere: there is no such folder or \.zip"):
        import_oneroster(tmp_path / "nowhere", tmp_path / "in/x", EXPORTED)


def test_what_a_mac_adds_to_an_archive_does_no_harm(tmp_path: Path):
    run(tmp_path, world(), dest="in/y")
    import_oneroster(_attack(tmp_path, "__MACOSX/._users.csv"), tmp_path / "in/x", EXPORTED)
    assert bytes_of(tmp_path / "in/x") == bytes_of(tmp_path / "in/y")
