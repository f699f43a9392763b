"""Pupil keys: the same for the same person and secret, and nothing of the code shows."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts.intake import PUPIL_KEY_FORM
from models.pseudonym import KEY_LENGTH, normalise_code, pupil_key, pupil_keys

SECRET = bytes(range(32))
codes = st.from_regex(r"[0-9]{6}-[0-9]{5}", fullmatch=True)


@given(codes)
def test_a_code_with_and_without_dash_is_one_person(code: str):
    assert pupil_key(code, SECRET) == pupil_key(f" {code.replace('-', '')} ", SECRET)


@given(codes)
def test_a_key_has_the_promised_form(code: str):
    assert re.fullmatch(PUPIL_KEY_FORM, pupil_key(code, SECRET))


@given(codes, st.binary(min_size=32, max_size=32))
def test_another_secret_makes_another_key(code: str, secret: bytes):
    assert (pupil_key(code, secret) == pupil_key(code, SECRET)) == (secret == SECRET)


@given(st.lists(st.text(max_size=12)), st.binary(min_size=1, max_size=40))
def test_many_keys_at_once_are_those_of_each_code(several: list[str], secret: bytes):
    assert pupil_keys(several, secret) == [pupil_key(code, secret) for code in several]


def test_keys_of_many_people_differ():
    many = [f"{day:06}{number:05}" for day in range(200) for number in range(250)]
    assert len(set(pupil_keys(many, SECRET))) == len(many)


def test_a_key_stays_what_it_is():
    # A change here would give every pupil of every home a second key.
    assert pupil_keys(["320000-00001", "010203-12345"], SECRET) == [
        "qr2k4z7qmzd8",
        "5r1fcwxywp0c",
    ]


@pytest.mark.parametrize(("code", "plain"), [("320000-00001", "32000000001"), (" 32000000001 ", "32000000001")])
def test_codes_are_written_without_dash(code: str, plain: str):
    assert normalise_code(code) == plain
    assert len(pupil_key(code, SECRET)) == KEY_LENGTH
