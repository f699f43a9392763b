"""Classes joined to spells of belonging: held against a plain loop over days."""

from datetime import date, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from models.public_format.oneroster_belonging import _joined_spells

START, CLASS_END = date(2025, 9, 1), date(2026, 5, 30)
SCHEMA = {
    "sourcedId": pl.String, "status": pl.String, "person_code": pl.String, "school_reg_no": pl.String,
    "begin": pl.Date, "told_end": pl.Date, "class_end": pl.Date, "is_current": pl.Boolean, "gone_on": pl.Date,
    "classType": pl.String, "class_title": pl.String, "grade": pl.Int64,
}  # fmt: skip
enrolled = st.tuples(st.sampled_from("abc"), st.sampled_from("xy"), st.integers(0, 60), st.none() | st.integers(0, 60))


def naive(rows: list[tuple[str, str, int, int | None]]) -> set[tuple[str, str, int, int | None]]:
    """Join touching spells one by one."""
    joined = set()
    for key in {row[:2] for row in rows}:
        spells: list[list[float]] = []
        for begin, length in sorted((r[2], float("inf") if r[3] is None else r[3]) for r in rows if r[:2] == key):
            if spells and begin <= spells[-1][1]:
                spells[-1][1] = max(spells[-1][1], begin + length)
            else:
                spells.append([begin, begin + length])
        joined |= {(*key, int(first), None if last == float("inf") else int(last)) for first, last in spells}
    return joined


@settings(derandomize=True, deadline=None, max_examples=150)
@given(rows=st.lists(enrolled, min_size=1, max_size=14))
def test_spells_that_touch_are_one_and_the_others_are_apart(rows: list[tuple[str, str, int, int | None]]):
    frame = pl.DataFrame(
        [
            (str(n), "active", pupil, school, START + timedelta(begin),
             None if length is None else START + timedelta(begin + length), CLASS_END, True, None, "scheduled", "t", 8)
            for n, (pupil, school, begin, length) in enumerate(rows)
        ],
        SCHEMA, orient="row",
    )  # fmt: skip
    found = _joined_spells(frame).select("person_code", "school_reg_no", "entry_date", "exit_date").rows()
    days = {(p, s, (first - START).days, last and (last - START).days) for p, s, first, last in found}
    assert days == naive(rows)
    assert len(found) == len(days)


def test_the_end_of_the_terms_is_no_leaving_but_of_an_earlier_year_it_is():
    def row(n: str, begin: date, end: date, is_current: bool) -> tuple:
        return (n, "active", "a", "x", begin, end, end, is_current, None, "homeroom", f"class {n}", 8)

    years = [
        row("1", date(2024, 9, 2), date(2025, 5, 30), is_current=False), row("2", START, CLASS_END, is_current=True)
    ]  # fmt: skip
    found = _joined_spells(pl.DataFrame(years, SCHEMA, orient="row"))
    assert found.select("entry_date", "exit_date", "grade", "class_label").rows() == [
        (date(2024, 9, 2), date(2025, 5, 30), None, "class 1"), (START, None, 8, "class 2"),
    ]  # fmt: skip
