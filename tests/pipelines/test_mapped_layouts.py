"""Any table of absences says the same long, wide by lesson and wide by day."""

import csv
from pathlib import Path

import polars as pl
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.importing.mapped import import_mapped
from tests.assets.kit import SCHOOL, code_of

DAY = "2024-09-10T08:00:00+03:00"


absences = st.lists(
    st.tuples(st.integers(1, 4), st.integers(1, 28), st.integers(1, 8), st.sampled_from(["n", "ns", "X", "v s"])),
    unique_by=lambda row: row[:3], max_size=25,
)  # fmt: skip


def _write(path: Path, header: list[str], rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([header, *rows])


def _long(folder: Path, table: dict[tuple[int, int, int], str]) -> None:
    rows = [[code_of(p), f"{day:02d}.10.2024", str(no), code] for (p, day, no), code in table.items()]
    _write(folder / "long.csv", ["PK", "Datums", "Stunda", "Kods"], rows)


def _by_lesson(folder: Path, table: dict[tuple[int, int, int], str]) -> None:
    days = sorted({key[:2] for key in table})
    rows = [[code_of(p), f"{d:02d}.10.2024", *(table.get((p, d, no), "") for no in range(1, 9))] for p, d in days]
    _write(folder / "by_lesson.csv", ["PK", "Datums", *(f"{no}. st." for no in range(1, 9))], rows)


def _by_day(folder: Path, table: dict[tuple[int, int, int], str]) -> None:
    keys, days = sorted({(p, no) for p, _, no in table}), sorted({day for _, day, _ in table} | {1})
    rows = [[code_of(p), str(no), *(table.get((p, d, no), "") for d in days)] for p, no in keys]
    _write(folder / "by_day.csv", ["PK", "Stunda", *(f"{d:02d}.10.2024" for d in days)], rows)


_LAYOUTS = {
    "long": {"columns": {"lesson_date": "Datums", "lesson_no": "Stunda", "code": "Kods"}},
    "by_lesson": {
        "columns": {"lesson_date": "Datums"},
        "wide": {
            "columns": {f"{no}. st.": str(no) for no in range(1, 9)}, "name_is": "lesson_no", "cell_is": "code",
        },
    },
    "by_day": {
        "columns": {"lesson_no": "Stunda"},
        "wide": {"columns": "dates", "name_is": "lesson_date", "cell_is": "code"},
    },
}  # fmt: skip


@settings(derandomize=True, max_examples=25, deadline=None)
@given(rows=absences)
def test_any_table_of_absences_says_the_same_long_and_wide(tmp_path_factory: pytest.TempPathFactory, rows: list):
    folder = tmp_path_factory.mktemp("layouts")
    table = {(p, day, no): code for p, day, no, code in rows}
    expected = sorted((code_of(p), SCHOOL, f"2024-10-{day:02d}", str(no), code) for (p, day, no), code in table.items())
    for name, write in {"long": _long, "by_lesson": _by_lesson, "by_day": _by_day}.items():
        write(folder, table)
        layout = _LAYOUTS[name]
        columns = {"person_code": "PK", "school_reg_no": {"always": SCHOOL}} | layout["columns"]
        attendance = {"files": f"{name}.csv", "shape": "exceptions", "dates": "dd.mm.yyyy"} | layout
        document = {
            "source": "e-klase",
            "delivered_on": DAY,
            "datasets": {"attendance": attendance | {"columns": columns}},
        }
        (folder / "map.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
        report = import_mapped(folder, folder / f"out/{name}", folder / "map.yaml")
        assert sorted(pl.read_parquet(folder / f"out/{name}/attendance.parquet").rows()) == expected
        assert report.rows_written == {"attendance": len(expected)}
