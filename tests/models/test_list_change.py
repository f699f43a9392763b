"""Two lists of the same day: who entered, left, moved, or has other reasons."""

import polars as pl
import pytest

from models.list_change import differences

TEXT = dict.fromkeys(("pupil_key", "school_reg_no", "class_label", "reasons", "reasons_lv", "reasons_en"), pl.String)


def listed(*rows: tuple[str, str, str]) -> pl.DataFrame:
    told = [(key, school, "8a", reasons, f"lv {reasons}", f"en {reasons}") for key, school, reasons in rows]
    return pl.DataFrame(told, schema=TEXT, orient="row")


@pytest.mark.parametrize(
    ("then", "now", "change"),
    [
        ([], [("a", "1", "x")], "entered"),
        ([("a", "1", "x")], [], "left"),
        ([("a", "1", "x")], [("a", "2", "x")], "moved"),
        ([("a", "1", "x")], [("a", "1", "x; y")], "changed"),
    ],
)
def test_a_difference_has_a_name(then: list, now: list, change: str):
    found = differences(listed(*then), listed(*now))
    assert found.select("pupil_key", "change").rows() == [("a", change)]
    assert found["school_reg_no"][0] == (now or then)[0][1]


def test_who_stands_as_before_is_not_told():
    same = listed(("a", "1", "x"), ("b", "1", "y"))
    assert differences(same, same).is_empty()
    assert differences(listed(), listed()).is_empty()


def test_a_class_alone_is_no_difference_and_a_count_in_the_words_is_one():
    then, now = listed(("a", "1", "x")), listed(("a", "1", "x"))
    assert differences(then, now.with_columns(class_label=pl.lit("8b"))).is_empty()
    assert differences(then, now.with_columns(reasons_lv=pl.lit("lv 12"))).height == 1


def test_differences_stand_by_school_then_kind_then_pupil():
    found = differences(listed(("d", "2", "x"), ("a", "1", "x")), listed(("c", "1", "x"), ("b", "1", "x")))
    assert found["pupil_key"].to_list() == ["b", "c", "a", "d"]
