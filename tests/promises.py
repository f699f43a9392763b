"""Hold what an import wrote against the contracts before any intake has seen it, and see what core makes of it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl

from assets import lake
from assets.home import Home
from assets.queries import query_of
from data_contracts.contract import load
from data_contracts.rules import row_rules
from pipelines.importing.folder import file_name
from tests.assets.kit import EVER, Country

LESSONS = ("held", "missed", "missed_unexcused", "missed_other", "missed_open", "late")


def delivered(dest: Path) -> list[str]:
    """Name the datasets of a delivery folder."""
    return sorted(path.stem for path in dest.iterdir() if path.suffix in (".csv", ".parquet"))


def rows(dest: Path, dataset: str, *columns: str) -> list[tuple]:
    """Return columns of a delivered dataset, all by default: text of a CSV, values of a Parquet file."""
    file = dest / file_name(dataset)
    frame = pl.read_parquet(file) if file.suffix == ".parquet" else pl.read_csv(file, infer_schema=False)
    return frame.select(columns or frame.columns).rows()


def columns_of(dest: Path, dataset: str) -> list[str]:
    """Name the columns of a delivered dataset."""
    file = dest / file_name(dataset)
    return pl.read_parquet(file).columns if file.suffix == ".parquet" else pl.read_csv(file).columns


def bytes_of(dest: Path) -> dict[str, bytes]:
    """Return the bytes of every file of one or several deliveries."""
    return {str(path.relative_to(dest)): path.read_bytes() for path in sorted(dest.rglob("*.*"))}


def relations(connection: duckdb.DuckDBPyConnection, dest: Path) -> None:
    """Open every delivered file under its dataset's name, with the types that the contract promises."""
    for dataset in delivered(dest):
        columns = load(f"raw.{dataset}").columns
        if (dest / f"{dataset}.csv").is_file():
            kinds = ", ".join(f"'{c.name}': '{c.type}'" for c in columns)
            connection.execute(f"create view {dataset} as from read_csv('{dest}/{dataset}.csv', columns={{{kinds}}})")
        else:
            connection.execute(f"create view {dataset} as from read_parquet('{dest}/{dataset}.parquet')")


def _count(connection: duckdb.DuckDBPyConnection, rows: str) -> int:
    return connection.execute(f"select count(*) {rows}").fetchall()[0][0]


def _wheres(dataset: str, beside: list[str]) -> dict[str, str]:
    """Write, per rule, what rows break it; a reference counts where the list it refers to is delivered as well."""
    contract = load(f"raw.{dataset}")
    wheres = {rule.name: f"not ({rule.holds})" for rule in row_rules(contract)}
    for column in contract.columns:
        target = column.references and column.references.table.split(".")[1]
        if target in beside:
            known = f"select {column.references.column} from {target}"
            wheres[f"{column.name} unknown"] = f"{column.name} not in ({known})"
    return wheres


def broken_promises(dest: Path) -> dict[str, int]:
    """Count the rows that break a rule, repeat a key or refer to nothing, per dataset and rule."""
    counts, names = {}, delivered(dest)
    with duckdb.connect() as connection:
        relations(connection, dest)
        for dataset in names:
            for rule, where in _wheres(dataset, names).items():
                counts[f"{dataset} {rule}"] = _count(connection, f"from {dataset} where {where}")
            keys = ", ".join(load(f"raw.{dataset}").natural_key)
            repeated = f"from (from {dataset} select {keys} group by {keys} having count(*) > 1)"
            counts[f"{dataset} key"] = _count(connection, repeated)
    return {rule: broken for rule, broken in counts.items() if broken}


def days_in_core(country: Country) -> tuple[int | None, ...]:
    """Return the totals of core.pupil_day_attendance, made by its own queries from what a home has taken in.

    They are pupils, pupil-days, and lessons held, missed, missed unexcused, for other reasons, open, and late.
    """
    with country.warehouse.connect() as connection:
        for name in ("attendance", "attendance_code", "lesson", "enrolment", "exit_status_code", "person_code_change"):
            lake.expose(connection, country.home, f"raw.{name}", EVER)
        connection.execute("create schema if not exists core")
        for key in ("core.attendance_code", "core.pupil_identity", "core.enrolment", "core.pupil_day_attendance"):
            connection.execute(f"create or replace table {key} as {query_of(key)}")
        sums = ", ".join(f"sum(lessons_{name})::int" for name in LESSONS)
        totals = f"select count(distinct pupil_key), count(*), {sums} from core.pupil_day_attendance"
        return connection.execute(totals).fetchall()[0]


@contextmanager
def taken_in(home: Home, *folders: Path) -> Iterator[Country]:
    """Give a home into which deliveries came one after the other, with a run after each."""
    with Country(home).one_session() as country:
        for path in folders:
            shutil.copytree(path, home.landing / "in" / path.name)
            country.take_in()
        yield country
