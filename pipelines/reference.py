"""The reference pages, made from contracts, queries, command line and settings: `python -m pipelines.reference`.

Whoever changes a contract, a rule, a command or a setting runs `make docs`; `--check` tells when that was forgotten.
`--measure` first runs the invented country of `pumpurs demo`, and writes down whom the indicators find in it.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import import_module
from itertools import takewhile
from pathlib import Path
from typing import Any

from data_contracts.contract import LAYERS, Column, Contract, keys, load
from data_contracts.rules import check_names
from pipelines.indicator_pages import indicator_pages
from pipelines.page import REFERENCE, ROOT, deeper, render

# Written from the tests that it describes, and kept equal to them by one: tests/assets/dirty/page.py.
_TESTED = f"{REFERENCE}/dirty-data.md"
_WIDTH = "100"


@cache
def graph() -> dict[str, list[str]]:
    """Return what each table is built from, as the assets say."""
    # Dagster takes a second to import, which only the pages of tables need.
    import dagster as dg

    from assets import core, listed, published, raw, risk

    loaded = dg.load_assets_from_modules([raw, core, risk, listed, published])
    defined = [asset for asset in loaded if isinstance(asset, dg.AssetsDefinition)]
    return {_name(key): sorted(map(_name, asset.asset_deps[key])) for asset in defined for key in asset.keys}


def _name(key: Any) -> str:
    return ".".join(key.path)


def built_from(key: str) -> list[str]:
    """Name the promised tables that a table is built from."""
    return [name for name in graph().get(key, []) if name in all_keys()]


def read_by(key: str) -> list[str]:
    """Name the tables that are built from a table."""
    return [name for name in all_keys() if key in graph().get(name, [])]


@cache
def all_keys() -> list[str]:
    """Name every promised table, layer by layer."""
    return [key for layer in LAYERS for key in keys(layer)]


def allowed(column: Column) -> str:
    """Say which values a column takes: listed values, bounds, form, the table they must exist in."""
    labelled = zip(column.values, column.value_labels, strict=True)
    parts = [", ".join(f"`{value}` ({label})" if label else f"`{value}`" for value, label in labelled)]
    parts += [_bounds(column), f"form `{column.pattern}`" if column.pattern else ""]
    if column.references:
        target = column.references.table
        parts.append(f"exists in {link(target)}")
    return "; ".join(part for part in parts if part)


def _bounds(column: Column) -> str:
    low, high = column.minimum, column.maximum
    if low is not None and high is not None:
        return f"{low:g} to {high:g}"
    if low is not None:
        return f"at least {low:g}"
    return f"at most {high:g}" if high is not None else ""


def fate(column: Column) -> str:
    """Say what becomes of a delivered column at the door."""
    if column.encrypted_name:
        return f"turned into `{column.encrypted_name}`"
    if "vault" in column.tags:
        return "to the encrypted vault only"
    return "read for the check, then dropped" if "dropped" in column.tags else "kept"


def link(key: str) -> str:
    """Write a link from one table's page to another's."""
    return f"[{key}](../{key.replace('.', '/')}.md)"


def is_delivered(contract: Contract) -> bool:
    """Tell whether deliveries bring the table."""
    return contract.layer == "raw" and bool(contract.setting("isDelivered", True))


def rules(contract: Contract) -> list[tuple[str, str]]:
    """List the rules beyond single columns, each with what it demands; a delivery's file has rules of its own."""
    own = [(promise.name, promise.description) for promise in contract.promises]
    if not is_delivered(contract):
        return [rule for rule in check_names(contract) if rule[0] == "key_unique"] + own
    from assets.intake import DISAGREEING, MALFORMED, REFUSED
    from assets.quarantine import describe
    from data_contracts.person_code import code_rules

    codes = [rule.name for column in contract.columns for rule in code_rules(column)]
    return own + [(name, describe(contract.name, name)) for name in (*codes, DISAGREEING, MALFORMED, REFUSED)]


def query_header(key: str) -> list[str]:
    """Return what the head of a table's query warns of, after the line that states the grain."""
    path = ROOT / "sql" / f"{key.replace('.', '/')}.sql"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    head = [line.removeprefix("--").strip() for line in takewhile(lambda line: line.startswith("--"), lines)]
    return head[1:]


def examples(key: str) -> str:
    """Return the worked examples of a table's query, one heading level deeper, without their title."""
    path = ROOT / "tests" / "sql" / f"{key.replace('.', '/')}.md"
    return deeper(path.read_text(encoding="utf-8").partition("\n")[2].strip()) if path.exists() else ""


def table_page(contract: Contract) -> str:
    """Write the page of one table."""
    key = contract.key
    return render(
        "table.md.j2",
        contract=contract,
        delivered=is_delivered(contract),
        has_query=(ROOT / "sql" / contract.layer / f"{contract.name}.sql").exists(),
        warnings=query_header(key),
        built_from=[link(name) for name in built_from(key)],
        read_by=[link(name) for name in read_by(key)],
        rules=rules(contract),
        examples=examples(key),
        allowed=allowed,
        fate=fate,
    )


def index_page() -> str:
    """Write the list of all tables by layer."""
    about = {layer: (import_module(f"assets.{layer}").__doc__ or "").splitlines()[0] for layer in LAYERS}
    layers = [(layer, about[layer], [load(key) for key in keys(layer)]) for layer in LAYERS]
    return render("index.md.j2", layers=layers)


def command_names(command: Any = None, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the words of every command of the command line, such as ("import", "oulad")."""
    import typer

    from pipelines.cli import app

    chosen = command or typer.main.get_command(app)
    if not hasattr(chosen, "commands"):
        yield words
        return
    for name, child in chosen.commands.items():
        yield from command_names(child, (*words, name))


def help_text(words: tuple[str, ...]) -> str:
    """Return what a command says of itself with --help, in a fixed width."""
    from typer.testing import CliRunner

    from pipelines.cli import app

    result = CliRunner(env={"COLUMNS": _WIDTH, "TERMINAL_WIDTH": _WIDTH}).invoke(
        app, [*words, "--help"], prog_name="pumpurs", terminal_width=int(_WIDTH)
    )
    return "\n".join(line.rstrip() for line in result.output.strip().splitlines())


def commands_page() -> str:
    """Write every command with its arguments and options."""
    return render("commands.md.j2", commands=[(" ".join(words), help_text(words)) for words in command_names()])


def _settings() -> list[dict[str, Any]]:
    from pipelines.settings import Settings

    prefix = Settings.model_config.get("env_prefix", "")
    fields = Settings.model_fields.items()
    return [{"name": f"{prefix}{n}".upper(), "default": f.default, "meaning": f.description} for n, f in fields]


def pages() -> dict[str, str]:
    """Return every generated file by its path in the repository."""
    tables = {f"{REFERENCE}/tables/{key.replace('.', '/')}.md": table_page(load(key)) for key in all_keys()}
    settings = _settings()
    return (
        tables
        | indicator_pages()
        | {
            f"{REFERENCE}/index.md": index_page(),
            f"{REFERENCE}/commands.md": commands_page(),
            f"{REFERENCE}/settings.md": render("settings.md.j2", settings=settings),
            ".env.example": render("env.example.j2", settings=settings),
        }
    )


def _leftovers(made: dict[str, str], root: Path) -> list[str]:
    present = (path.relative_to(root).as_posix() for path in (root / REFERENCE).rglob("*") if path.is_file())
    return sorted(name for name in present if name not in made and name != _TESTED)


def stale(made: dict[str, str], root: Path = ROOT) -> list[str]:
    """Name the files on disk that differ from what they should be, are missing, or should not be there."""
    differing = [n for n, text in made.items() if not (root / n).exists() or (root / n).read_bytes() != text.encode()]
    return sorted(differing) + _leftovers(made, root)


def write(made: dict[str, str], root: Path = ROOT) -> list[str]:
    """Write the files that changed, remove those that nothing makes any more, and name them all."""
    changed = stale(made, root)
    for name in changed:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(made[name].encode()) if name in made else path.unlink()
    return changed


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Write the reference, or with --check only tell whether it is up to date."""
    parser = argparse.ArgumentParser(prog="python -m pipelines.reference", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 when a file is stale")
    parser.add_argument("--measure", action="store_true", help="first measure the indicators on the invented country")
    given = parser.parse_args(arguments)
    is_check = given.check
    if given.measure:
        from pipelines.measured import write_measured

        write_measured(root)
    found = stale(pages(), root) if is_check else write(pages(), root)
    for name in found:
        print(f"{'stale' if is_check else 'written'}: {name}", file=sys.stderr)
    if is_check and found:
        print(f"{len(found)} generated files are stale; run `make docs`", file=sys.stderr)
    return int(is_check and bool(found))


if __name__ == "__main__":
    raise SystemExit(main())
