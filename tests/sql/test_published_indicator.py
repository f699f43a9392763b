"""The published figures are those that the review lists, and the precision we compute is the one it printed."""

import csv

import duckdb
import pytest

from assets.queries import query_of
from tests.public_data import public_data

# Rounded to three digits, the listed figures leave this much room for a precision made from them.
ROUNDED = 0.011


def listed() -> dict[int, list[str]]:
    """Read the review's list by number: study, year, two grades, indicator, sample, base rate, precision, …"""
    with (public_data("reference") / "bowers110.csv").open(encoding="utf-8", newline="") as file:
        return {int(row[0]): row[1:] for row in list(csv.reader(file))[1:]}


def ours() -> list[tuple]:
    told = "list_no, study_year, grade_measured, grade_left, pupils"
    shares = ", ".join(f"{name}::double" for name in ("base_rate", "sensitivity", "specificity", "precision"))
    query = f"select {told}, {shares}, indicator from ({query_of('risk.published_indicator')}) as p"
    with duckdb.connect() as connection:
        return connection.execute(query).fetchall()


def test_every_figure_is_the_one_listed() -> None:
    review = listed()
    for number, *told, precision, indicator in ours():
        _, year, measured, left, _, sample, base_rate, printed, sensitivity, specificity, _ = review[number]
        shares = [float(share) for share in (base_rate, sensitivity, specificity)]
        assert told == [int(year), measured, left, int(sample), *shares], indicator
        assert precision == pytest.approx(float(printed), abs=ROUNDED), indicator


def test_the_studys_name_is_the_one_listed() -> None:
    review = listed()
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"select list_no, study from ({query_of('risk.published_indicator')}) as p"
        ).fetchall()
    assert all(review[number][0].split()[0] == study.split()[0] for number, study in rows)
