from datetime import date

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from models.public_format.lesson_slot import LESSON, natural, numbered

SCHEMA = {
    "student_id": pl.String, "school_id": pl.String, "date": pl.Date, "section_id": pl.String, "period": pl.String,
    "arrival": pl.Int64,
}  # fmt: skip
DAY = date(2020, 5, 28)


def lessons(*rows: tuple[str, str | None, str | None, int]) -> pl.DataFrame:
    """Lay out (student, section, period, arrival) on one day of one school."""
    return pl.DataFrame(
        [(who, "s", DAY, section, period, day) for who, section, period, day in rows], SCHEMA, orient="row"
    )


def numbers(frame: pl.DataFrame) -> dict[tuple[str, str | None, str | None], int | None]:
    found = numbered(frame).select("student_id", "section_id", "period", "lesson_no")
    return {(who, section, period): number for who, section, period, number in found.iter_rows()}


def test_periods_that_tell_lessons_apart_are_their_numbers():
    found = numbers(lessons(("a", "math", "3", 0), ("a", "art", "1", 0), ("b", "math", "3", 0), ("a", "math", "3", 0)))
    assert found == {("a", "math", "3"): 3, ("a", "art", "1"): 1, ("b", "math", "3"): 3}


def test_where_periods_do_not_tell_them_apart_every_section_of_the_school_has_a_number():
    found = numbers(lessons(("a", "sec10", "1", 0), ("a", "sec2", "1", 0), ("b", "sec10", "1", 0)))
    assert found == {("a", "sec2", "1"): 0, ("a", "sec10", "1"): 1, ("b", "sec10", "1"): 1}


def test_a_period_that_is_no_number_of_a_lesson_decides_nothing():
    for period in ("homeroom", "15", None):
        assert set(numbers(lessons(("a", "x", period, 0), ("a", "y", "2", 0))).values()) == {0, 1}


def test_a_lesson_that_comes_later_takes_no_number_that_is_taken():
    first = [("a", "math", "1", 0), ("a", "art", "2", 0)]
    later = [("a", "chess", "1", 1), ("a", "zoo", "1", 1)]
    found = numbers(lessons(*first, *later))
    assert found == {("a", "math", "1"): 1, ("a", "art", "2"): 2, ("a", "chess", "1"): 3, ("a", "zoo", "1"): 4}


def test_of_more_than_fifteen_lessons_the_last_have_no_number():
    found = numbers(lessons(*(("a", f"sec{n}", "1", 0) for n in range(17))))
    assert sorted(n for n in found.values() if n is not None) == list(range(15))
    assert {key[1] for key, n in found.items() if n is None} == {"sec15", "sec16"}


def test_numbers_in_names_are_sorted_as_numbers():
    assert sorted(["day10", "day2", "2020-01-02", "2020-01-01", "b", ""], key=natural) == [
        "", "2020-01-01", "2020-01-02", "b", "day2", "day10",
    ]  # fmt: skip


ROW = st.tuples(st.sampled_from("ab"), st.sampled_from(["x", "y", "z", None]), st.sampled_from(["1", "2", "q", None]))


@given(st.lists(ROW, min_size=1, max_size=20), st.lists(ROW, max_size=20))
@settings(derandomize=True, deadline=None, max_examples=60)
def test_numbers_are_unique_in_a_day_and_stay_when_more_arrives(first: list[tuple], later: list[tuple]):
    alone = numbers(lessons(*((*row, 0) for row in first)))
    together = numbers(lessons(*((*row, 0) for row in first), *((*row, 1) for row in later)))
    assert {key: together[key] for key in alone} == alone
    assert set(together) == {tuple(row) for row in [*first, *later]}
    for student in "ab":
        given = [number for key, number in together.items() if key[0] == student and number is not None]
        assert len(given) == len(set(given))
        assert set(given) <= set(range(15))


def test_the_order_of_rows_does_not_matter():
    rows = [("a", f"sec{n}", "1", n % 2) for n in range(12)]
    order = [*LESSON, "lesson_no"]
    one, other = numbered(lessons(*rows)).select(order), numbered(lessons(*reversed(rows))).select(order)
    assert one.sort(LESSON).equals(other.sort(LESSON))
