"""A tiny country whose deliveries lead a run down every path, and all that a run leaves, for comparing."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from assets.home import Home
from assets.identity import Identity
from tests.assets.kit import (
    KNOWN_PUPILS,
    SCHOOL,
    Country,
    absence,
    as_csv,
    code_of,
    deliver_registers,
    enrolment,
    mark,
    municipality,
    pupil,
)

ROOT = Path(__file__).parents[2]
# What tells when and how fast a run went, not what came of it.
_STAMPS = ("run_id", "started_at", "seconds", "stages", "warehouse_mark", "versions", "nothing_new")
# A bookkeeping number, not a fact: up to which part of the lake a waiting row was tried in vain.
_NOT_COMPARED = {"raw.intake": ("tried_part",)}


def _calendar() -> list[dict[str, Any]]:
    weekdays = (date(2024, 9, 2) + timedelta(n) for n in range(40))
    said = {"school_year": "2024/2025", "grade_from": 1, "school_reg_no": "", "grade_to": 12, "semester": 1}
    return [said | {"date": str(day), "kind": "school_day"} for day in weekdays if day.weekday() < 5]


def _lessons() -> list[dict[str, Any]]:
    days = [row["date"] for row in _calendar()][:20]
    return [
        {"school_reg_no": SCHOOL, "group_label": "8.a", "lesson_date": day, "lesson_no": n, "subject_code": "MAT", "is_held": True}  # noqa: E501
        for day in days
        for n in range(1, 6)
    ]  # fmt: skip


def deliver_first(country: Country) -> None:
    """Deliver what a first run meets: good rows, rows that wait, repetitions, refused files, a withdrawal, a full."""
    deliver_registers(country)
    days = [row["date"] for row in _calendar()][:20]
    country.deliver("calendar", {"calendar_day": _calendar(), "lesson": _lessons()}, on="2024-09-01")
    skipped = [absence(1, day=day, lesson=n) for day in days for n in range(1, 4)]
    broken = [absence(2), absence(2), absence(3, lesson=99), absence(9), absence(4)]
    country.deliver("a", {"attendance": as_csv(skipped + broken) + "cut off\n"}, on="2024-09-30")
    country.deliver("b", {"attendance": [absence(4, code="ns")]}, on="2024-10-01")
    country.deliver("c", {"attendance": [absence(4, code="ns")]}, on="2024-10-02")
    country.deliver("gone", {"attendance": [absence(1, day=days[0])]}, on="2024-10-02", notes={"attendance": {"deleted": True}})  # noqa: E501  # fmt: skip
    marks = [mark(n, text) for n, text in zip(range(1, KNOWN_PUPILS + 1), "2ab7nv", strict=True)]
    country.deliver("marks", {"mark.parquet": marks}, on="2024-09-30")
    baltic = as_csv([pupil(7, "Ģirts", "Šķēle"), pupil(8, "Ēriks", "Žīle")]).encode("cp1257")
    country.deliver("baltic", {"pupil": baltic, "enrolment": [enrolment(7), enrolment(8)]}, on="2024-09-20")
    country.deliver("late", {"pupil": [pupil(9)], "enrolment": [enrolment(9)]}, on="2024-10-03")
    country.deliver("bad", {"attendance": b"", "notes.txt": "what is this"}, on="2024-10-03")
    country.deliver("other", {"mark": [mark(12), mark(1, "x9", sequence=3)]}, on="2024-10-03")


def deliver_second(country: Country) -> None:
    """Deliver on top: a correction, an earlier twin, an earlier reference, a full, what another row waited for."""
    country.deliver("twin", {"attendance": [absence(4, code="ns")]}, on="2024-09-29")
    country.deliver("excused", {"attendance": [absence(1, day="2024-09-03", code="ns")]}, on="2024-10-10")
    country.deliver("early", {"pupil": [pupil(9)]}, on="2024-09-10")
    country.deliver("twelve", {"pupil": [pupil(12)], "enrolment": [enrolment(12)]}, on="2024-10-08")
    whole = {"attendance": {"mode": "full", "schools": [SCHOOL], "from": "2024-09-02", "to": "2024-09-02"}}
    country.deliver("whole", {"attendance": [absence(1), absence(5)]}, on="2024-10-09", notes=whole)
    country.deliver("role", {"role_assignment": [_role()], "municipality": [municipality()]}, on="2024-10-09")


def _role() -> dict[str, Any]:
    return {"login": "anna", "role": "school_coordinator", "organisation": SCHOOL, "valid_from": "2024-09-01"}


def digest(path: Path) -> str:
    """Return what a path is: where a link points, or the hash of the bytes."""
    return f"-> {path.readlink()}" if path.is_symlink() else hashlib.sha256(path.read_bytes()).hexdigest()


def files(home: Home) -> dict[str, str]:
    """Return every file of the home but those that a run stamps, and the engine's own."""
    stamped = ("run.lock", "warehouse.duckdb", "key.mark")
    found = {str(path.relative_to(home.root)): path for path in sorted(home.root.rglob("*")) if not path.is_dir()}
    current = home.releases / "current"
    found |= {"releases/current": current} if current.is_symlink() else {}
    is_stamped = {name for name in found if name.startswith("runs/") and not name.endswith(".part")} | {*stamped}
    names = {name: path for name, path in found.items() if name not in is_stamped}
    sealed = {name: "sealed" for name in names if name.startswith("vault/")}
    return {name: digest(path) for name, path in names.items() if name not in sealed} | sealed


def tables(home: Home) -> dict[str, str]:
    """Return a hash of the ordered rows of every table and view of every schema."""
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        connection.execute("set timezone = 'Europe/Riga'")
        listed = connection.execute(
            "select table_schema || '.' || table_name from information_schema.tables order by all"
        ).fetchall()
        return {name: _rows(connection, name) for (name,) in listed}


def _rows(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    left_out = ", ".join(_NOT_COMPARED.get(name, ()))
    shown = f"* exclude ({left_out})" if left_out else "*"
    rows = sorted(map(repr, connection.execute(f"select {shown} from {name}").fetchall()))
    return f"{len(rows)} rows {hashlib.sha256(chr(10).join(rows).encode()).hexdigest()}"


def last_outcome(home: Home) -> dict[str, Any]:
    """Return what the newest report says came of the run."""
    reports = sorted(home.runs.glob("*.json"))
    told = json.loads(reports[-1].read_text(encoding="utf-8")) if reports else {}
    return {name: value for name, value in told.items() if name not in _STAMPS}


def state(home: Home, with_report: bool = True) -> dict[str, Any]:
    """Return all that counts after a run, flat, so that a difference shows its name."""
    people = {f"vault {key}": repr(person) for key, person in Identity(home).read_vault().items()}
    told = {f"report {name}": repr(value) for name, value in last_outcome(home).items()} if with_report else {}
    return {**files(home), **{f"table {k}": v for k, v in tables(home).items()}, **people, **told}


def difference(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return what differs: name, found, wanted."""
    names = sorted({*found, *wanted})
    return {n: (found.get(n), wanted.get(n)) for n in names if found.get(n) != wanted.get(n)}


def copy(home: Home, root: Path) -> Home:
    """Copy a home with its moments of change, into a folder of its own, with the same secrets."""
    shutil.copytree(home.root, root, symlinks=True)
    return Home(root, home.secrets)


@dataclass
class Zygote:
    """The process that forks a child for each task."""

    process: subprocess.Popen[str]

    def run(self, home: Home, **task: Any) -> "Ended":
        """Do a task on a home, by default `pumpurs run`, and tell how it ended."""
        answers = task.get("answers") or home.root.with_name(f"{home.root.name}-answers")
        words = ["run", "--home", str(home.root), "--json"]
        whole = {"kind": "command", "home": str(home.root), "words": words, "answers": str(answers), **task}
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(whole) + "\n")
        self.process.stdin.flush()
        told = json.loads(self.process.stdout.readline())
        out, err = (Path(f"{answers}.{stream}").read_text(encoding="utf-8") for stream in ("out", "err"))
        return Ended(told["code"], told["cpu"], out, err)


@dataclass(frozen=True)
class Ended:
    """How a child ended: exit code (-9 for killed), CPU seconds, what it printed."""

    code: int
    cpu: float
    out: str
    err: str


def environment(secrets: Path) -> dict[str, str]:
    """Return the environment of a process with secrets of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PUMPURS_", "DAGSTER_"))}
    threads = {"OMP_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1", "PUMPURS_THREADS": "1"}
    return kept | threads | {"PUMPURS_SECRETS": str(secrets), "GX_ANALYTICS_ENABLED": "false"}


@contextmanager
def zygote(secrets: Path) -> Iterator[Zygote]:
    """Start the forking process; it ends with the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.zygote"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment(secrets),
    )
    with process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        yield Zygote(process)
        assert process.stdin
        process.stdin.close()


__all__ = ["code_of", "copy", "deliver_first", "deliver_second", "difference", "state", "zygote"]
