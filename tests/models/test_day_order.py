from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.public_format.day_order import count_open, decide, read_dates
from models.public_format.imported import ImportRefused


def column(*values: str | None) -> pl.Series:
    return pl.Series("day", values, pl.String)


def test_one_value_tells_the_order_of_its_whole_column():
    told = decide({"a": column("1/9/2019", None, "28/05/2020"), "b": column("1/9/2019", "05/28/2020")})
    assert told == {"a": "dmy", "b": "mdy"}
    assert read_dates("a", column("1/9/2019", None, "28/05/2020"), "dmy").to_list() == [
        date(2019, 9, 1), None, date(2020, 5, 28),
    ]  # fmt: skip
    assert read_dates("b", column("1/9/2019", "05/28/2020"), "mdy").to_list() == [date(2019, 1, 9), date(2020, 5, 28)]


def test_a_column_that_tells_nothing_follows_the_others_of_its_feed():
    assert decide({"lessons": column("28/05/2020"), "births": column("4/2/2004")})["births"] == "dmy"


def test_a_day_equal_to_its_month_and_a_date_by_year_need_no_order():
    values = column("4/4/2004", "2004-02-04", "2004-02-04T00:00:00")
    assert count_open(values) == 0
    order = decide({"births": values})["births"]
    assert read_dates("births", values, order).to_list() == [date(2004, 4, 4), date(2004, 2, 4), date(2004, 2, 4)]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (
            {"t.csv, day": column("4/2/2004", "4/4/2004")},
            r"^t\.csv, day: 1 dates can be read day first .* --date-order",
        ),
        (
            {"t.csv, day": column("28/05/2020", "05/28/2020", "05/29/2020")},
            r"day: 1 dates can only be day first and 2 ",
        ),
        ({"a": column("28/5/2020"), "b": column("5/28/2020"), "c": column("1/2/2020")}, r"^c: 1 dates can be read"),
    ],
)
def test_what_no_column_decides_is_asked_for(columns: dict[str, pl.Series], message: str):
    with pytest.raises(ImportRefused, match=message):
        decide(columns)


def test_a_chosen_order_holds_for_all_and_what_does_not_fit_it_is_counted():
    assert decide({"a": column("4/2/2004")}, "mdy") == {"a": "mdy"}
    with pytest.raises(ImportRefused, match=r"^a: 3 values are no date written as month/day/year or year-month-day; "):
        read_dates("a", column("28/05/2020", "4/2/2004", None, "2020-02-30", "soon"), "mdy")


@given(st.lists(st.dates(date(1930, 1, 1), date(2099, 12, 31)), min_size=1), st.sampled_from(["dmy", "mdy"]))
@settings(derandomize=True, deadline=None)
def test_dates_are_read_as_they_were_written(days: list[date], order: str):
    written = [f"{d.day}/{d.month}/{d.year}" if order == "dmy" else f"{d.month}/{d.day}/{d.year}" for d in days]
    values = column(*written)
    assert read_dates("t", values, decide({"t": values}, order)["t"]).to_list() == days
    if any(d.day > 12 for d in days):
        assert decide({"t": values}) == {"t": order}
