import json
import shutil
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from assets.home import Home
from assets.publication import Publication
from assets.publication_ledger import LedgerBroken, Publications
from models.disclosure import Protection
from tests.models.disclosure_world import protect_after, tables, world

META = {"as_of": date(2026, 6, 1), "known_on": date(2026, 6, 3), "pipeline_version": "0.1.0"}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home", tmp_path / "secrets")
    made.prepare()
    return made


def release(home: Home, inner: pl.DataFrame) -> tuple[str, Protection]:
    """Publish as the pipeline does: noted first, then written."""
    ledger, publication = Publications(home), Publication(home.releases)
    made = protect_after(ledger.seen(), tables(inner), inner)
    ledger.append(publication.name_of(made.tables, META), made)
    name = publication.release(made.tables, META).release_id
    ledger.mark_published()
    return name, made


def later(inner: pl.DataFrame) -> pl.DataFrame:
    """Correct one school."""
    more = pl.when(pl.col("school") == "s1").then(pl.min_horizontal("pupils", pl.col("pupils_a") + 3))
    return inner.with_columns(pupils_a=more.otherwise("pupils_a"))


def test_a_release_is_noted_under_its_name_with_every_number_that_readers_see(home: Home):
    name, made = release(home, world(1))
    (entry,) = Publications(home).entries()
    assert (entry.release_id, entry.number, entry.previous) == (name, 1, "0" * 64)
    assert entry.numbers.equals(made.numbers)
    assert Publications(home).seen().equals(made.numbers)
    shown = [made.tables[number].frame for number in (0, 2, 3)]  # those of the places stand in the third, too
    rounded = sum(int((frame["pupils_a_status"] == "rounded").sum()) for frame in shown)
    assert made.numbers.height == rounded


def test_the_next_release_reads_what_was_seen(home: Home):
    inner = world(1)
    _, first = release(home, inner)
    _, second = release(home, later(inner))
    unmoved = pl.col("school") != "s1"
    before, after = (made.tables[3].frame.filter(unmoved)["pupils_a"] for made in (first, second))
    assert before.equals(after)
    assert [entry.number for entry in Publications(home).entries()] == [1, 2]


def test_the_same_again_is_noted_once(home: Home):
    names = {release(home, world(1))[0] for _ in range(3)}
    assert len(names) == len(Publications(home).entries()) == 1


def test_witnesses_are_kept_and_are_tables(home: Home):
    release(home, world(1))
    kept = pl.read_parquet(home.publications / "000001.witnesses.parquet")
    assert set(kept["period"]) == {"2026-05"}
    assert (kept["difference"] != 0).all()
    assert home.publications.stat().st_mode & 0o077 == 0


def test_no_file_of_a_release_holds_what_the_ledger_holds(home: Home):
    inner = world(1)
    release(home, inner)
    info = Publication(home.releases).current()
    assert info
    assert "count" not in json.dumps(info.report["tables"]["country"])
    assert not list(info.path.rglob("*witness*"))


def test_an_entry_that_was_changed_or_lost_stops_the_next_release(home: Home):
    inner = world(1)
    for correction in (inner, later(inner), later(later(inner))):
        release(home, correction)
    first, second, _ = Publications(home).entries()
    kept = second.path.read_bytes()
    second.path.write_bytes(kept + b" ")
    with pytest.raises(LedgerBroken, match="is damaged; restore"):
        release(home, inner)
    second.path.unlink()
    with pytest.raises(LedgerBroken, match="lacks an entry before 000003"):
        release(home, inner)
    second.path.write_bytes(kept)
    first.path.unlink()
    with pytest.raises(LedgerBroken, match="lacks an entry before 000002"):
        release(home, inner)


def test_a_ledger_older_than_the_releases_is_refused(home: Home, tmp_path: Path):
    """A backup was put back: readers have seen more than it knows."""
    inner = world(1)
    release(home, inner)
    shutil.copytree(home.publications, tmp_path / "backup")
    name, _ = release(home, later(inner))
    shutil.rmtree(home.publications)
    shutil.copytree(tmp_path / "backup", home.publications)
    with pytest.raises(LedgerBroken, match=f"is older than 1 releases, {name} …; restore its newest copy"):
        release(home, inner)
    shutil.rmtree(home.publications)
    with pytest.raises(LedgerBroken, match="is older than 2 releases"):
        release(home, inner)


def test_a_run_that_stops_between_note_and_release_can_be_repeated(home: Home):
    inner = world(1)
    ledger = Publications(home)
    made = protect_after(ledger.seen(), tables(inner), inner)
    ledger.append(Publication(home.releases).name_of(made.tables, META), made)
    (home.publications / ".part").write_bytes(b"half a file")
    name, _ = release(home, inner)
    assert [(entry.number, entry.release_id) for entry in ledger.entries()] == [(1, name)]


def test_a_run_that_stops_between_release_and_mark_was_seen(home: Home):
    inner = world(1)
    ledger, publication = Publications(home), Publication(home.releases)
    made = protect_after(ledger.seen(), tables(inner), inner)
    ledger.append(publication.name_of(made.tables, META), made)
    publication.release(made.tables, META)
    release(home, later(inner))
    assert [entry.number for entry in ledger.entries()] == [1, 2]
    assert sorted(path.name for path in home.publications.glob("*.published")) == [
        "000001.published",
        "000002.published",
    ]


def test_what_was_noted_and_never_published_was_not_seen(home: Home):
    """A run stops after the note: readers saw nothing of it, and the count that comes back is told as they know it."""
    inner = world(1)
    _, first = release(home, inner)
    ledger = Publications(home)
    corrected = later(later(later(inner)))
    made = protect_after(ledger.seen(), tables(corrected), corrected)
    ledger.append("2026-06-01-000000000000", made)
    _, third = release(home, inner)
    assert all(one.frame.equals(other.frame) for one, other in zip(first.tables, third.tables, strict=True))


def test_a_release_that_its_owner_removed_was_seen_all_the_same(home: Home):
    name, made = release(home, world(1))
    assert Publications(home).seen().equals(made.numbers)
    shutil.rmtree(home.releases / name)
    assert Publications(home).seen().equals(made.numbers)


def test_an_entry_with_a_successor_was_seen_whatever_marks_and_folders_are_left(home: Home):
    """Old releases are removed, and the ledger comes back without its marks: all but the newest entry still count."""
    inner = world(1)
    for correction in (inner, later(inner), later(later(inner))):
        release(home, correction)
    before = Publications(home).seen()
    for mark in home.publications.glob("*.published"):
        mark.unlink()
    first, second, third = Publications(home).entries()
    for entry in (first, second):
        shutil.rmtree(home.releases / entry.release_id)
    assert Publications(home).seen().equals(before)
    release(home, inner)
    assert [entry.digest for entry in Publications(home).entries()][:3] == [e.digest for e in (first, second, third)]


def test_certificates_cannot_be_changed_or_lost_unseen(home: Home):
    release(home, world(1))
    kept = home.publications / "000001.witnesses.parquet"
    kept.write_bytes(kept.read_bytes() + b" ")
    with pytest.raises(LedgerBroken, match=r"witnesses\.parquet is damaged"):
        Publications(home).seen()
    kept.unlink()
    with pytest.raises(LedgerBroken, match=r"witnesses\.parquet is damaged"):
        Publications(home).seen()


def test_a_file_that_does_not_name_its_digest_is_no_entry(home: Home):
    release(home, world(1))
    (entry,) = Publications(home).entries()
    entry.path.rename(entry.path.with_name("000001..parquet"))
    with pytest.raises(LedgerBroken, match="is damaged"):
        Publications(home).seen()
