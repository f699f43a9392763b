"""The worked example of every page on a public format: its input files make the rows it shows."""

import re
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from pipelines.importing.edfi import import_edfi
from pipelines.importing.folder import file_name
from pipelines.importing.oea import import_oea
from pipelines.importing.report import ImportReport

PAGES = Path(__file__).parents[2] / "docs/how-to"
INPUT = re.compile(r"`([a-z0-9_/]+\.csv)`[^`\n]*:\n\n```csv\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OUTCOME = re.compile(r"`([a-z0-9_/]+)`[^`\n]*:\n\n((?:\|.*\n)+)")

Importer = Callable[[Path, Path], ImportReport]


def example(page: str) -> str:
    text = (PAGES / page).read_text(encoding="utf-8")
    return text.split("## A worked example", 1)[1].split("\n## ", 1)[0]


def shown(table: str) -> tuple[list[str], list[tuple[str | None, ...]]]:
    header, _, *lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.strip().split("\n")]
    return header, [tuple(cell or None for cell in line) for line in lines]


def rows(file: Path, columns: list[str]) -> list[tuple[str | None, ...]]:
    frame = pl.read_parquet(file) if file.suffix == ".parquet" else pl.read_csv(file, infer_schema=False)
    return frame.select(pl.col(columns).cast(pl.String)).rows()


@pytest.mark.parametrize(("page", "importer", "files", "tables"), [
    ("import-edfi.md", import_edfi, 3, 4),
    ("import-oea.md", import_oea, 6, 6),
])  # fmt: skip
def test_the_files_of_a_worked_example_make_its_rows(
    tmp_path: Path, page: str, importer: Importer, files: int, tables: int
):
    inputs, outcomes = INPUT.findall(example(page)), OUTCOME.findall(example(page))
    assert (len(inputs), len(outcomes)) == (files, tables)
    for name, text in inputs:
        (tmp_path / "src" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "src" / name).write_text(text, encoding="utf-8")
    importer(tmp_path / "src", tmp_path / "dest")
    for name, table in outcomes:
        columns, expected = shown(table)
        dataset = (tmp_path / "dest" / name).with_name(file_name(name.rsplit("/", 1)[-1]))
        assert rows(dataset, columns) == expected, name
