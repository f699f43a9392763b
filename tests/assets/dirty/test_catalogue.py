"""Every kind of dirty data through the real intake: its outcome, its counts, and no value told."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assets.landing import arrivals
from assets.replay import needed
from data_contracts.contract import delivered, load
from tests.assets.dirty import page
from tests.assets.dirty.catalogue import KINDS
from tests.assets.dirty.kind import Kind, Spot
from tests.assets.kit import Country

NAMES = {name for key in delivered() for c in load(key).columns for name in (c.name, *c.aliases)}
WORDS = {word for name in NAMES for word in re.findall(r"\w{4,}", name.lower())}
PLACES = {kind.id: place for place, kind in enumerate(KINDS, 1)}


@pytest.fixture(scope="module")
def taken(registered: Country, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Country]:
    """Give a country to which every kind was delivered, each about a day and people of its own, and taken in."""
    with registered.copy(tmp_path_factory.mktemp("dirty") / "home").one_session() as country:
        for kind in KINDS:
            folder = country.deliver(kind.id, kind.files(Spot(PLACES[kind.id])), on="2024-09-10")
            if kind.then:
                kind.then(folder)
        country.take_in()
        yield country


def refusals(country: Country) -> dict[str, str]:
    return {a.folder.name: a.refusal for a in arrivals(country.home.landing) if a.refusal}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_a_kind_of_dirty_data_has_the_outcome_that_the_catalogue_tells(taken: Country, kind: Kind):
    if not kind.dataset:
        assert kind.outcome.says[0] in refusals(taken)[kind.id]
        return
    row = taken.ledger(f"viis.{kind.id}", kind.dataset)
    assert (row["status"], row["note"] or "") == (kind.outcome.status, Says(kind.outcome.says))
    assert taken.counts(f"viis.{kind.id}", kind.dataset) == kind.outcome.counts
    assert waiting(taken, kind) == {rule: rows for rule, rows in kind.outcome.rules.items() if rows}


class Says(tuple[str, ...]):
    """Compares equal to a note that says all of this, and nothing if this is nothing."""

    def __eq__(self, note: object) -> bool:
        return all(part in str(note) for part in self) if self else note == ""

    __hash__ = tuple.__hash__


def waiting(country: Country, kind: Kind) -> dict[str, int]:
    found = country.query(
        "select rule, rows from raw.waiting where delivery_id = $id and dataset = $dataset and rows > 0",
        id=f"viis.{kind.id}",
        dataset=kind.dataset,
    )
    return dict(found)


def values_in(folder: Path) -> set[str]:
    """Return whatever in the folder's files is long enough to be told from other words, and is no name of a column."""
    texts = []
    for path in folder.iterdir():
        if path.is_symlink() or not path.is_file() or path.name == "delivery.yaml":
            continue
        if zipfile.is_zipfile(path) and path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                names = [n for n in book.namelist() if "sharedStrings" in n or ("sheet1.xml" in n)]
                texts += [" ".join(re.findall(r">([^<>]+)<", book.read(n).decode())) for n in names]
        elif path.suffix == ".csv" and path.stat().st_size < 1 << 20:
            texts += [path.read_bytes().decode(form, "replace") for form in ("utf-8", "cp1257")]
    found = {word for text in texts for word in re.split(r"[\s,;\t\"|]+", text)}
    return {word for word in found if len(word) > 3 and word.lower() not in NAMES | WORDS}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_no_value_of_a_file_is_told(taken: Country, kind: Kind):
    told = list(refusals(taken).get(kind.id, "").split())
    notes = taken.query("select note from raw.intake where delivery_id = $id", id=f"viis.{kind.id}")
    told += [word for (note,) in notes for word in (note or "").split()]
    for report in (taken.home.quarantine / f"viis.{kind.id}").glob("*.csv"):
        told += report.read_text(encoding="utf-8").replace(",", " ").split()
    assert values_in(taken.home.landing / "in" / kind.id) & set(told) == set()


def test_every_kind_has_a_name_of_its_own_in_both_languages():
    for name in ("id", "lv", "en"):
        told = [getattr(kind, name) for kind in KINDS if name == "id" or not kind.id.startswith(("xlsx", "parquet"))]
        assert len(set(told)) == len(told)
    assert len(KINDS) >= 90


def test_what_was_taken_in_reads_as_it_was_meant(taken: Country):
    named: Any = dict(taken.query("select delivery_id, name from raw.institution where name like 'Pļav%'"))
    assert set(named) == {f"viis.{form}" for form in (
        "utf-8", "utf-8-bom", "utf-16-le-bom", "utf-16-be-bom", "utf-16-le", "utf-16-be", "windows-1257",
    )}  # fmt: skip
    assert set(named.values()) == {"Pļaviņu šķūņa ģīmeņu žēlabas"}


def test_the_page_says_what_the_catalogue_says():
    assert page.PAGE.read_text(encoding="utf-8") == page.text(), "run `python -m tests.assets.dirty.page`"


def test_advice_is_given_for_whatever_is_not_accepted():
    silent = [kind.id for kind in KINDS if kind.outcome.status != "accepted" and page.advice(kind) == page.DO[""]]
    assert silent == []


def test_what_only_several_rows_show_is_counted_by_school(taken: Country):
    for key in needed(("core.municipality", "core.institution", "core.school_doubt")):
        taken.warehouse.build(key)
    doubts = dict(taken.query("select doubt, sum(records)::int from core.school_doubt group by doubt"))
    assert set(doubts) == {
        "attendance_before_entry", "attendance_after_exit", "attendance_ahead_of_delivery", "enrolments_overlap",
        "enrolled_before_birth",
    }  # fmt: skip
    assert doubts["enrolled_before_birth"] == 1
