"""A large file's texts are looked up, a small one's are read where they stand: the verdicts are the same."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets import lexicon
from assets.intake import Intake, intake_of
from assets.judging import Judging
from assets.opened import Opened
from data_contracts.contract import load
from data_contracts.intake import Door
from tests.assets.kit import SCHOOL, Country, absence, code_of, mark, pupil

DAY = date(2024, 9, 10)
TEXTS = {
    "person_code": [code_of(1), f" {code_of(2)} ", code_of(9), "32000000003", "x", "", None],
    "school_reg_no": [SCHOOL, f"{SCHOOL} ", "4112999999", "41", None],
    "lesson_date": ["2024-09-02", "02.09.2024.", "2024-09-31", "", None, "1800-01-01"],
    "mark_date": ["2024-09-02", "02.09.2024", "soon", None],
    "lesson_no": ["1", "1,0", "15", "one", None],
    "subject_code": ["MAT", " MAT", "", None],
    "code": ["n", " ns ", "zz", "", None],
    "excused_on": ["2024-09-03", "never", None],
    "work_kind": ["pd", None],
    "sequence": ["1", "0", "1e3", None],
    "mark_text": ["7", "nv", "11", "9/8", "8/9", "3|6", "", None],
}


@pytest.fixture(scope="module")
def known(registered: Country, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Country]:
    with registered.copy(tmp_path_factory.mktemp("known") / "home").one_session() as country:
        for dataset in ("mark", "attendance"):
            opened(country, dataset).know_references()
        yield country


def opened(country: Country, dataset: str) -> Intake:
    with country.warehouse.connect() as connection:
        return intake_of(connection, country.home, f"raw.{dataset}")


def verdicts(country: Country, dataset: str, rows: list[dict[str, Any]], door: Door, few: bool) -> list[Any]:
    """Judge rows of text, their texts read where they stand (`few`) or looked up."""
    contract = load(f"raw.{dataset}")
    names = [name for name in contract.column_names if name in TEXTS]
    cells = ", ".join("(" + ", ".join("?" for _ in range(len(names) + 1)) + ")" for _ in rows)
    values = [value for number, row in enumerate(rows, 1) for value in (number, *(row[name] for name in names))]
    with country.warehouse.connect() as connection:
        connection.execute(
            f"create or replace temp table told as from (values {cells}) as t(row_no, {', '.join(names)})", values
        )
        kinds = ", ".join(f"{name}::varchar as {name}" for name in names)
        connection.execute(f"create or replace temp table delivered_rows as select row_no, {kinds} from told")
        file = Opened("delivered_rows", dict.fromkeys(names, "VARCHAR"), len(rows))
        spelt = [] if few else lexicon.spell(connection, contract, file)
        opened(country, dataset).learn(file, spelt)
        judged = Judging(connection, contract, file, door, spelt).rows
        shown = ", ".join(["row_no", "broken_rule", "pupil_key", *(n for n in names if n != "person_code")])
        return connection.execute(f"select {shown} from ({judged}) as judged order by row_no").fetchall()


def table(dataset: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    names = [name for name in load(f"raw.{dataset}").column_names if name in TEXTS]
    row = st.fixed_dictionaries({name: st.sampled_from(TEXTS[name]) for name in names})
    return st.lists(row, min_size=1, max_size=12)


DOORS = [Door("viis", DAY), Door("e-klase", DAY), Door("viis", DAY, is_withdrawal=True), Door("viis", date(2024, 8, 1))]
cases = st.sampled_from(["attendance", "mark"]).flatmap(
    lambda dataset: st.tuples(st.just(dataset), table(dataset), st.sampled_from(DOORS))
)


@pytest.fixture
def every_file_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexicon, "MANY_ROWS", 1)
    monkeypatch.setattr(lexicon, "ROWS_PER_TEXT", 0)


@given(case=cases)
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_looking_up_says_what_reading_says(known: Country, every_file_is_large: None, case: tuple):
    dataset, rows, door = case
    assert verdicts(known, dataset, rows, door, few=False) == verdicts(known, dataset, rows, door, few=True)


def test_a_code_of_one_school_only_is_asked_row_by_row(country: Country, every_file_is_large: None):
    own = {"source": "viis", "school_reg_no": SCHOOL, "code": "zz", "valid_from": "2024-09-01", "meaning": "late"}
    country.deliver("codes", {"attendance_code": [own]}, on="2024-09-01")
    country.deliver("a", {"attendance": [absence(code="zz"), absence(2, code="zz", day="2024-08-30"), absence(3)]})
    country.take_in("attendance_code", "attendance")
    assert country.counts("viis.a", "attendance") == (3, 2, 1, 0)
    assert country.waiting() == {"code_known": 1}


def test_a_large_file_of_few_texts_is_looked_up_and_one_of_many_is_not(known: Country):
    with duckdb.connect() as connection:
        connection.execute(
            "create table told as select i as row_no, (i % 7)::varchar as code, i::varchar as subject_code"
            f" from range(1, {lexicon.MANY_ROWS} + 1) as r(i)"
        )
        many = Opened("told", {"code": "VARCHAR", "subject_code": "VARCHAR"}, lexicon.MANY_ROWS)
        assert [c.name for c in lexicon.spell(connection, load("raw.attendance"), many)] == ["code"]
        few = Opened("told", many.types, lexicon.MANY_ROWS - 1)
        assert lexicon.spell(connection, load("raw.attendance"), few) == []


def test_a_large_delivery_comes_out_as_a_small_one(
    registered: Country,
    every_file_is_large: None,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
):
    def outcome() -> Any:
        with registered.copy(tmp_path_factory.mktemp("same") / "home").one_session() as country:
            rows = [
                absence(),
                absence(),
                absence(2, lesson=99),
                absence(9),
                absence(3, code="zz"),
                absence(3, lesson=2),
            ]
            country.deliver("a", {"attendance": rows, "mark": [mark(), mark(text="11"), mark(2, text="9/8")]})
            country.deliver("p", {"pupil": [pupil(9)]}, on="2024-09-12")
            country.take_in("pupil", "attendance", "mark")
            ledger = country.query("select * exclude (content_sha256) from raw.delivery order by delivery_id, dataset")
            return ledger, country.rows("*", "attendance"), country.rows("*", "mark"), country.waiting()

    looked_up = outcome()
    monkeypatch.setattr(lexicon, "MANY_ROWS", 1_000_000)
    assert outcome() == looked_up
