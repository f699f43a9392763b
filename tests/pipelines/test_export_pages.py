"""The examples of the import pages, run as they stand there."""

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipelines.importing.folder import file_name
from pipelines.importing.mapped import import_mapped
from pipelines.importing.oneroster import Wanted, import_oneroster

PAGES = Path(__file__).parents[2] / "docs" / "how-to"
BLOCK = re.compile(r"`([A-Za-z][\w.-]*)`[^\n]*:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
REPORT = re.compile(r"The report:\n\n```json\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def sections(page: str) -> Iterator[str]:
    """Yield the parts of a page that are examples."""
    parts = re.split(r"^## ", (PAGES / page).read_text(encoding="utf-8"), flags=re.MULTILINE)
    yield from (part for part in parts if part.startswith("Example"))


def put_files(section: str, folder: Path) -> dict[str, str]:
    """Write the files shown; return the datasets shown."""
    folder.mkdir()
    shown = dict(BLOCK.findall(section))
    for name in [name for name in shown if "." in name]:
        (folder / name).write_text(shown.pop(name), encoding="utf-8")
    return shown


def hold(dest: Path, shown: dict[str, str]) -> None:
    """Compare the datasets shown with those written, in the columns shown."""
    assert shown
    for dataset, text in shown.items():
        header, *rows = csv.reader(io.StringIO(text))
        path = dest / file_name(dataset)
        frame = pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path, infer_schema=False)
        written = frame.select(pl.col(header).cast(pl.String).fill_null("")).rows()
        assert written == [tuple(row) for row in rows]


@pytest.mark.parametrize("number", [0, 1])
def test_an_example_of_a_map_does_what_the_page_says(tmp_path: Path, number: int):
    section = list(sections("import-mapped.md"))[number]
    shown = put_files(section, tmp_path / "src")
    report = import_mapped(tmp_path / "src", tmp_path / "in/x", tmp_path / "src/map.yaml")
    hold(tmp_path / "in/x", shown)
    for told in REPORT.findall(section):
        assert report.as_dict() == json.loads(told)


def test_the_example_of_oneroster_does_what_the_page_says(tmp_path: Path):
    (section,) = sections("import-oneroster.md")
    shown = put_files(section, tmp_path / "src")
    report = import_oneroster(tmp_path / "src", tmp_path / "in/x", Wanted(is_latvian=True))
    hold(tmp_path / "in/x", shown)
    assert {name: report.rows_written[name] for name in ("municipality", "institution", "calendar_day", "pupil")} == {
        "municipality": 1, "institution": 1, "calendar_day": 4, "pupil": 2,
    }  # fmt: skip
    assert [report.rows_left_out[f"{name}.csv"] for name in ("users", "enrollments", "results")] == [
        {"not a pupil: teacher": 1}, {"not a pupil: teacher": 1}, {"text score: no number to compare": 1},
    ]  # fmt: skip
    assert report.notes["users.csv: columns not written as the specification says"] == 2
    assert date.fromisoformat(report.delivered_on[:10]) == date(2025, 10, 15)
