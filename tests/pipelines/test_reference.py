"""The reference says what contracts, queries, commands and settings say, and notices when it no longer does."""

import re
from pathlib import Path

import duckdb
import pytest

from assets.queries import query_of
from data_contracts.contract import LAYERS, Column, Reference, keys, load
from pipelines import reference
from pipelines.page import ROOT, cell
from pipelines.settings import Settings
from tests.worked_example import FOLDER, read_examples

KEYS = [key for layer in LAYERS for key in keys(layer)]
SMALL = {"docs/reference/index.md": "# Reference\n", ".env.example": "# nothing\n"}


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return reference.pages()


def page(made: dict[str, str], key: str) -> str:
    return made[f"docs/reference/tables/{key.replace('.', '/')}.md"]


def column(**promised: object) -> Column:
    return Column("name", "varchar", "string", "nosaukums", "A name.", **promised)


@pytest.mark.parametrize("key", KEYS)
def test_every_contract_has_a_page_with_its_columns_and_rules(made: dict[str, str], key: str) -> None:
    contract, text = load(key), page(made, key)
    assert f"# {key}\n" in text
    assert f"](tables/{key.replace('.', '/')}.md)" in made["docs/reference/index.md"]
    for promised in contract.columns:
        row = next(line for line in text.splitlines() if re.match(rf"\| (\*\*)?{promised.name}(\*\*)? \|", line))
        assert cell(promised.description) in row
        assert cell(promised.label_lv) in row
    for promise in contract.promises:
        assert f"| `{promise.name}` | {cell(promise.description)} |" in text


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*/*.md")), ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_a_page_shows_the_query_at_work(made: dict[str, str], path: Path) -> None:
    text = page(made, f"{path.parent.name}.{path.stem}")
    for example in read_examples(path):
        assert f"\n### {example.title}\n" in text


def test_the_index_of_indicators_names_every_one_and_every_number(made: dict[str, str]) -> None:
    text = made["docs/reference/indicators.md"]
    with duckdb.connect() as connection:
        rule = "select indicator, label_lv, label_en"
        rows = connection.execute(f"{rule} from ({query_of('risk.indicator_rule')}) as r").fetchall()
        numbers = connection.execute(f"select parameter from ({query_of('risk.policy_parameter')}) as p").fetchall()
    assert rows
    assert [value for row in [*rows, *numbers] for value in row if value not in text] == []
    assert [name for name, *_ in rows if f"](indicators/{name}.md)" not in text] == []


def test_commands_and_settings_are_all_there(made: dict[str, str]) -> None:
    commands = made["docs/reference/commands.md"]
    for words in reference.command_names():
        assert f"\n## pumpurs {' '.join(words)}\n" in commands
        assert f"Usage: pumpurs {' '.join(words)} " in commands
    for name in Settings.model_fields:
        assert f"`PUMPURS_{name.upper()}`" in made["docs/reference/settings.md"]
        assert f"# PUMPURS_{name.upper()}=" in made[".env.example"]


def test_what_a_table_is_built_from_reads_it_in_turn() -> None:
    assert "core.enrolment" in reference.built_from("core.pupil_day_attendance")
    assert "core.pupil_day_attendance" in reference.read_by("core.enrolment")
    assert "risk.stand" in reference.built_from("risk.pupil_week_score")


def test_the_same_sources_make_the_same_pages(made: dict[str, str]) -> None:
    reference.graph.cache_clear()
    assert reference.pages() == made


def test_no_page_names_a_folder_of_this_machine(made: dict[str, str]) -> None:
    assert [name for name, text in made.items() if str(ROOT) in text or str(Path.home()) in text] == []


@pytest.mark.parametrize(
    ("promised", "said"),
    [
        ({}, ""),
        ({"minimum": 0, "maximum": 14}, "0 to 14"),
        ({"minimum": 1}, "at least 1"),
        ({"maximum": 0.5}, "at most 0.5"),
        ({"values": ("M", "F"), "value_labels": ("vīrietis", None)}, "`M` (vīrietis), `F`"),
        ({"pattern": "a|b"}, "form `a|b`"),
        ({"references": Reference("raw.pupil", "person_code")}, "exists in [raw.pupil](../raw/pupil.md)"),
    ],
)
def test_what_a_column_may_hold_is_said_in_words(promised: dict[str, object], said: str) -> None:
    assert reference.allowed(column(**promised)) == said


@pytest.mark.parametrize(
    ("promised", "said"),
    [
        ({"encrypted_name": "pupil_key"}, "turned into `pupil_key`"),
        ({"tags": frozenset({"vault"})}, "to the encrypted vault only"),
        ({"tags": frozenset({"dropped"})}, "read for the check, then dropped"),
        ({}, "kept"),
    ],
)
def test_what_becomes_of_a_delivered_column_is_said(promised: dict[str, object], said: str) -> None:
    assert reference.fate(column(**promised)) == said


def test_a_pipe_or_a_line_break_stays_in_its_cell() -> None:
    assert cell("3|6\nlast counts") == "3\\|6 last counts"


def test_a_table_without_query_warns_of_nothing_and_shows_no_example() -> None:
    assert reference.query_header("risk.stand") == []
    assert reference.examples("risk.stand") == ""


def test_what_was_written_is_up_to_date(tmp_path: Path) -> None:
    assert reference.stale(SMALL, tmp_path) == sorted(SMALL)
    assert reference.write(SMALL, tmp_path) == sorted(SMALL)
    assert reference.stale(SMALL, tmp_path) == []
    assert reference.write(SMALL, tmp_path) == []


def test_a_file_that_differs_or_that_nothing_makes_is_stale(tmp_path: Path) -> None:
    reference.write(SMALL, tmp_path)
    (tmp_path / ".env.example").write_text("# changed by hand\n", encoding="utf-8")
    left_over = tmp_path / "docs" / "reference" / "tables" / "core" / "gone.md"
    left_over.parent.mkdir(parents=True)
    left_over.write_text("# core.gone\n", encoding="utf-8")
    assert reference.stale(SMALL, tmp_path) == [".env.example", "docs/reference/tables/core/gone.md"]
    reference.write(SMALL, tmp_path)
    assert not left_over.exists()
    assert reference.stale(SMALL, tmp_path) == []


def test_the_check_names_stale_files_and_the_next_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(reference, "pages", lambda: SMALL)
    assert reference.main(["--check"], tmp_path) == 1
    said = capsys.readouterr().err
    assert all(f"stale: {name}" in said for name in SMALL)
    assert "2 generated files are stale; run `make docs`" in said
    assert not (tmp_path / "docs").exists()
    assert reference.main([], tmp_path) == 0
    assert reference.main(["--check"], tmp_path) == 0
