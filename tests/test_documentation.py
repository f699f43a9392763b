"""What the documentation names exists: links, commands, options, targets, tables, tests."""

import re
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from assets import queries
from data_contracts import contract
from data_contracts.contract import has_contract, load
from models.disclosure.parameters import DisclosureParameters
from pipelines.cli import app
from pipelines.settings import Settings
from tests.worked_example import read_examples, run

ROOT = Path(__file__).parent.parent
HAND_MADE = [path for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md") if (path := ROOT / name).exists()]
PAGES = [*HAND_MADE, *sorted((ROOT / "docs").rglob("*.md"))]
WRITTEN = [path for path in PAGES if ROOT / "docs" / "reference" not in path.parents]
SUPPORT = ROOT / "docs" / "support.md"
# Registers of the raw layer that intake itself keeps; they have no contract.
REGISTERS = {"raw.intake", "raw.lake_part", "raw.superseded", "raw.waiting"}
LINK = re.compile(r"(?<!!)\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^ *```[a-z]*\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
TABLE = re.compile(r"`((?:raw|core|risk|listed|published)\.[a-z0-9_]+)(?:\.([a-z0-9_]+))?(?:=([a-z0-9_]+))?`")
COMMAND = re.compile(r"(?:^|[`$\s/])pumpurs((?: +[^\s`|&;#]+)*)", re.MULTILINE)
OPTION = re.compile(r"--[a-z][a-z-]*")


def page_id(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def anchors(path: Path) -> set[str]:
    """Name the anchors of a page's headings as GitHub makes them."""
    titles = re.findall(r"^#+ +(.*)$", FENCE.sub("", text_of(path)), re.MULTILINE)
    plain = (re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title).lower() for title in titles)
    return {re.sub(r"[^\w\- ]", "", title).strip().replace(" ", "-") for title in plain}


def code_of(path: Path) -> list[str]:
    """Return what stands in a page as code: the lines of fenced blocks, and code within a line."""
    blocks = [line for block in FENCE.findall(text_of(path)) for line in block.splitlines()]
    return blocks + re.findall(r"`([^`\n]+)`", FENCE.sub("", text_of(path)))


def is_broken(path: Path, target: str) -> bool:
    name, _, anchor = target.partition("#")
    if re.match(r"[a-z]+:", name):
        return False
    found = (path.parent / name).resolve() if name else path
    return not found.exists() or bool(anchor and found.suffix == ".md" and anchor not in anchors(found))


@pytest.mark.parametrize("path", PAGES, ids=page_id)
def test_every_link_leads_somewhere(path: Path) -> None:
    links = LINK.findall(FENCE.sub("", text_of(path)))
    assert [target for target in links if is_broken(path, target)] == []


@pytest.mark.parametrize("path", PAGES, ids=page_id)
def test_every_code_block_is_closed(path: Path) -> None:
    assert len(re.findall(r"^ *```", text_of(path), re.MULTILINE)) % 2 == 0


def find_command(words: list[str]) -> Any:
    """Return the command that the first words name; None if there is none."""
    command: Any = typer.main.get_command(app)
    for word in words:
        if not hasattr(command, "commands"):
            break
        if word not in command.commands:
            return None
        command = command.commands[word]
    return command


def commands_named(path: Path) -> list[list[str]]:
    """Return what follows `pumpurs` wherever a page shows it as a command."""
    lines = [line for line in code_of(path) if re.match(r"[$ ]*(cd [^&]*&& *)?(\.venv/bin/)?pumpurs( |$)", line)]
    return [match.split() for line in lines for match in COMMAND.findall(line)]


def options_of(command: Any) -> set[str]:
    return {"--help"} | {option for parameter in command.params for option in parameter.opts}


@pytest.mark.parametrize("path", WRITTEN, ids=page_id)
def test_every_command_and_option_exists(path: Path) -> None:
    wrong = []
    for words in commands_named(path):
        command = find_command(words)
        given = set(OPTION.findall(" ".join(words)))
        if command is None or (given and not given <= options_of(command)):
            wrong.append(" ".join(words))
    assert wrong == []


def test_the_tutorial_shows_commands_at_all() -> None:
    assert ["list", "9901000165", "--capacity", "1"] in commands_named(ROOT / "docs" / "tutorial.md")


def targets_named(path: Path) -> set[str]:
    return {found[1] for line in code_of(path) if (found := re.match(r"[$ ]*make ([a-z][a-z-]*)", line))}


@pytest.mark.parametrize("path", WRITTEN, ids=page_id)
def test_every_make_target_exists(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    assert targets_named(path) - targets == set()


@pytest.mark.parametrize("path", WRITTEN, ids=page_id)
def test_every_setting_exists(path: Path) -> None:
    known = {f"PUMPURS_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"PUMPURS_[A-Z_]+[A-Z]", text_of(path))) - known == set()


def is_promised(table: str, column: str, value: str) -> bool:
    """Tell whether a table, its column and one of the column's listed values are promised."""
    if table in REGISTERS:
        return True
    if not has_contract(table):
        return False
    found = next((c for c in load(table).columns if c.name == column), None)
    return not column or bool(found and (not value or value in found.values))


@pytest.mark.parametrize("path", WRITTEN, ids=page_id)
def test_every_table_and_column_named_is_promised(path: Path) -> None:
    assert [".".join(named) for named in TABLE.findall(text_of(path)) if not is_promised(*named)] == []


def test_the_clerks_page_gives_the_numbers_of_the_protection() -> None:
    numbers, text = DisclosureParameters(), text_of(ROOT / "docs" / "how-to" / "municipal-clerk.md")
    base, least = numbers.base, numbers.min_share_base
    for told in (
        f"rounded to a multiple of {base} so that all totals still add up; 0 means 0 to {base - 1}",
        f"noapaļots līdz {base} daudzkārtnim tā, lai visas summas joprojām saskanētu; 0 nozīmē no 0 līdz {base - 1}",
        f"the group has fewer than {base} pupils",
        f"grupā ir mazāk nekā {base} izglītojamie",
        f"Of fewer than {least} pupils only the limits are told, of fewer than {numbers.min_range_base} nothing",
        f"mazāk nekā {least}, norāda tikai robežas; ja mazāk nekā {numbers.min_range_base}, nerēķina",
    ):
        assert told in text


def coverage() -> dict[str, tuple[str, str]]:
    """Return, per item of support, what its row says and the test it names."""
    rows = re.findall(r"^\| (S\d+) \| (.+) \| `(tests/[^`]+)` \|$", text_of(SUPPORT), re.MULTILINE)
    return {item: (says, test) for item, says, test in rows}


def test_the_coverage_table_has_a_row_for_every_item() -> None:
    assert list(coverage()) == [f"S{number}" for number in range(1, 20)]


@pytest.mark.parametrize("item", [f"S{number}" for number in range(1, 20)])
def test_the_test_a_coverage_row_names_exists(item: str) -> None:
    path, _, function = coverage()[item][1].partition("::")
    assert re.search(rf"^def {function.partition('[')[0]}\(", text_of(ROOT / path), re.MULTILINE)


@pytest.mark.parametrize("item", [f"S{number}" for number in range(1, 20)])
def test_what_the_coverage_table_rests_on_is_promised(item: str) -> None:
    says, _ = coverage()[item]
    named = TABLE.findall(says)
    assert named
    assert all(is_promised(*claim) for claim in named)
    assert "In place:" in says


def test_support_for_staff_holds_no_person_and_no_content() -> None:
    contract = load("raw.staff_support")
    texts = {c.name for c in contract.columns if c.logical == "string" and not c.values and not c.pattern}
    assert texts == {"support_id"}
    assert not any(c.encrypted_name or "vault" in c.tags for c in contract.columns)


def added_files() -> dict[str, str]:
    """Return the lines that the diff in CONTRIBUTING adds, by file."""
    diff = re.search(r"^```diff\n(.*?)^```$", text_of(ROOT / "CONTRIBUTING.md"), re.MULTILINE | re.DOTALL)
    parts = re.split(r"^\+\+\+ b/", diff[1] if diff else "", flags=re.MULTILINE)[1:]
    added = {part.split("\n", 1)[0]: re.findall(r"^\+(.*)$", part, re.MULTILINE) for part in parts}
    return {name: "\n".join(lines) + "\n" for name, lines in added.items()}


@pytest.fixture
def contributed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Put the files that the diff adds beside copies of the real contracts and queries."""
    for folder in ("data_contracts", "sql"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name, text in added_files().items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(contract, "FOLDER", tmp_path / "data_contracts")
    monkeypatch.setattr(queries, "SQL", tmp_path / "sql")
    load.cache_clear()
    yield tmp_path
    load.cache_clear()


def test_the_table_that_contributing_adds_works(contributed: Path) -> None:
    added = added_files()
    assert [name.split("/")[0] for name in added] == ["assets", "data_contracts", "sql", "tests"]
    example = next(name for name in added if name.startswith("tests/"))
    for shown in read_examples(contributed / example):
        expected, actual = run(shown)
        assert actual == expected
    key = f"core.{Path(example).stem}"
    assert added["assets/core.py"] == f'{Path(example).stem} = table("{key}")\n'
    assert load(key).natural_key
