"""`make bench`: a synthetic country through the whole run, beside what DuckDB alone needs for the same files."""

import json
import os
import platform
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench import growth, measures
from bench.command import PUMPURS, run

PUPILS = int(os.environ.get("PUMPURS_BENCH_PUPILS", "24000"))
SCHOOL_YEARS = 2
STANDS_ON = "2026-05-25"
OUT = Path(__file__).parent / "out"


def machine() -> str:
    """Describe the machine in one line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**30
    load = os.getloadavg()[0]
    kind = f"{platform.machine()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores, {memory} GiB, {kind}, load {load:.1f}"


def measure(folder: Path) -> dict[str, Any]:
    """Measure generator, floor, run and a second run on one country."""
    home, country, floor_out = folder / "home", folder / "home" / "landing" / "bench", folder / "floor"
    env = {"PUMPURS_HOME": str(home), "PUMPURS_SECRETS": str(folder / "secrets")}
    floor_out.mkdir()
    size = ("--pupils", str(PUPILS), "--school-years", str(SCHOOL_YEARS), "--seed", "7")
    synth = run(str(PUMPURS), "synth", str(country), *size, env=env)
    floor = run(sys.executable, "-m", "bench.floor", str(country), str(floor_out))
    first = run(str(PUMPURS), "run", "--as-of", STANDS_ON, "--json", env=env)
    second = run(str(PUMPURS), "run", "--as-of", STANDS_ON, "--json", env=env)
    help_text = run(str(PUMPURS), "--help")
    pages = run(sys.executable, "-m", "bench.site", str(home)).output
    shutil.rmtree(home)
    return {
        "machine": machine(),
        "pupils": PUPILS,
        "synth": synth._asdict() | {"output": None},
        # The run resets the kernel's mark at every stage, so its peak is that of its hungriest stage.
        "run": first._asdict()
        | {"output": None, "peak_mb": max(s["peak_mb"] for s in json.loads(first.output)["stages"])},
        "nothing_new": second._asdict() | {"output": None},
        "help": help_text._asdict() | {"output": None},
        "floor": json.loads(floor.output),
        "stages": json.loads(first.output)["stages"],
        "rows": json.loads(first.output)["rows"],
        "intake": [intake(folder, "parquet", PUPILS), intake(folder, "csv", PUPILS // 4)],
        "door": run(sys.executable, "-m", "bench.door").output,
        "site": pages,
        "measures": measures.measure(folder),
        "disclosure": run(sys.executable, "-m", "bench.disclosure", "--all").output,
    }


def intake(folder: Path, file_format: str, pupils: int) -> str:
    """Measure taking one school year in, beside bare DuckDB on the same files."""
    country = folder / file_format
    size = ("--pupils", str(pupils), "--school-years", "1", "--seed", "7", "--format", file_format)
    run(str(PUMPURS), "synth", str(country), *size, env={"PUMPURS_SECRETS": str(folder / "secrets")})
    output = run(sys.executable, "-m", "bench.intake", str(country)).output
    shutil.rmtree(country)
    return output


def ratios(found: dict[str, Any]) -> dict[str, float]:
    """Return our seconds over those of DuckDB alone, for the stages that have a floor."""
    stages = {s["name"]: s["seconds"] for s in found["stages"]}
    pairs = {
        "intake of attendance / copy": ("raw.attendance", "copy attendance"),
        "intake of marks / copy": ("raw.mark", "copy mark"),
        "pupil-day / bare aggregation": ("core.pupil_day_attendance", "pupil-day"),
    }
    return {name: round(stages[ours] / found["floor"][theirs], 2) for name, (ours, theirs) in pairs.items()}


def report(found: dict[str, Any]) -> str:
    """Write what was measured as text."""
    lines = [f"Machine: {found['machine']}", f"Country: {found['pupils']:,} pupils, {SCHOOL_YEARS} school years"]
    lines.append(f"Rows delivered: {found['rows']['rows_delivered']:,}")
    for name in ("synth", "run", "nothing_new", "help"):
        ran = found[name]
        lines.append(f"{name:12} {ran['seconds']:7.1f} s  {ran['cpu_seconds']:7.1f} CPU s  {ran['peak_mb']:6} MB")
    lines.append("Stages over half a second:")
    for stage in found["stages"]:
        if stage["seconds"] >= 0.5:
            about = f"{stage['seconds']:7.2f} s {stage['cpu_seconds']:7.2f} CPU s {stage['peak_mb']:6} MB"
            lines.append(f"  {stage['name']:38} {about} {stage['rows'] or 0:12,} rows")
    lines.append("Ratios to DuckDB alone, same run, same machine:")
    lines += [f"  {name:38} {value:.2f}" for name, value in found["ratios"].items()]
    lines += [line for told in found["intake"] for line in told.splitlines()]
    lines += ["Measures from raw rows, wall seconds:", *found["measures"]]
    lines += ["Growth with pupils and history:", *found["growth"]]
    lines += ["Protecting one month of a country:", *found["disclosure"].splitlines()]
    lines += found["site"].splitlines()
    lines += ["Front door beside DuckDB's CSV reader, CPU seconds:", *found["door"].splitlines()]
    return "\n".join(lines)


def main() -> None:
    """Measure, print, and keep the numbers beside the code."""
    OUT.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="pumpurs-bench-"))
    try:
        found = measure(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    found["ratios"] = ratios(found)
    grown = growth.points(growth.measure())
    growth.draw(grown)
    found["growth"] = growth.report(grown)
    (OUT / "latest.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
    print(report(found))


if __name__ == "__main__":
    main()
