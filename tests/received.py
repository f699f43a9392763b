"""Deliveries as a receiver takes them in: typed tables of all versions and of the newest of every natural key."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import yaml

from data_contracts import contract

DELIVERED = (
    "municipality", "institution", "calendar_day", "pupil", "enrolment", "lesson", "attendance", "mark", "period_mark",
    "support_plan", "support_measure", "staff_support", "consultation_request", "role_assignment", "pupil_risk",
    "support_case", "case_party", "hand_over", "plan_approval", "municipal_team", "programme_place", "youth_project",
    "problem_situation", "organisation_interest", "staff_feedback", "topic_choice",
)  # fmt: skip
JOURNAL = ("lesson", "attendance", "mark", "period_mark")
KEY = "person_code, school_reg_no, lesson_date, lesson_no"


def digest(folder: Path) -> str:
    """Hash names and bytes of all files below a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    told = (str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes() for path in files)
    return hashlib.sha256(b"\0".join(told)).hexdigest()


def datasets(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield (dataset, file) of one delivery."""
    return ((path.stem, path) for path in sorted(folder.iterdir()) if path.name != "delivery.yaml")


def manifest(folder: Path) -> dict:
    return yaml.safe_load((folder / "delivery.yaml").read_text(encoding="utf-8"))


def _all_versions(db: duckdb.DuckDBPyConnection, name: str, files: list[str]) -> None:
    """Make sent.<name>: every delivered row with the folder of its delivery; folders sort in order of arrival."""
    kind = "read_parquet" if files[0].endswith("parquet") else "read_csv"
    options = "filename = true" + (", all_varchar = true" if kind == "read_csv" else "")
    typed = [f"nullif({c.name}::varchar, '')::{c.type} as {c.name}" for c in contract.load(f"raw.{name}").columns]
    db.execute(
        f"create table sent.{name} as select {', '.join(typed)}, string_split(filename, '/')[-2] as delivery"
        f" from {kind}({files}, {options})"
    )


def receive(folders: list[Path]) -> duckdb.DuckDBPyConnection:
    """Take in deliveries as a receiver would: the newest version of every natural key; `sent` keeps all versions."""
    db = duckdb.connect()
    db.execute("create schema raw; create schema sent")
    told = [(name, str(path)) for folder in folders for name, path in datasets(folder)]
    for name in dict.fromkeys(name for name, _ in told):
        _all_versions(db, name, [path for found, path in told if found == name])
        key = ", ".join(contract.load(f"raw.{name}").natural_key)
        db.execute(
            f"create table raw.{name} as select * exclude (delivery) from sent.{name}"
            f" qualify row_number() over (partition by {key} order by delivery desc) = 1"
        )
    for code_list in ("attendance_code", "exit_status_code"):
        (known,) = contract.FOLDER.glob(f"reference/*/{code_list}.csv")
        db.execute(f"create table raw.{code_list} as from read_csv('{known}', all_varchar = true)")
    return db


def count(db: duckdb.DuckDBPyConnection, query: str) -> int:
    return db.execute(query).fetchall()[0][0]


def columns(path: Path) -> tuple[str, ...]:
    """Read the column names of a delivered file."""
    if path.suffix == ".parquet":
        return tuple(pl.read_parquet_schema(path))
    with path.open(encoding="utf-8") as file:
        return tuple(file.readline().strip().split(","))
