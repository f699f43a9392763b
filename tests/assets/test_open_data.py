"""A release as a data package and a DCAT-AP dataset."""

import json
import shutil
from pathlib import Path

import polars as pl
import pytest
from frictionless import Package, validate

from assets.open_data import DCAT, PACKAGE, describe
from assets.publication import Publication
from tests.dashboards import wide_country


@pytest.fixture(scope="module")
def release_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    publication = Publication(tmp_path_factory.mktemp("open") / "releases")
    return publication.release(wide_country.published(), wide_country.META, describe).path


def test_the_package_is_valid_and_its_tables_hold_what_it_says(release_dir: Path):
    report = validate(str(release_dir / PACKAGE))
    assert report.valid, report.to_summary()
    assert {task.name for task in report.tasks} == {path.stem for path in (release_dir / "tables").glob("*.csv")}


@pytest.mark.parametrize(
    ("old", "new"), [(",rounded,", ",hidden,"), ("2026-05-25", "25 May"), ("0001000,", "0001000,more,")]
)
def test_a_table_that_is_not_what_it_says_is_found(release_dir: Path, tmp_path: Path, old: str, new: str):
    copy = shutil.copytree(release_dir, tmp_path / "copy")
    table = copy / "tables" / "municipality_month_risk.csv"
    table.write_text(table.read_text().replace(old, new))
    assert not validate(str(copy / PACKAGE)).valid


def test_every_column_says_what_it_means_and_rows_have_their_key(release_dir: Path):
    package = Package(str(release_dir / PACKAGE))
    for resource in package.resources:
        assert resource.description
        assert [field.name for field in resource.schema.fields if not field.description] == []
        rows = pl.read_csv(release_dir / str(resource.path), infer_schema=False)
        assert rows.select(resource.schema.primary_key).is_duplicated().sum() == 0


def test_the_dataset_names_every_file_in_both_forms_and_both_languages(release_dir: Path):
    dataset = json.loads((release_dir / DCAT).read_text())
    assert {text["@language"] for text in dataset["dct:title"]} == {"lv", "en"}
    named = [each["dcat:downloadURL"]["@id"] for each in dataset["dcat:distribution"]]
    assert sorted(named) == sorted(
        path.relative_to(release_dir).as_posix() for path in (release_dir / "tables").iterdir()
    )
    assert dataset["dct:temporal"]["dcat:startDate"]["@value"] == "2026-04"
    assert dataset["dct:issued"]["@value"] == "2026-05-27"
    prefixes = {key.split(":")[0] for key in dataset if ":" in key}
    assert prefixes <= set(dataset["@context"])


def test_the_same_release_is_described_the_same(release_dir: Path, tmp_path: Path):
    copy = shutil.copytree(release_dir, tmp_path / "copy")
    before = [(copy / name).read_bytes() for name in (PACKAGE, DCAT)]
    assert [path.read_bytes() for path in describe(copy)] == before
