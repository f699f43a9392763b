"""What taking deliveries in costs, beside what DuckDB alone needs to read, check for duplicate keys and write."""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import yaml

from assets import raw
from assets.home import Home
from assets.stage import peak_mb
from assets.warehouse import Warehouse

LARGE = ("attendance", "mark")
REFERENCES = ("attendance_code", "exit_status_code", "municipality", "institution", "pupil", "enrolment")
DAY = {"attendance": "lesson_date", "mark": "mark_date"}
# The leanest check we know: a lesson number is a bit of its day's mask; a mark has no such number, so it is grouped.
REPEATED = {
    "attendance": "person_code, school_reg_no, lesson_date"
    " having count(*) <> bit_count(bit_or(1::bigint << lesson_no))",
    "mark": "person_code, school_reg_no, mark_date, subject_code, work_kind, sequence having count(*) > 1",
}
SETTINGS = {"threads": 2, "memory_limit": "2GB"}


def measured(work: Callable[[], Any]) -> dict[str, float]:
    """Return wall and CPU seconds of a piece of work."""
    times, begun = os.times(), time.perf_counter()
    work()
    now = os.times()
    cpu = now.user + now.system - times.user - times.system
    return {"seconds": round(time.perf_counter() - begun, 2), "cpu": round(cpu, 2)}


def floor(files: list[Path], dataset: str, out: Path) -> None:
    """Read the files, check their keys for duplicates, write them by month: nothing else."""
    with duckdb.connect(config=SETTINGS | {"temp_directory": str(out / "spill")}) as connection:
        for number, path in enumerate(files):
            source = f"read_parquet('{path}')" if path.suffix == ".parquet" else _csv(path, dataset)
            connection.execute(f"select count(*) from (select 1 from {source} group by {REPEATED[dataset]})").fetchall()
            connection.execute(
                f"copy (select *, strftime({DAY[dataset]}, '%Y-%m') as month from {source}) to '{out}/{dataset}'"
                " (format parquet, compression zstd, compression_level 1, partition_by (month), overwrite_or_ignore,"
                f" filename_pattern 'part-{number}-{{i}}')"
            )


def _csv(path: Path, dataset: str) -> str:
    columns = path.open(encoding="utf-8").readline().strip().split(",")
    typed = {
        "lesson_date": "date",
        "mark_date": "date",
        "excused_on": "date",
        "lesson_no": "tinyint",
        "sequence": "int",
    }
    kinds = ", ".join(f"'{name}': '{typed.get(name, 'varchar')}'" for name in columns)
    return f"read_csv('{path}', auto_detect = false, header = true, delim = ',', quote = '\"', columns = {{{kinds}}})"


def taken(home: Home, *datasets: str) -> dict[str, dict[str, float]]:
    """Take in what is new, and return what each dataset cost."""
    warehouse = Warehouse(home)
    return {name: measured(lambda name=name: raw.take_in(warehouse, f"raw.{name}")) for name in datasets}


def _deliver(home: Home, name: str, on: str, rows: str) -> None:
    folder = home.landing / "bench" / name
    folder.mkdir(parents=True)
    with duckdb.connect(config=SETTINGS) as connection:
        connection.execute(f"copy ({rows}) to '{folder}/attendance.parquet' (format parquet, compression zstd)")
    note = {"source": "e-klase", "delivered_on": f"{on}T06:00:00+03:00", "datasets": {"attendance": {"shape": "roll"}}}
    (folder / "delivery.yaml").write_text(yaml.safe_dump(note), encoding="utf-8")


def measure(country: Path, folder: Path) -> dict[str, Any]:
    """Measure floor and intake on a country as delivered, then a new week and a correction on top of it."""
    home = Home(folder / "home", folder / "secrets")
    home.prepare()
    found: dict[str, Any] = {"format": next(country.glob("*/attendance.*")).suffix.removeprefix(".")}
    for dataset in LARGE:
        files = sorted(country.glob(f"*/{dataset}.*"))
        (folder / "floor").mkdir(exist_ok=True)
        found[f"floor {dataset}"] = measured(lambda f=files, d=dataset: floor(f, d, folder / "floor"))
        shutil.rmtree(folder / "floor")
    taken(home, *REFERENCES)
    _land(home, country, [path for path in sorted(country.iterdir()) if not _is_lessons(path)])
    taken(home, *REFERENCES)
    months = [path for path in sorted(country.iterdir()) if _is_lessons(path)]
    _land(home, country, months[:2])
    begun = taken(home, *LARGE)
    found["week on a month"] = _week(home, months[0], "aa-week", 364)
    _land(home, country, months[2:])
    rest = taken(home, *LARGE)
    found |= {name: {what: begun[name][what] + rest[name][what] for what in begun[name]} for name in LARGE}
    found["peak_mb"] = peak_mb()
    found["week on a year"] = _week(home, months[0], "zz-week", 371)
    found["correction"] = _correction(home, sorted(country.glob("*/attendance.*"))[-3])
    found["nothing new"] = taken(home, "attendance")["attendance"]
    with Warehouse(home).connect(read_only=True) as connection:
        counted = connection.execute("select dataset, sum(rows_delivered)::bigint from raw.intake group by dataset")
        found["rows"] = dict(counted.fetchall())
    return found


def _is_lessons(folder: Path) -> bool:
    return any(folder.glob("attendance.*"))


def _land(home: Home, country: Path, folders: list[Path]) -> None:
    for folder in folders:
        shutil.copytree(folder, home.landing / "bench" / folder.name)


def _rows(path: Path) -> str:
    return f"read_parquet('{path}')" if path.suffix == ".parquet" else _csv(path, "attendance")


def _week(home: Home, month: Path, name: str, later: int) -> dict[str, float]:
    """Measure a week of lessons that is new: the month's second week, moved to where nobody has lessons yet."""
    source, week = (
        _rows(next(month.glob("attendance.*"))),
        "lesson_date between date '2025-09-08' and date '2025-09-14'",
    )
    moved = f"select * replace (lesson_date + {later} as lesson_date) from {source} where {week}"
    _deliver(home, name, f"2026-08-{later - 363:02}", moved)
    return taken(home, "attendance")["attendance"]


def _correction(home: Home, month: Path) -> dict[str, float]:
    """Measure a correction of one row in a hundred of a month."""
    few = "hash(person_code, lesson_date, lesson_no) % 100 = 0"
    _deliver(home, "zz-correction", "2026-08-20", f"select * replace ('nc' as code) from {_rows(month)} where {few}")
    return taken(home, "attendance")["attendance"]


def report(found: dict[str, Any]) -> list[str]:
    """Write what was measured as lines of text, ratios last."""
    told = {name: cost for name, cost in found.items() if isinstance(cost, dict) and "cpu" in cost}
    lines = [f"Intake of {found['format']}: rows {found['rows']}, peak {found['peak_mb']} MB"]
    lines += [f"  {name:20} {cost['seconds']:8.2f} s {cost['cpu']:8.2f} CPU s" for name, cost in told.items()]
    lines += [f"  intake of {n} / bare DuckDB: {told[n]['cpu'] / told[f'floor {n}']['cpu']:.2f}" for n in LARGE]
    whole = told["attendance"]["cpu"]
    lines += [f"  full intake / {n}: {whole / told[n]['cpu']:.1f}" for n in ("week on a year", "correction")]
    grown = told["week on a year"]["cpu"] / told["week on a month"]["cpu"]
    return [*lines, f"  a week on top of a year / on top of a month: {grown:.2f}"]


def run(country: Path) -> dict[str, Any]:
    """Measure in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="pumpurs-intake-", dir=country.parent) as place:
        return measure(country, Path(place))


if __name__ == "__main__":
    print("\n".join(report(run(Path(sys.argv[1])))))
