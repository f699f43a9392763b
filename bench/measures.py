"""What measures cost from raw rows: beside the leanest script for the same task, and in the shapes that others publish.

The yardstick (generator, script, judge) lies in shared/bench beside or above the repository; without it only the
shapes are measured.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import duckdb

from bench.command import ROOT, run

PUPILS = (10_000, 24_000)
# Entities, events, as-of days, and how many seconds are good.
SHAPES = ((100_000, 3_000_000, 12, 3.0), (20_000, 600_000, 40, 2.0))


def yardstick() -> Path | None:
    """Return the folder of the yardstick, or None."""
    return next((above / "shared/bench" for above in ROOT.parents if (above / "shared/bench").is_dir()), None)


def events(folder: Path, entities: int, count: int) -> None:
    """Write events in the yardstick's layout: five lessons to a mark, spread over pupils and days by chance."""
    for name in ("attendance", "marks"):
        (folder / name).mkdir(parents=True)
    pupil = f"'P' || lpad((hash(i, 3) % {entities})::varchar, 7, '0') as pupil_id"
    day = "date '2024-09-02' + (hash(i, 1) % 270)::integer + case when hash(i, 2) % 2 = 0 then 364 else 0 end"
    tables = {
        f"attendance/0 {count * 5 // 6}": f"{pupil}, {day} as lesson_date, (1 + hash(i, 4) % 7)::tinyint as lesson_no,"
        " case hash(i, 6) % 20 when 0 then 'n' when 1 then 'ns' when 2 then 'nc' when 3 then 'k' else '' end as mark",
        f"marks/0 {count // 6}": f"{pupil}, {day} as mark_date, (hash(i, 5) % 12)::integer as subject_id,"
        " (1 + hash(i, 6) % 10)::integer as value",
        f"enrolment {entities}": "'P' || lpad(i::varchar, 7, '0') as pupil_id, 1 as school_id,"
        " (5 + i % 8)::integer as grade, 'M' as sex, date '2010-01-01' as birth_date,"
        " date '2024-09-02' as entry_date, null::date as exit_date, null::varchar as exit_reason",
    }
    with duckdb.connect(config={"threads": 2}) as connection:
        for named, columns in tables.items():
            name, rows = named.split()
            connection.execute(f"copy (select {columns} from range({rows}) as row (i)) to '{folder}/{name}.parquet'")


def _result(out: Path) -> dict[str, Any]:
    return json.loads((out / "result.json").read_text(encoding="utf-8"))


def _ours(data: Path, out: Path, *more: str) -> dict[str, Any]:
    run(sys.executable, "-m", "bench.yardstick", str(data), str(out), "--features-only", *more)
    return _result(out)


def beside_floor(tool: Path, pupils: int, folder: Path) -> list[str]:
    """Run the script and the product on one country; stop if their measures are not equal."""
    data, floor, ours, checked = (folder / name for name in ("data", "floor", "ours", "checked"))
    python = {"PYTHONPATH": str(tool)}
    run(sys.executable, str(tool / "gen.py"), str(pupils), str(data), env=python)
    run(sys.executable, str(tool / "floor_duckdb.py"), str(data), str(floor), "--features-only", env=python)
    lean, made, judged = _result(floor), _ours(data, ours), _ours(data, checked, "--checks")
    features = [str(place / "features.parquet") for place in (floor, ours)]
    run(sys.executable, str(tool / "check_same.py"), *features, env=python)
    least, whole = lean["stages"]["features"], made["stages"]["features"]
    after_core = sum(
        cost for name, cost in made["laps"].items() if name.startswith("risk.") or name == "write_features"
    )
    with_checks = judged["stages"]["features"] + judged["stages"]["checks"]
    return [
        f"  {pupils:7,} pupils: script {least:6.1f} s, ours {whole:6.1f} s ({whole / least:.2f} x),"
        f" with contract checks {with_checks / least:.2f} x, from core tables {after_core / least:.2f} x,"
        f" peak {made['peak_rss_mb']} MB"
    ]


def shaped(entities: int, count: int, days: int, goal: float, folder: Path) -> str:
    """Measure one shape that others publish: seconds from raw rows to all measures."""
    events(folder / "data", entities, count)
    made = _ours(folder / "data", folder / "out", "--days", str(days))
    seconds = made["stages"]["features"] - made["laps"]["write_features"]
    about = f"{entities:7,} entities, {count:9,} events, {days} as-of days, {made['rows']:9,} rows"
    return f"  {about}: {seconds:5.2f} s ({seconds / goal:.2f} x the goal of {goal:g} s)"


def measure(folder: Path, sizes: tuple[int, ...] = PUPILS) -> list[str]:
    """Measure all, each in a folder that is gone afterwards, and return lines of text."""
    lines, tool = [], yardstick()
    for number, shape in enumerate(SHAPES):
        lines.append(shaped(*shape, folder / f"shape-{number}"))
        shutil.rmtree(folder / f"shape-{number}")
    for pupils in sizes if tool else ():
        lines += beside_floor(tool, pupils, folder / "yardstick")
        shutil.rmtree(folder / "yardstick")
    return lines if tool else [*lines, "  no yardstick: shared/bench is not beside or above the repository"]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="pumpurs-measures-") as place:
        print("\n".join(measure(Path(place), tuple(int(word) for word in sys.argv[1:]) or PUPILS)))
