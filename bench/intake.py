"""What taking deliveries in costs, beside what DuckDB alone needs to read, check for duplicate keys and write."""

import json
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


def _deliver(home: Home, name: str, on: str, rows: str, shape: str) -> None:
    folder = home.landing / "bench" / name
    folder.mkdir(parents=True)
    with duckdb.connect(config=SETTINGS) as connection:
        connection.execute(f"copy ({rows}) to '{folder}/attendance.parquet' (format parquet, compression zstd)")
    note = {"source": "e-klase", "delivered_on": f"{on}T06:00:00+02:00", "datasets": {"attendance": {"shape": shape}}}
    (folder / "delivery.yaml").write_text(yaml.safe_dump(note), encoding="utf-8")


def measure(country: Path, folder: Path) -> dict[str, Any]:
    """Measure floor and intake on a country as delivered, then a new week and a correction on top of it."""
    home = Home(folder / "home", folder / "secrets")
    home.prepare()
    found: dict[str, Any] = {}
    for dataset in LARGE:
        files = sorted(p for p in country.glob(f"*/{dataset}.*") if p.suffix in (".parquet", ".csv"))
        (folder / "floor").mkdir(exist_ok=True)
        found[f"floor {dataset}"] = measured(lambda f=files, d=dataset: floor(f, d, folder / "floor"))
        shutil.rmtree(folder / "floor")
    shutil.copytree(country, home.landing / "bench")
    last = sorted(country.glob("*/attendance.parquet"))[-1]
    taken(home, *REFERENCES)
    found |= taken(home, *LARGE)
    found["peak_mb"] = peak_mb()
    found |= _on_top(home, last)
    with Warehouse(home).connect(read_only=True) as connection:
        counted = connection.execute("select dataset, sum(rows_delivered)::bigint from raw.intake group by all")
        found["rows"] = dict(counted.fetchall())
    return found


def _on_top(home: Home, last: Path) -> dict[str, Any]:
    """Measure a week that is new, a correction of one row in a hundred of a month, and a run with nothing new."""
    big = sorted(home.landing.glob("bench/*eklase-202?-??/attendance.parquet"))[-2]
    week = "lesson_date between date '2026-05-11' and date '2026-05-17'"
    moved = f"select * replace (lesson_date + 70 as lesson_date) from read_parquet('{big}') where {week}"
    _deliver(home, "zz-week", "2026-08-01", moved, "roll")
    found = {"week": taken(home, "attendance")["attendance"]}
    changed = (
        f"select * replace ('nc' as code) from read_parquet('{big}') where hash(person_code, lesson_date) % 100 = 0"
    )
    _deliver(home, "zz-correction", "2026-08-02", changed, "roll")
    found["correction"] = taken(home, "attendance")["attendance"]
    found["nothing new"] = taken(home, "attendance")["attendance"]
    return found


def report(found: dict[str, Any]) -> str:
    """Write what was measured as text, ratios last."""
    lines = [
        f"  {name:20} {told['seconds']:8.2f} s {told['cpu']:8.2f} CPU s"
        for name, told in found.items()
        if "cpu" in str(told)
    ]
    lines.append(f"  rows {found['rows']}, peak {found['peak_mb']} MB")
    lines += [f"  intake of {n} / bare DuckDB: {found[n]['cpu'] / found[f'floor {n}']['cpu']:.2f}" for n in LARGE]
    whole = found["attendance"]["cpu"]
    lines += [f"  full intake / {name}: {whole / found[name]['cpu']:.1f}" for name in ("week", "correction")]
    return "\n".join(lines)


if __name__ == "__main__":
    place = Path(tempfile.mkdtemp(prefix="pumpurs-intake-", dir=sys.argv[2] if len(sys.argv) > 2 else None))
    try:
        print(report(json.loads(json.dumps(measure(Path(sys.argv[1]), place)))))
    finally:
        print(place) if os.environ.get("KEEP") else shutil.rmtree(place, ignore_errors=True)
