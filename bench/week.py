"""What one new week costs on top of all that was delivered before: `python -m bench.week PUPILS SCHOOL_YEARS`."""

import json
import shutil
import sys
import tempfile
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import yaml

from bench.command import PUMPURS, run

# The week before is a week of school, and its month is delivered after it ended: the week is taken out of the month.
STANDS_ON = date(2026, 5, 25)
WEEK = timedelta(days=7)
DAYS = {"attendance": "lesson_date", "mark": "mark_date"}


@dataclass(frozen=True)
class Split:
    """A country's deliveries in two: what had come a week before the day, and the week since."""

    before: Path
    week: Path


def _told(folder: Path) -> dict[str, Any]:
    return yaml.safe_load((folder / "delivery.yaml").read_text(encoding="utf-8"))


def _delivered_on(folder: Path) -> date:
    return date.fromisoformat(_told(folder)["delivered_on"][:10])


def _holds_week(folder: Path, monday: date) -> bool:
    """Tell whether a delivery tells of the whole week, attendance and marks."""
    told = _told(folder).get("datasets", {})
    spans = [(str(told.get(name, {}).get("from", "9")), str(told.get(name, {}).get("to", ""))) for name in DAYS]
    return all(first <= str(monday) and last >= str(STANDS_ON - timedelta(days=3)) for first, last in spans)


def _part(month: Path, target: Path, first: date, last: date) -> None:
    """Deliver some days of a month, on the evening of the last of them."""
    target.mkdir(parents=True)
    with duckdb.connect(config={"threads": 2, "memory_limit": "2GB"}) as connection:
        for dataset, day in DAYS.items():
            rows = f"select * from '{month}/{dataset}.parquet' where {day} between date '{first}' and date '{last}'"
            connection.execute(f"copy ({rows}) to '{target}/{dataset}.parquet' (format parquet, compression zstd)")
    note = _told(month) | {"delivered_on": f"{last}T18:00:00+03:00"}
    (target / "delivery.yaml").write_text(yaml.safe_dump(note, allow_unicode=True), encoding="utf-8")


def split(country: Path, folder: Path) -> Split:
    """Move a country's deliveries to where they came before the week, and cut the week out of its month."""
    halves = Split(folder / "before", folder / "week")
    monday = STANDS_ON - WEEK
    halves.before.mkdir(parents=True)
    later = []
    for delivered in sorted(country.iterdir()):
        if _delivered_on(delivered) < monday:
            shutil.move(delivered, halves.before / delivered.name)
        else:
            later.append(delivered)
    month = next(delivered for delivered in later if _holds_week(delivered, monday))
    _part(month, halves.before / "begun-month", monday.replace(day=1), monday - timedelta(days=1))
    _part(month, halves.week / "new-week", monday, STANDS_ON - timedelta(days=1))
    return halves


def measure(pupils: int, school_years: int, folder: Path) -> dict[str, Any]:
    """Run all that came before the week, then the week; return both reports with what the processes took."""
    home, country = folder / "home", folder / "country"
    env = {"PUMPURS_HOME": str(home), "PUMPURS_SECRETS": str(folder / "secrets")}
    size = ("--pupils", str(pupils), "--school-years", str(school_years), "--seed", "7")
    run(str(PUMPURS), "synth", str(country), *size, env=env)
    halves = split(country, folder / "halves")
    shutil.rmtree(country)
    home.mkdir(exist_ok=True)
    found: dict[str, Any] = {"pupils": pupils, "school_years": school_years}
    for name, half, as_of in (("first", halves.before, STANDS_ON - WEEK), ("week", halves.week, STANDS_ON)):
        shutil.copytree(half, home / "landing" / "bench", dirs_exist_ok=True)
        ran = run(str(PUMPURS), "run", "--as-of", str(as_of), "--json", env=env)
        told = json.loads(ran.output)
        found[name] = ran._asdict() | {"output": None, "stages": told["stages"], "rows": told["rows"]}
        found[name]["peak_mb"] = max(stage["peak_mb"] for stage in told["stages"])
    return found


def report(found: dict[str, Any]) -> list[str]:
    """Write both runs as lines of text, the week's longest stages last."""
    size = f"{found['pupils']:,} pupils, {found['school_years']} school years"
    lines = []
    for name in ("first", "week"):
        ran = found[name]
        about = f"{ran['seconds']:8.1f} s {ran['cpu_seconds']:8.1f} CPU s {ran['peak_mb']:6} MB"
        lines.append(f"{size}, {name:5} {about} {ran['rows']['rows_delivered']:13,} rows delivered")
    longest = sorted(found["week"]["stages"], key=lambda stage: -stage["seconds"])[:15]
    lines += [f"  {stage['name']:38} {stage['seconds']:7.2f} s {stage['peak_mb']:6} MB" for stage in longest]
    return lines


def main() -> None:
    """Measure one country in a folder that is gone afterwards, and print it."""
    pupils, school_years = (int(word) for word in sys.argv[1:3])
    with tempfile.TemporaryDirectory(prefix="pumpurs-week-") as place:
        print("\n".join(report(measure(pupils, school_years, Path(place)))))


if __name__ == "__main__":
    main()
