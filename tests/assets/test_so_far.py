"""Which count of a month contains which count of the month before."""

import polars as pl

from assets.so_far import MONTH, TERM, YEAR, lasting
from tests.assets.kit import Country

MONTHS = [
    ("2025-11", "2025/2026", 1, 2, 1),
    ("2025-12", "2025/2026", 1, 3, 1),
    ("2026-01", "2025/2026", 2, 1, 2),
    ("2026-02", "2025/2026", 2, 2, 2),
    ("2026-09", "2026/2027", 1, 1, 1),
    ("2026-10", "2026/2027", 1, 2, 1),
]


def test_a_term_and_a_year_contain_what_was_told_of_them_the_month_before(country: Country):
    frame = pl.DataFrame(MONTHS, ["month", "school_year", "semester", "month_of_term", "term_of_year"], orient="row")
    with country.warehouse.connect() as connection:
        connection.execute("create schema if not exists risk")
        connection.register("months", frame.to_arrow())
        connection.execute("create table risk.group_month_so_far as from months")
    assert lasting(country.warehouse) == {
        TERM: {"2025-12": ("2025-11", TERM), "2026-02": ("2026-01", MONTH), "2026-10": ("2026-09", MONTH)},
        YEAR: {"2026-01": ("2025-12", TERM), "2026-02": ("2026-01", YEAR)},
    }
