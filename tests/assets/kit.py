"""Deliveries into a home's landing, and the raw layer alone, without the graph."""

import csv
import io
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import yaml

from assets import lake, raw
from assets.home import Home
from assets.identity import Identity
from assets.opening import kept_open
from assets.replay import LIST, needed
from assets.stand import Days
from assets.warehouse import Warehouse
from data_contracts.contract import keys
from models.pseudonym import pupil_key

ORDER = (
    "attendance_code", "exit_status_code", "municipality", "institution", "calendar_day", "pupil",
    "person_code_change", "enrolment", "lesson", "attendance", "mark", "period_mark", "support_plan",
    "support_measure", "staff_support", "consultation_request", "role_assignment", "pupil_risk", "support_case",
    "case_party", "hand_over", "plan_approval", "municipal_team", "programme_place", "youth_project",
    "problem_situation", "organisation_interest", "staff_feedback", "topic_choice", "programme",
)  # fmt: skip
BUILT = (*LIST, "core.role_assignment", "risk.pupil_week_outcome", "published.municipality_month_risk")
SCHOOL, OTHER_SCHOOL, NEW_SCHOOL = "4112900001", "4112900002", "4112900003"
EVER = date(9999, 12, 31)
KNOWN_PUPILS = 6

Rows = list[dict[str, Any]]


def code_of(pupil: int) -> str:
    """Return the personal code of an invented pupil; codes that begin with 32 carry no date of birth."""
    return f"320000-{pupil:05d}"


def municipality(code: str = "LV00100", since: str = "2021-07-01") -> dict[str, Any]:
    return {"atvk_code": code, "valid_from": since, "name_lv": "Pumpuru novads", "kind": "county"}


def institution(school: str = SCHOOL, atvk: str = "LV00100") -> dict[str, Any]:
    return {"school_reg_no": school, "valid_from": "2021-07-01", "name": "Skola", "atvk_code": atvk, "kind": "general"}


def pupil(number: int, given: str = "Anna", family: str = "Liepa") -> dict[str, Any]:
    named = {"given_name": given, "family_name": family, "birth_date": "2010-02-03", "sex": "F"}
    return {"person_code": code_of(number), **named}


def enrolment(number: int, school: str = SCHOOL, **more: Any) -> dict[str, Any]:
    return {"person_code": code_of(number), "school_reg_no": school, "entry_date": "2024-09-01", "grade": 8} | more


def absence(
    number: int = 1, day: str = "2024-09-02", lesson: int = 1, code: str | None = "n", **more: Any
) -> dict[str, Any]:
    key = {"person_code": code_of(number), "school_reg_no": SCHOOL, "lesson_date": day, "lesson_no": lesson}
    return {**key, "subject_code": "MAT", "code": code, "excused_on": None} | more


def code_change(former: int, new: int, on: str = "2024-09-05") -> dict[str, Any]:
    return {"former_person_code": code_of(former), "person_code": code_of(new), "changed_on": on}


def mark(number: int = 1, text: str = "7", sequence: int = 1, **more: Any) -> dict[str, Any]:
    key = {"person_code": code_of(number), "school_reg_no": SCHOOL, "mark_date": "2024-09-03", "subject_code": "MAT"}
    return {**key, "work_kind": "pd", "sequence": sequence, "mark_text": text} | more


def as_csv(rows: Iterable[Mapping[str, Any]], delimiter: str = ",", end: str = "\n") -> str:
    """Write rows as delimited text; the first row's keys are the header."""
    listed, out = list(rows), io.StringIO()
    writer = csv.DictWriter(out, list(listed[0]), delimiter=delimiter, lineterminator=end)
    writer.writeheader()
    writer.writerows(listed)
    return out.getvalue()


def _write(path: Path, content: Any) -> None:
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif isinstance(content, str):
        path.write_text(content, encoding="utf-8", newline="")
    elif path.suffix == ".parquet":
        (content if isinstance(content, pl.DataFrame) else pl.DataFrame(content)).write_parquet(path)
    else:
        path.write_text(as_csv(content), encoding="utf-8")


@dataclass(frozen=True)
class OneSession(Warehouse):
    """A warehouse that stays open: opening it is most of the time that a test with many runs takes."""

    stack: ExitStack = field(default_factory=ExitStack)
    opened: list[duckdb.DuckDBPyConnection] = field(default_factory=list)

    @contextmanager
    def connect(self, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        if not self.opened:
            self.opened.append(self.stack.enter_context(Warehouse(self.home, threads=1).connect()))
        yield self.opened[0]


@dataclass(frozen=True)
class Country:
    """A home, the deliveries put into it, and what the raw layer made of them."""

    home: Home
    session: OneSession | None = None
    kept_back: dict[str, Path] = field(default_factory=dict)

    @property
    def warehouse(self) -> Warehouse:
        return self.session or Warehouse(self.home, threads=1)

    def deliver(self, name: str, files: Mapping[str, Any], on: str = "2024-09-10", **said: Any) -> Path:
        """Put a delivery into landing: files by name, settings by dataset (`notes`), `source`, or the whole `note`."""
        folder = self.home.landing / "in" / name
        folder.mkdir(parents=True)
        for file, content in files.items():
            _write(folder / (file if "." in file else f"{file}.csv"), content)
        moment = on if "T" in on or len(on) > 10 else f"{on}T08:00:00+03:00"
        note = {"source": said.get("source", "viis"), "delivered_on": moment, "datasets": said.get("notes", {})}
        text = said["note"] if "note" in said else yaml.safe_dump(note)
        (folder / "delivery.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
        return folder

    def hold(self, name: str) -> None:
        """Take a delivery out of landing again, as if it were not there yet."""
        self.kept_back[name] = self.home.scratch / f"held-{name}"
        (self.home.landing / "in" / name).rename(self.kept_back[name])

    def bring(self, *names: str) -> None:
        for name in names:
            self.kept_back.pop(name).rename(self.home.landing / "in" / name)

    @kept_open()
    def take_in(self, *datasets: str, known_on: date = EVER) -> None:
        """Run the raw layer: all of it, or only the datasets named, in the order of their references."""
        self.take_only(*datasets)
        raw.close_intake(self.warehouse, known_on)

    @kept_open()
    def take_only(self, *datasets: str) -> None:
        """Take in without closing the ledger."""
        for name in ORDER:
            if not datasets or name in datasets:
                raw.take_in(self.warehouse, f"raw.{name}")

    @kept_open()
    def build(self, known_on: date = EVER) -> None:
        """Build every table of core, as known on a day."""
        raw.close_intake(self.warehouse, known_on)
        for key in needed(keys("core")):
            self.warehouse.build(key)

    @kept_open()
    def stand(self, as_of: date, known_on: date = EVER) -> None:
        """Build core, risk and the attention list as of a day, as known on a day."""
        raw.close_intake(self.warehouse, known_on)
        self.warehouse.store("risk.stand", Days(as_of, known_on).frame())
        for key in needed(BUILT):
            if key != "risk.stand" and not key.startswith("published."):
                self.warehouse.build(key)

    def key(self, pupil: int) -> str:
        """Return the pupil key of an invented pupil in this home."""
        return pupil_key(code_of(pupil), Identity(self.home).secret())

    def query(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        with self.warehouse.connect() as connection:
            return connection.execute(sql, values or None).fetchall()

    def ledger(self, delivery: str, dataset: str) -> dict[str, Any]:
        """Return a delivery's row of the ledger, proven to add up."""
        frame = self.warehouse.query(
            "select * exclude (delivered_on) from raw.delivery where delivery_id = $id and dataset = $dataset",
            {"id": delivery, "dataset": dataset},
        )
        row = frame.row(0, named=True)
        sums = row["rows_accepted"] + row["rows_quarantined"] + row["rows_superseded"]
        assert row["rows_delivered"] == sums, "delivered = accepted + quarantined + superseded"
        return row

    def counts(self, delivery: str, dataset: str) -> tuple[int, int, int, int]:
        """Return rows delivered, accepted, quarantined and superseded."""
        row = self.ledger(delivery, dataset)
        return tuple(row[f"rows_{n}"] for n in ("delivered", "accepted", "quarantined", "superseded"))  # type: ignore[return-value]

    def rows(self, columns: str, dataset: str, known_on: date = EVER) -> list[tuple[Any, ...]]:
        """Return columns of a raw view as known on a day, in order."""
        with self.warehouse.connect() as connection:
            lake.expose(connection, self.home, f"raw.{dataset}", known_on)
            return connection.execute(f"select {columns} from raw.{dataset} order by all").fetchall()

    def waiting(self, dataset: str | None = None) -> dict[str, int]:
        """Return how many rows wait by rule."""
        found = self.query(
            "select rule, sum(rows)::int from raw.waiting where dataset = coalesce($dataset, dataset) group by rule",
            dataset=dataset,
        )
        return dict(found)

    def report(self, delivery: str) -> list[dict[str, str]]:
        """Return the lines of the report to the sender, below its summary; of a header only the last words."""
        text = (self.home.quarantine / delivery / "report.csv").read_text(encoding="utf-8-sig")
        rows = csv.DictReader(io.StringIO(text), delimiter=";")
        told = [{head.rpartition(" / ")[2]: cell for head, cell in row.items()} for row in rows]
        return [row | {"line": row["row (Excel)"]} for row in told if row["part"] == "rinda / row"]

    def copy(self, root: Path) -> "Country":
        """Return a copy of the home in a folder of its own, with the same secrets."""
        shutil.copytree(self.home.root, root, symlinks=True)
        return Country(Home(root, self.home.secrets))

    @contextmanager
    def one_session(self) -> Iterator["Country"]:
        """Keep the warehouse open for the block."""
        session = OneSession(self.home)
        with session.stack:
            # Opened here, and not within a block that would close it.
            with session.connect():
                pass
            yield replace(self, session=session)


def deliver_registers(country: Country) -> None:
    """Deliver what lessons and marks refer to: one municipality, two schools, a few pupils and where they belong."""
    pupils = range(1, KNOWN_PUPILS + 1)
    country.deliver(
        "registers",
        {
            "municipality": [municipality()],
            "institution": [institution(), institution(OTHER_SCHOOL)],
            "pupil": [pupil(n) for n in pupils],
            "enrolment": [enrolment(n) for n in pupils],
        },
        on="2024-09-01",
    )
