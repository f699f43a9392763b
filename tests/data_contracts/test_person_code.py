"""Personal codes: which of them an old one's day and check digit refute."""

import duckdb
import numpy as np
import pytest

from data_contracts.contract import load
from data_contracts.person_code import CODE_CHECKSUM, CODE_DATE, code_rules, fault
from models.synthetic.person_codes import person_codes


def fault_of(code: str) -> str | None:
    with duckdb.connect() as connection:
        told = f"select {fault('code')} from (select $code::varchar as code)"
        return connection.execute(told, {"code": code}).fetchall()[0][0]


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("16117519997", None),
        ("16117519998", CODE_CHECKSUM),
        ("32000000001", None),
        ("39999999999", None),
        ("31000000000", CODE_DATE),
        ("30020021111", CODE_DATE),
        ("29020421110", None),
        ("29020321111", CODE_DATE),
        ("01010195555", CODE_DATE),
        ("00000000000", CODE_DATE),
        ("1020312349", None),
        ("code", None),
        ("", None),
    ],
)
def test_only_old_codes_have_a_day_and_a_check_digit(code: str, rule: str | None):
    assert fault_of(code) == rule


def test_one_wrong_digit_of_an_old_code_is_found():
    births = np.arange(np.datetime64("2008-01-01"), np.datetime64("2008-02-01"))
    codes = [code.replace("-", "") for code in person_codes(births, np.zeros(len(births), bool), 3)]
    assert {fault_of(code) for code in codes} == {None}
    wrong = [code[:8] + str((int(code[8]) + 1) % 10) + code[9:] for code in codes]
    assert {fault_of(code) for code in wrong} == {CODE_CHECKSUM}


def test_only_columns_of_personal_codes_have_the_rules():
    rules = {c.name: [r.name for r in code_rules(c)] for c in load("raw.attendance").columns}
    assert {name for name, found in rules.items() if found} == {"person_code"}
    assert rules["person_code"] == [CODE_DATE, CODE_CHECKSUM]
