"""The Open University's tables of a small course, so that a test says only what matters to it."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import polars as pl

from models.public_format.imported import Imported
from models.public_format.oulad_source import LOG_ROWS, SOURCES

DAY_0 = date(2013, 10, 1)
KEEPER = 99  # passes, and clicks on every day that the log covers
AT = {"code_module": "AAA", "code_presentation": "2013J"}
PERSON = AT | {
    "gender": "F",
    "region": "Wales",
    "final_result": "Pass",
    "date_registration": -9,
    "date_unregistration": None,
}

Row = dict[str, Any]


def day(number: int) -> date:
    return DAY_0 + timedelta(days=number)


def table(name: str, rows: Iterable[Row]) -> pl.DataFrame:
    source = SOURCES[name]
    kinds = dict.fromkeys(source.text, pl.String) | dict.fromkeys(source.whole, pl.Int64)
    schema = kinds | dict.fromkeys(source.number, pl.Float64)
    return pl.DataFrame([[row[column] for column in schema] for row in rows], schema=schema, orient="row")


def _results(results: Iterable[tuple[int, int, int, float | None]], is_banked: int) -> list[Row]:
    names = ("id_assessment", "id_student", "date_submitted", "score")
    return [dict(zip(names, row, strict=True), is_banked=is_banked) for row in results]


def _courses(people: list[Row], length: int) -> list[Row]:
    places = sorted({(who["code_module"], who["code_presentation"]) for who in people})
    return [{"code_module": m, "code_presentation": p, "module_presentation_length": length} for m, p in places]


def world(
    students: list[Row],
    works: Iterable[Row] = (),
    results: Iterable[tuple[int, int, int, float | None]] = (),
    clicks: Iterable[tuple[int, int]] = (),
    log: Iterable[int] = (),
    banked: Iterable[tuple[int, int]] = (),
    length: int = 28,
) -> dict[str, pl.DataFrame]:
    """Lay out AAA 2013J: results are (work, student, day, score), clicks (student, day), banked (work, student)."""
    people = [PERSON | who for who in [{"id_student": KEEPER}, *students]]
    clicked = [*((KEEPER, number) for number in log), *clicks]
    carried = [(work, who, -1, 60.0) for work, who in banked]
    rows = {
        "courses": _courses(people, length),
        "assessments": [AT | {"assessment_type": "TMA", "date": 10} | work for work in works],
        "studentInfo": people,
        "studentRegistration": people,
        "studentAssessment": _results(results, 0) + _results(carried, 1),
        "clicks": [AT | {"id_student": who, "date": number} for who, number in clicked],
    }
    tables = {name: table(name, found) for name, found in rows.items()}
    return tables | {"clicks": tables["clicks"].group_by(pl.all()).len(LOG_ROWS)}


def without_keeper(imported: Imported, dataset: str) -> pl.DataFrame:
    return imported.datasets[dataset].filter(~pl.col("person_code").str.ends_with(f"{KEEPER:07}"))


def rows_of(imported: Imported, dataset: str, *columns: str) -> list[tuple[Any, ...]]:
    return without_keeper(imported, dataset).select(columns).rows()
