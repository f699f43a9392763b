"""Rows of a flat export as a map says: counted numbers, names of files, codes with and without a meaning."""

import polars as pl
import pytest

from models.public_format.imported import ImportRefused
from models.public_format.mapped import Table, counted, in_file_name, map_table, without_meaning
from models.public_format.mapped_map import Column, Dataset, Layout, Wide

MARK = Dataset(("person_code", "mark_date", "sequence", "mark_text"), frozenset({"mark_date"}), (),
               ("person_code", "mark_date", "sequence"))  # fmt: skip
CODES = pl.DataFrame(
    [
        ("S", "4112900001", "2024-09-01", ""),
        ("A", "*", "2024-09-01", "2024-12-31"),
        ("n", "*", "2000-01-01", ""),
    ],
    ["code", "school_reg_no", "valid_from", "valid_to"],
    orient="row",
)


def table(header: list[str], *rows: tuple[str | None, ...]) -> Table:
    schema = {f"cell_{place}": pl.String for place in range(len(header))}
    return Table("x.csv", header, pl.DataFrame(rows, schema, orient="row"))


def layout(columns: dict[str, Column], wide: Wide | None = None) -> Layout:
    return Layout("mark", "x.csv", columns, wide, (), {})


@pytest.mark.parametrize(
    ("name", "pattern", "value"),
    [
        ("kavejumi_411.csv", "kavejumi_<>.csv", "411"),
        ("a_411_2024.csv", "a_<>_*.csv", "411"),
        ("a.b+c.csv", "a.b+<>.csv", "c"),
        ("2024-09-01 x.xlsx", "<> *", "2024-09-01"),
    ],
)
def test_a_value_stands_in_the_name_of_a_file(name: str, pattern: str, value: str):
    assert in_file_name(name, pattern) == value


@pytest.mark.parametrize(("name", "pattern"), [("axb.csv", "a.<>"), ("kavejumi_.csv", "kavejumi_<>.csv")])
def test_a_file_of_another_name_is_refused(name: str, pattern: str):
    with pytest.raises(ImportRefused, match=r"its name is not of the form .* that the map says; rename the file$"):
        in_file_name(name, pattern)


def test_numbers_are_counted_within_the_rest_of_the_key_in_the_order_of_the_file():
    columns = {"person_code": Column("PK"), "mark_date": Column("D"), "sequence": Column(is_counted=True)}
    said = layout(columns | {"mark_text": Column("M")})
    source = table(["PK", "D", "M"], ("1", "2024-09-02", "7"), ("2", "2024-09-02", "8"), ("1", "2024-09-02", "9"))
    rows = counted(map_table(source, said, MARK).rows, said, MARK)
    assert rows.columns == list(MARK.columns)
    assert rows.rows() == [
        ("1", "2024-09-02", "1", "7"), ("2", "2024-09-02", "1", "8"), ("1", "2024-09-02", "2", "9"),
    ]  # fmt: skip


def test_headers_are_found_whatever_their_case_and_spaces():
    said = layout({"person_code": Column("personas  KODS"), "mark_text": Column("Atzīme")})
    found = map_table(table(["ATZĪME", "Personas kods"], ("7", "1")), said, MARK)
    assert found.rows.rows() == [("1", "7")]


def test_a_cell_of_several_values_keeps_their_order_and_an_empty_one_is_counted():
    said = layout({"person_code": Column("PK")}, Wide({"a": "2024-09-02", "b": "2024-09-03"}, "mark_date", "mark_text",
                                                      several=","))  # fmt: skip
    found = map_table(table(["PK", "b", "a"], ("1", "5", " 7 ,, 8"), ("2", None, " ")), said, MARK)
    assert found.rows.rows() == [("1", "2024-09-02", "7"), ("1", "2024-09-02", "8"), ("1", "2024-09-03", "5")]
    assert (found.used, found.cells, found.empty_cells) == (2, 4, 2)


@pytest.mark.parametrize(
    ("code", "school", "day", "waits"),
    [
        ("S", "4112900001", "2024-09-02", 0),
        ("S", "4112900002", "2024-09-02", 1),
        ("S", "4112900001", "2024-08-31", 1),
        ("A", "4112900002", "2024-12-31", 0),
        ("A", "4112900002", "2025-01-01", 1),
        ("n", "4112900002", "2025-01-01", 0),
        ("N", "4112900002", "2025-01-01", 1),
        (None, "4112900002", "2025-01-01", 0),
    ],
)
def test_a_code_has_a_meaning_for_its_school_and_day_or_waits(code: str | None, school: str, day: str, waits: int):
    rows = pl.DataFrame(
        {"school_reg_no": [school], "lesson_date": [day], "code": [code]}, schema_overrides={"code": pl.String}
    )
    assert without_meaning(rows, "attendance", CODES) == waits


def test_a_status_without_a_day_may_have_any_meaning_that_was_ever_valid():
    rows = pl.DataFrame({"exit_status": ["A", "Q"], "exit_date": [None, "2024-10-01"]})
    assert without_meaning(rows, "enrolment", CODES) == 1
    assert without_meaning(rows, "pupil", CODES) == 0
