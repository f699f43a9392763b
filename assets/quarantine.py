"""Reports back to the sender: which rows wait, by which rule, and what to do; never a value."""

from pathlib import Path

import duckdb

from assets.home import Home, swap_in
from assets.lake import quoted
from assets.ledger import CELL_ERROR, DISAGREEING, MALFORMED, NO_RESULT, REFUSED
from data_contracts.contract import has_contract, load
from data_contracts.person_code import CODE_CHECKSUM, CODE_DATE
from data_contracts.rules import check_names, literal

_EXTRA = {
    DISAGREEING: "rows with the same key say different things / rindas ar vienu atslēgu ir pretrunīgas",
    MALFORMED: "the line does not have the header's number of fields / rindā ir cits lauku skaits nekā galvenē",
    CELL_ERROR: "a cell of the row holds an error of Excel / rindā ir šūna ar Excel kļūdu",
    NO_RESULT: "a formula of the row has no stored result / rindā ir formula bez saglabāta rezultāta",
    CODE_DATE: "an old personal code begins with a day that exists / vecais personas kods sākas ar esošu datumu",
    CODE_CHECKSUM: "an old personal code ends in its check digit / vecā personas koda kontrolcipars ir pareizs",
    REFUSED: "the file could not be taken in at all / failu nevarēja pieņemt",
}
_ADVICE = "correct the row and deliver it again / izlabojiet rindu un iesniedziet vēlreiz"
_WAIT = "deliver what it refers to; the row is then tried again / iesniedziet trūkstošo, rindu pārbaudīs vēlreiz"
_FILES = """
    select dataset, file_name, waiting_file, note from raw.intake
    where delivery_id = $delivery and (waiting_file is not null or status = 'refused') order by dataset
"""
_SAID = "create or replace temp table said (dataset varchar, rule varchar, about varchar, says varchar, advice varchar)"


def describe(dataset: str, rule: str) -> str:
    """Say what a rule of a dataset demands."""
    if rule in _EXTRA:
        return _EXTRA[rule]
    known = dict(check_names(load(f"raw.{dataset}"))) if has_contract(f"raw.{dataset}") else {}
    column = rule.removesuffix("_type")
    return known.get(rule) or f"{column} must be readable as its type"


def write_reports(connection: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Write quarantine/<delivery_id>/report.csv for every delivery with waiting rows; drop what no longer waits."""
    waiting = connection.execute("select delivery_id, dataset, rule from raw.waiting").fetchall()
    _say(connection, sorted({(dataset, rule) for _, dataset, rule in waiting}))
    folders = sorted({home.quarantine / delivery for delivery, _, _ in waiting})
    for folder in folders:
        _write_report(connection, folder)
    _tidy(connection, home, set(folders))


def _say(connection: duckdb.DuckDBPyConnection, rules: list[tuple[str, str]]) -> None:
    """Put what each rule demands, and of which column, beside the reports."""
    connection.execute(_SAID)
    for dataset, rule in rules:
        columns = load(f"raw.{dataset}").column_names if has_contract(f"raw.{dataset}") else ()
        about = next((name for name in columns if name == rule.rpartition("_")[0]), "")
        advice = _WAIT if rule.endswith("_known") else _ADVICE
        connection.execute(
            "insert into said values (?, ?, ?, ?, ?)", [dataset, rule, about, describe(dataset, rule), advice]
        )


def _write_report(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    files = connection.execute(_FILES, {"delivery": folder.name}).fetchall()
    target = folder / "report.csv"
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.part")
    rows = " union all ".join(_rows(folder, *file) for file in files)
    connection.execute(
        f'copy (select file, line, dataset, rule, about as "column", says as "what the rule says",'
        f' advice as "what to do / ko darīt" from ({rows}) as told order by dataset, line)'
        f" to '{quoted(temporary)}' (format csv, header)"
    )
    swap_in(temporary, target)


def _rows(folder: Path, dataset: str, file_name: str, waiting_file: str | None, note: str) -> str:
    """Write the query of a file's lines in the report; the header is line 1 where people see lines."""
    told, of_dataset = f"select {literal(file_name)} as file", f"dataset = {literal(dataset)}"
    if not waiting_file:
        reason = f"null as line, dataset, rule, about, {literal(note)} as says, advice"
        return f"{told}, {reason} from said where {of_dataset} and rule = 'file_refused'"
    above = 0 if file_name.lower().endswith(".parquet") else 1
    return (
        f"{told}, row_no + {above} as line, dataset, rule, about, says, advice"
        f" from read_parquet('{quoted(folder / waiting_file)}') as waiting"
        f" join said on said.rule = waiting.broken_rule and said.{of_dataset}"
    )


def _tidy(connection: duckdb.DuckDBPyConnection, home: Home, reported: set[Path]) -> None:
    """Delete what the ledger no longer names: rows that were let in since, or that a run cut short left behind."""
    named = connection.execute(
        "select delivery_id, waiting_file from raw.intake where waiting_file is not null"
    ).fetchall()
    kept = {home.quarantine / delivery / file for delivery, file in named} | {f / "report.csv" for f in reported}
    for folder in sorted(path for path in home.quarantine.glob("*") if path.is_dir()):
        for path in folder.iterdir():
            if path not in kept:
                path.unlink()
        if not any(folder.iterdir()):
            folder.rmdir()
