"""Read a worked example: Markdown tables of input rows and of the rows that a query must make of them.

A file tests/sql/<layer>/<table>.md holds `## ` sections, each an example. Under `### <layer>.<table>` stands a table
of rows; the one with the file's own name is the expected outcome. Only the columns shown are compared; columns of an
input that are not shown are empty; tables the query reads that are not shown are empty too, except the tables of rules,
parameters and forms of marks, which their own queries build. Where no versions (history.<table>) are shown, there are
none but those that stand.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import duckdb

from assets.history import HISTORY
from assets.lake import ABOUT
from assets.queries import query_of, tables_read
from data_contracts.contract import Contract, load
from data_contracts.intake import accepted

FOLDER = Path(__file__).parent / "sql"
# Each after those that it is made from.
REAL = (
    "risk.policy_parameter", "risk.indicator_rule", "risk.promotion_rule", "risk.exam_subject", "core.mark_text",
    "core.period_mark_text", "core.mark_form", "core.named_work", "core.school_day_record",
    "core.pupil_week_record", "core.pupil_day_ahead", "risk.pupil_week_group", "risk.group_week_count",
    "risk.indicator_week_count", "risk.month_term", "risk.month_place",
    "risk.plan_on_day",
)  # fmt: skip
VERSIONS = re.compile(r"\bhistory\.([a-z_]+)")

Rows = list[dict[str, str]]


@dataclass(frozen=True)
class Example:
    """One named example of one query."""

    key: str
    title: str
    tables: dict[str, Rows]

    @property
    def expected(self) -> Rows:
        """Return the rows the query must make."""
        return self.tables[self.key]


def _cells(line: str) -> list[str]:
    return [cell.strip().replace("\\|", "|") for cell in line.strip().replace("\\|", "\0").strip("|").split("|")]


def table(lines: list[str]) -> Rows:
    """Read the one table among lines of Markdown."""
    rows = [_cells(line) for line in lines if line.lstrip().startswith("|")]
    rows = [[cell.replace("\0", "|") for cell in row] for row in rows]
    return [dict(zip(rows[0], row, strict=True)) for row in rows[2:]]


def read_examples(path: Path) -> list[Example]:
    """Read all examples of a file."""
    key = f"{path.parent.name}.{path.stem}"
    sections = path.read_text(encoding="utf-8").split("\n## ")[1:]
    return [_example(key, section) for section in sections]


def _example(key: str, section: str) -> Example:
    title, *parts = section.split("\n### ")
    tables = {part.split("\n", 1)[0].strip(): table(part.split("\n")[1:]) for part in parts}
    return Example(key, title.split("\n", 1)[0].strip(), tables)


def _types(contract: Contract) -> dict[str, str]:
    kept = accepted(contract) if contract.layer == "raw" and contract.setting("isDelivered", True) else contract
    types = {c.name: c.type for c in kept.columns}
    return types | ABOUT if kept is not contract else types


REGISTERS = {
    "raw.intake": "delivery_id varchar, dataset varchar, source varchar, delivered_on timestamptz, file_name varchar,"
    " content_sha256 varchar, mode varchar, shape varchar, meaning varchar, detected varchar, status varchar,"
    " note varchar, rows_delivered bigint, rows_stored bigint, rows_quarantined bigint, rows_repeated bigint,"
    " rows_withdrawn bigint",
    "raw.lake_part": "part_no integer, delivery_id varchar, dataset varchar",
    "raw.superseded": "part_no integer, row_no bigint, known_to date, ended_by varchar",
    "raw.week_told": "dataset varchar, school_reg_no varchar, week_starts_on date, first_known_from date",
    "raw.cleared": "delivery_id varchar, dataset varchar, rule varchar, row_no bigint, rows bigint",
}


def _create(connection: duckdb.DuckDBPyConnection, key: str) -> list[str]:
    if key.startswith("history."):
        types = {c.name: c.type for c in accepted(load(_standing(key))).columns} | HISTORY
        columns = [f'"{name}" {kind}' for name, kind in types.items()]
    elif key in REGISTERS:
        columns = [c.strip() for c in REGISTERS[key].split(",")]
    else:
        columns = [f'"{name}" {kind}' for name, kind in _types(load(key)).items()]
    connection.execute(f"create schema if not exists {key.split('.')[0]}")
    connection.execute(f"create table {key} ({', '.join(columns)})")
    return columns


def _standing(key: str) -> str:
    """Name the view of the rows that stand beside that of all versions."""
    return key.replace("history.", "raw.")


def _fill(connection: duckdb.DuckDBPyConnection, key: str, rows: Rows) -> None:
    for row in rows:
        names = ", ".join(f'"{n}"' for n in row)
        values = [None if value == "" else value for value in row.values()]
        connection.execute(f"insert into {key} ({names}) values ({', '.join('?' * len(row))})", values)


def prepare(connection: duckdb.DuckDBPyConnection, example: Example) -> None:
    """Create every table that the example's query reads, with the rows shown, or the real ones of rules."""
    read = set(tables_read(query_of(example.key))) - {example.key}
    real = [key for key in REAL if key not in example.tables]
    for built in reversed(real):
        read |= set(tables_read(query_of(built))) if built in read else set()
    real = [key for key in real if key in read]
    registers = {name for name in REGISTERS if name in query_of(example.key)}
    versions = {f"history.{name}" for name in VERSIONS.findall(query_of(example.key))}
    for key in sorted((read | registers | versions) - {*real}):
        _create(connection, key)
        _fill(connection, key, example.tables.get(key, example.tables.get(_standing(key), [])))
    for key in real:
        connection.execute(f"create schema if not exists {key.split('.')[0]}; create table {key} as {query_of(key)}")


def run(example: Example) -> tuple[Rows, Rows]:
    """Run the query on the example's input; return (expected, actual) as text rows in one order."""
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'Europe/Riga'")
        prepare(connection, example)
        shown = list(example.expected[0]) if example.expected else list(load(example.key).column_names)[:1]
        types = {c.name: c.type for c in load(example.key).columns}
        cells = ", ".join(f'"{name}"::{types[name]} as "{name}"' for name in shown)
        actual = connection.execute(f"select {cells} from ({query_of(example.key)}) as made").fetchall()
        connection.execute("create table expected_rows (" + ", ".join(f'"{n}" {types[n]}' for n in shown) + ")")
        _fill(connection, "expected_rows", example.expected)
        expected = connection.execute("select * from expected_rows").fetchall()
    return _sorted(shown, expected), _sorted(shown, actual)


def _text(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else "" if value is None else str(value)


def _sorted(names: list[str], rows: list[tuple[object, ...]]) -> Rows:
    return sorted((dict(zip(names, map(_text, row), strict=True)) for row in rows), key=lambda row: tuple(row.values()))
