"""Reports back to the sender: which rows wait, by which rule, and what to do; never a value.

One folder a delivery: report.csv holds every line, report.xlsx is the same to read and print. A delivery folder that
could not be read at all has its report under a name that no delivery can have.
"""

import hashlib
import re
from dataclasses import astuple, dataclass
from pathlib import Path

import duckdb

from assets.home import Home
from assets.landing import NOTE, Arrived, arrivals
from assets.ledger import REFUSED
from assets.manifest import verify
from assets.opened import globbed
from assets.refusal import explain
from assets.report import NAMES, Report, harmless, write
from data_contracts.advice import advice, column_of
from data_contracts.contract import has_contract, load
from data_contracts.rules import check_names, literal

_FOLDER = "_refused."
_FILES = """
    select intake.dataset, intake.file_name, intake.waiting_file, intake.waiting_sha256, intake.note,
        told.rows_delivered, told.rows_accepted, told.rows_superseded, told.rows_quarantined
    from raw.intake join raw.delivery as told using (delivery_id, dataset)
    where delivery_id = $delivery and (told.rows_quarantined > 0 or intake.status = 'refused')
        and not exists (select 1 from raw.cleared as c where c.delivery_id = intake.delivery_id
            and c.dataset = intake.dataset and c.row_no is null)
    order by intake.dataset
"""
_RULES = """
    select dataset, rule, rows - coalesce(gone, 0) as rows from raw.waiting
    left join (select delivery_id, dataset, rule, sum(rows)::bigint as gone from raw.cleared
        group by delivery_id, dataset, rule) as cleared using (delivery_id, dataset, rule)
    where delivery_id = $delivery order by dataset, rule
"""
_HEADERS = "select dataset, name, header from raw.header where delivery_id = $delivery"
_SAID = """
    create or replace temp table said (dataset varchar, rule varchar, about varchar, wrong_lv varchar, do_lv varchar,
        wrong_en varchar, do_en varchar)
"""
_NOWHERE = "null::bigint as line, null::bigint as text_line"
_WAITING = "select distinct delivery_id from raw.waiting order by delivery_id"


@dataclass(frozen=True)
class _File:
    """One file of a delivery with rows that wait, or that was refused, as the ledger counts it."""

    dataset: str
    name: str
    waiting: str | None
    sha256: str | None
    note: str
    delivered: int
    accepted: int
    superseded: int
    quarantined: int


def describe(dataset: str, rule: str) -> str:
    """Say what a rule of a dataset demands."""
    contract = load(f"raw.{dataset}")
    if rule == REFUSED:
        return "the file could not be taken in at all / failu nevarēja pieņemt"
    said = advice(contract, rule)
    return dict(check_names(contract)).get(rule) or f"{said.wrong_en} / {said.wrong_lv}"


def write_reports(connection: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Write a report for every delivery with rows that wait and every refused folder; drop what is done with."""
    names = [row[0] for row in connection.execute(_WAITING).fetchall()]
    reported = {home.quarantine / name for name in names if _report_delivery(connection, home, name)}
    reported |= {_report_folder(connection, home, arrived) for arrived in arrivals(home.landing) if arrived.refusal}
    _tidy(connection, home, reported)


def _report_delivery(connection: duckdb.DuckDBPyConnection, home: Home, name: str) -> bool:
    """Write the report of a delivery, if any of its rows still waits."""
    folder, of_it = home.quarantine / name, {"delivery": name}
    files = [_File(*row) for row in connection.execute(_FILES, of_it).fetchall()]
    if not files:
        return False
    headers = {(dataset, name): header for dataset, name, header in connection.execute(_HEADERS, of_it).fetchall()}
    by_rule = connection.execute(_RULES, of_it).fetchall()
    found = [(file, rule, rows) for file in files for dataset, rule, rows in by_rule if dataset == file.dataset]
    rules = [(file, _words(file, rule, headers), rule, rows) for file, rule, rows in found]
    connection.execute(_SAID)
    said = [[file.dataset, rule, *words] for file, words, rule, _ in rules]
    connection.executemany("insert into said values (?, ?, ?, ?, ?, ?, ?)", said)
    verify(home, [(str((folder / f.waiting).absolute()), f.sha256 or "") for f in files if f.waiting])
    lines = " union all ".join(_lines(folder, file) for file in files)
    counts = [(f.name, f.delivered, f.accepted, f.superseded, f.quarantined) for f in files]
    told = [(f.name, *words, rule, rows) for f, words, rule, rows in rules if rows or not f.waiting]
    write(connection, folder, Report(folder.name, counts, told, lines))
    return True


def _words(file: _File, rule: str, headers: dict[tuple[str, str], str]) -> tuple[str, str, str, str, str]:
    """Say which column a rule is about, what is wrong and what to do; the column as the sender's header calls it."""
    if not has_contract(f"raw.{file.dataset}"):
        return ("", *astuple(explain(file.note)))
    contract = load(f"raw.{file.dataset}")
    if rule == REFUSED:
        return ("", *astuple(explain(file.note, {c.name: c.label_lv for c in contract.columns})))
    column = column_of(contract, rule)
    about = headers.get((file.dataset, column.name), column.label_lv) if column else ""
    return (harmless(about), *astuple(advice(contract, rule)))


def _lines(folder: Path, file: _File) -> str:
    """Write the query of a file's lines in the report."""
    of_dataset, shown = (
        f"dataset = {literal(file.dataset)}",
        "said.about, said.wrong_lv, said.do_lv, said.wrong_en, said.do_en, said.rule",
    )
    named = f"select {literal(file.name)} as file"
    if not file.waiting:
        return f"{named}, {_NOWHERE}, {shown}, 0::bigint as place from said where {of_dataset}"
    of_file = f"delivery_id = {literal(folder.name)} and {of_dataset}"
    above = 0 if file.name.lower().endswith(".parquet") else 1
    line = f"coalesce(place.line + waiting.row_no - place.row_no, waiting.row_no + {above})"
    text = "place.text_line + waiting.row_no - place.row_no"
    return (
        f"{named}, {line} as line, case when {text} <> {line} then {text} end as text_line, {shown},"
        f" waiting.row_no as place"
        f" from read_parquet('{globbed(folder / file.waiting)}', hive_partitioning = false) as waiting"
        f" join said on said.rule = waiting.broken_rule and said.{of_dataset}"
        f" anti join (select row_no from raw.cleared where {of_file}) as gone on gone.row_no = waiting.row_no"
        f" asof left join (select row_no, line, text_line from raw.place where {of_file}) as place"
        " on waiting.row_no >= place.row_no"
    )


def _report_folder(connection: duckdb.DuckDBPyConnection, home: Home, arrived: Arrived) -> Path:
    """Write the report of a folder whose delivery.yaml could not be read or followed."""
    folder, words = home.quarantine / _safe(arrived.folder), astuple(explain(arrived.refusal or ""))
    names = ("wrong_lv", "do_lv", "wrong_en", "do_en", "rule")
    told = ", ".join(f"{literal(text)} as {name}" for name, text in zip(names, (*words, REFUSED), strict=True))
    line = f"select {literal(NOTE)} as file, {_NOWHERE}, '' as about, {told}, 0::bigint as place"
    write(connection, folder, Report(_shown(arrived.folder), [], [(NOTE, "", *words, REFUSED, None)], line))
    return folder


def _shown(folder: Path) -> str:
    return f"{folder.parent.name}/{folder.name}"


def _safe(folder: Path) -> str:
    """Name the report of a folder whose own name may hold anything: no delivery's name begins with a low line."""
    name = f"{folder.parent.name}.{folder.name}"
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", name)[:80]
    return _FOLDER + (plain if plain == name else f"{plain}.{hashlib.sha256(name.encode()).hexdigest()[:8]}")


def _tidy(connection: duckdb.DuckDBPyConnection, home: Home, reported: set[Path]) -> None:
    """Delete what the ledger no longer names: rows that were let in since, or that a run cut short left behind."""
    named = connection.execute(
        "select delivery_id, waiting_file from raw.intake where waiting_file is not null"
    ).fetchall()
    kept = {home.quarantine / delivery / file for delivery, file in named}
    kept |= {folder / name for folder in reported for name in NAMES}
    for folder in sorted(path for path in home.quarantine.glob("*") if path.is_dir()):
        for path in folder.iterdir():
            if path not in kept:
                path.unlink()
        if not any(folder.iterdir()):
            folder.rmdir()
