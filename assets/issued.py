"""Lists as they were issued: immutable files, each with all that its output needs, whatever is delivered later.

issued/<as_of>_<known_on>/<number>.<run|replay>.<digest>.parquet     rows in order; beside them, in the file's metadata,
                                                                     the places, labels and vault files of that day
"""

import fcntl
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

from assets.home import Home, swap_in
from assets.identity import Identity
from assets.warehouse import Built, Warehouse
from data_contracts.contract import load

RUN, REPLAY = "run", "replay"
_ABOUT = b"pumpurs"
_DIGEST = 16

PLACES = """
    select school_reg_no as code, max_by(name, valid_from) as name, 'school_reg_no' as kind, true as is_current
    from core.institution group by school_reg_no
    union all
    select atvk_code, max_by(name_lv, valid_from), 'atvk_code', bool_or(valid_to is null)
    from core.municipality group by atvk_code
    order by kind, code
"""

_ROWS = """
    select attention_list.*, institution.name as school
    from listed.attention_list
    left join (select school_reg_no, max_by(name, valid_from) as name from core.institution group by school_reg_no)
        as institution on institution.school_reg_no = attention_list.school_reg_no
    where as_of = $as_of and known_on = $known_on
    order by attention_list.school_reg_no, position, pupil_key
"""


_COVERAGE = """
    select school_reg_no, atvk_code, pupils, pupils_no_data, data_to::varchar as data_to, state, dataset, weeks
    from listed.school_week_coverage where as_of = $as_of and known_on = $known_on order by school_reg_no
"""


_FORMER = """
    select standing_pupil_key, list(pupil_key order by pupil_key) as former from core.pupil_identity
    where standing_pupil_key in (
        select pupil_key from listed.attention_list where as_of = $as_of and known_on = $known_on)
    group by standing_pupil_key order by standing_pupil_key
"""


class ListDamaged(Exception):
    """A kept list is not what was issued; the message names the file and the next step."""


@dataclass(frozen=True)
class Issue:
    """One list as issued: its clocks, its number among the issues for these clocks, who made it, its file."""

    as_of: date
    known_on: date
    number: int
    made_by: str
    digest: str
    path: Path

    @cached_property
    def about(self) -> dict[str, Any]:
        """Return what the rows need beside them: places, labels, vault files, version."""
        import pyarrow.parquet

        told = pyarrow.parquet.read_schema(self.path).metadata or {}
        return json.loads(told.get(_ABOUT, b"{}"))

    @property
    def rows(self) -> pl.DataFrame:
        """Read the rows; ListDamaged if they are not those that were issued."""
        return self._read[0]

    @cached_property
    def _read(self) -> tuple[pl.DataFrame, str]:
        damaged = ListDamaged(f"{self.path} is damaged; restore it from its copy, or remove it and make the list anew")
        try:
            rows = pl.read_parquet(self.path)
            digest = _digest(rows, self.about)
        except (pl.exceptions.PolarsError, ValueError, OSError):
            raise damaged from None
        if digest[:_DIGEST] != self.digest:
            raise damaged
        return rows, digest

    @property
    def places(self) -> pl.DataFrame:
        """Return schools and municipalities as they were called then: code, name, kind, is_current."""
        return pl.DataFrame(self.about["places"], schema=_PLACE, orient="row")

    @property
    def former_keys(self) -> dict[str, list[str]]:
        """Return the former keys of the pupils whose personal code had changed."""
        return self.about.get("former_keys", {})

    @property
    def coverage(self) -> pl.DataFrame:
        """Return what was known of each school's pupils and deliveries; no row in a list from before it was noted."""
        rows = pl.DataFrame(self.about.get("coverage", []), schema=_NOTED, orient="row")
        return rows.with_columns(pl.col("data_to").str.to_date())

    @property
    def sha256(self) -> str:
        """Return the digest of rows, places, labels and vault files."""
        return self._read[1]

    def summary(self) -> dict[str, Any]:
        """Return what a run's report says of its list."""
        return {"number": self.number, "sha256": self.sha256, "path": str(self.path.relative_to(self.path.parents[2]))}


_NOTED = {
    **dict.fromkeys(("school_reg_no", "atvk_code"), pl.String),
    **dict.fromkeys(("pupils", "pupils_no_data"), pl.Int64),
    **dict.fromkeys(("data_to", "state", "dataset"), pl.String),
    "weeks": pl.Int64,
}
_PLACE = {"code": pl.String, "name": pl.String, "kind": pl.String, "is_current": pl.Boolean}


def _digest(rows: pl.DataFrame, about: dict[str, Any]) -> str:
    """Digest what a reader may see; the file's own bytes change with the library that writes them."""
    said = {name: value for name, value in about.items() if name != "pipeline_version"}
    text = json.dumps(said, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode() + b"\0" + rows.write_ndjson().encode()).hexdigest()


def _issue(path: Path) -> Issue:
    as_of, known_on = (date.fromisoformat(day) for day in path.parent.name.split("_"))
    number, made_by, digest, _ = path.name.split(".")
    return Issue(as_of, known_on, int(number), made_by, digest, path)


def issues(home: Home, as_of: date | None = None, known_on: date | None = None) -> list[Issue]:
    """List what was issued for these days, None for any, in order of days and number."""
    pattern = f"{as_of or '*'}_{known_on or '*'}/[0-9]*.parquet"
    found = [_issue(path) for path in home.issued.glob(pattern)] if home.issued.exists() else []
    return sorted(found, key=lambda i: (i.as_of, i.known_on, i.number))


def _labels() -> dict[str, Any]:
    """Gather the words of today's contracts, so that a list keeps those with which it was issued."""
    contract, status = load("listed.attention_list"), load("raw.support_plan").column("status")
    change = contract.column("change")
    return {
        "change": dict(zip(change.values, change.value_labels, strict=True)),
        "plan_status": dict(zip(status.values, status.value_labels, strict=True))
        | {"unknown": "ir plāns, statuss vēlāks", "no_plan": "nav plāna"},
        "columns": {c.name: c.label_lv for c in contract.columns},
    }


def _about(warehouse: Warehouse, as_of: date, known_on: date) -> dict[str, Any]:
    noted = warehouse.query(_COVERAGE, {"as_of": as_of, "known_on": known_on})
    places = [list(row) for row in warehouse.query(PLACES).rows()]
    vault = Identity(warehouse.home).vault_files(known_on)
    beside = {"places": places, "vault": vault, "coverage": [list(row) for row in noted.rows()]}
    former = dict(warehouse.query(_FORMER, {"as_of": as_of, "known_on": known_on}).rows())
    # Left out where it says nothing, so that a list from before it was noted is still the same list.
    beside |= {"former_keys": former} if former else {}
    return {"pipeline_version": version("pumpurs"), "labels": _labels(), **beside}


def issue(warehouse: Warehouse, as_of: date, known_on: date, made_by: str) -> Issue:
    """Keep the warehouse's list of these days for good; nothing is written if it says what the last issue said."""
    rows, about = warehouse.query(_ROWS, {"as_of": as_of, "known_on": known_on}), _about(warehouse, as_of, known_on)
    with _numbering(warehouse.home):
        earlier, digest = issues(warehouse.home, as_of, known_on), _digest(rows, about)[:_DIGEST]
        if earlier and earlier[-1].digest == digest:
            return _claimed(earlier[-1], made_by)
        number = earlier[-1].number + 1 if earlier else 1
        path = warehouse.home.issued / f"{as_of}_{known_on}" / f"{number}.{made_by}.{digest}.parquet"
        _write(path, rows, about)
    return _issue(path)


def _claimed(found: Issue, made_by: str) -> Issue:
    """Let a list that was only looked at count as a run's from the day on which a run comes to the same."""
    if found.made_by == made_by or made_by == REPLAY:
        return found
    path = found.path.with_name(f"{found.number}.{made_by}.{found.digest}.parquet")
    return _issue(found.path.rename(path))


def build_and_issue(warehouse: Warehouse) -> Built:
    """Build a run's list and issue it, with those that the warehouse holds from before lists were kept."""
    built = warehouse.build("listed.attention_list")
    stand = warehouse.query("select as_of, known_on from risk.stand").row(0)
    for days in warehouse.query("select distinct as_of, known_on from listed.attention_list").rows():
        if days != stand and not issues(warehouse.home, *days):
            issue(warehouse, *days, made_by=RUN)
    issue(warehouse, *stand, made_by=RUN)
    return built


@contextmanager
def _numbering(home: Home) -> Iterator[None]:
    """Let one process at a time take the next number."""
    home.issued.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (home.issued / ".lock").open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write(path: Path, rows: pl.DataFrame, about: dict[str, Any]) -> None:
    import pyarrow.parquet

    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.part")
    told = {_ABOUT: json.dumps(about, ensure_ascii=False).encode()}
    pyarrow.parquet.write_table(rows.to_arrow().replace_schema_metadata(told), temporary, compression="zstd")
    swap_in(temporary, path)
