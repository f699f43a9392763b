"""Reports back to the sender: which rows wait, by which rule, and what to do; never a value."""

import csv
import io

import duckdb

from assets.home import Home, write_text
from data_contracts.contract import has_contract, load
from data_contracts.rules import check_names

_EXTRA = {
    "key_disagrees": ("rows with the same key say different things", "rindas ar vienu atslēgu ir pretrunīgas"),
    "row_malformed": (
        "the line does not have the header's number of fields",
        "rindā ir cits lauku skaits nekā galvenē",
    ),
    "file_refused": ("the file could not be taken in at all", "failu nevarēja pieņemt"),
}
_HEADER = ["file", "row", "dataset", "rule", "what the rule says", "what to do / ko darīt"]
_ADVICE = "correct the row and deliver it again / izlabojiet rindu un iesniedziet vēlreiz"
_WAIT = "deliver what it refers to; the row is then tried again / iesniedziet trūkstošo, rindu pārbaudīs vēlreiz"


def describe(dataset: str, rule: str) -> str:
    """Say what a rule of a dataset demands."""
    if rule in _EXTRA:
        return " / ".join(_EXTRA[rule])
    key = f"raw.{dataset}"
    known = dict(check_names(load(key))) if has_contract(key) else {}
    column = rule.removesuffix("_type")
    return known.get(rule) or f"{column} must be readable as its type"


def _advice(rule: str) -> str:
    return _WAIT if rule.endswith("_known") else _ADVICE


def _report(rows: list[tuple[str, int | None, str, str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_HEADER)
    for file, row, dataset, rule in rows:
        writer.writerow([file, row or "", dataset, rule, describe(dataset, rule), _advice(rule)])
    return out.getvalue()


def _rows(
    connection: duckdb.DuckDBPyConnection, home: Home, delivery_id: str
) -> list[tuple[str, int | None, str, str]]:
    files = dict(
        connection.execute(
            "select dataset, file_name from raw.intake where delivery_id = ? order by dataset", [delivery_id]
        ).fetchall()
    )
    found: list[tuple[str, int | None, str, str]] = []
    for dataset, file in files.items():
        waiting = home.quarantine / delivery_id / f"{dataset}.parquet"
        if waiting.exists():
            lines = connection.execute(
                "select row_no, broken_rule from read_parquet($path) order by row_no", {"path": str(waiting)}
            ).fetchall()
            found += [(file, int(line), dataset, rule) for line, rule in lines]
    whole = connection.execute(
        "select dataset, rule from raw.waiting where delivery_id = ? and rule in ('file_refused', 'row_malformed')",
        [delivery_id],
    ).fetchall()
    return found + [(files[dataset], None, dataset, rule) for dataset, rule in whole]


def write_reports(connection: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Write quarantine/<delivery_id>/report.csv for every delivery with waiting rows; drop those now clean."""
    waiting = connection.execute("select distinct delivery_id from raw.waiting order by delivery_id").fetchall()
    for (delivery_id,) in waiting:
        write_text(home.quarantine / delivery_id / "report.csv", _report(_rows(connection, home, delivery_id)))
    for folder in home.quarantine.glob("*"):
        if folder.name not in {row[0] for row in waiting}:
            (folder / "report.csv").unlink(missing_ok=True)
