"""What DuckDB itself needs for the same bytes: read, write anew, count by pupil and day. Nothing is checked."""

import sys
import time
from pathlib import Path

import duckdb


def measure(country: Path, out: Path) -> dict[str, float]:
    """Return wall seconds of copying all attendance and mark files, and of the pupil-day aggregation."""
    seconds: dict[str, float] = {}
    with duckdb.connect(
        config={"threads": 2, "memory_limit": "2GB", "temp_directory": str(out / "spill")}
    ) as connection:
        for dataset in ("attendance", "mark"):
            begun = time.perf_counter()
            for number, path in enumerate(sorted(country.glob(f"*/{dataset}.parquet"))):
                target = out / f"{dataset}-{number}.parquet"
                connection.execute(
                    f"copy (select * from read_parquet('{path}')) to '{target}'"
                    " (format parquet, compression zstd, compression_level 1)"
                )
            seconds[f"copy {dataset}"] = time.perf_counter() - begun
        begun = time.perf_counter()
        connection.execute(
            "create table pupil_day as select person_code, school_reg_no, lesson_date, count(*) as lessons,"
            " count_if(code in ('n', 'ns', 'nc')) as missed"
            f" from read_parquet('{out}/attendance-*.parquet') group by person_code, school_reg_no, lesson_date"
        )
        seconds["pupil-day"] = time.perf_counter() - begun
    return {name: round(value, 2) for name, value in seconds.items()}


if __name__ == "__main__":
    import json

    print(json.dumps(measure(Path(sys.argv[1]), Path(sys.argv[2]))))
