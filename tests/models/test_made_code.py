import re

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_contracts.contract import load
from models.public_format.imported import ImportRefused
from models.public_format.made_code import make_codes, person_code, school_code, territory_code

PATTERNS = {
    person_code: load("raw.pupil").column("person_code").pattern,
    school_code: load("raw.institution").column("school_reg_no").pattern,
    territory_code: load("raw.municipality").column("atvk_code").pattern,
}


@settings(derandomize=True, deadline=None)
@given(identifier=st.text(), source=st.text(max_size=10))
def test_a_made_code_has_the_form_that_the_contract_asks_for(identifier: str, source: str):
    assert all(re.fullmatch(pattern or "", make(source, identifier)) for make, pattern in PATTERNS.items())
    assert person_code(source, identifier)[:2] in ("37", "38", "39")


def test_the_same_id_has_the_same_code_for_ever():
    assert person_code("oneroster", "u1") == "38529403288"
    assert person_code("oneroster", "u1") != person_code("other", "u1") != person_code("other", "u2")


def test_a_country_of_pupils_gets_codes_of_their_own_or_is_refused():
    ids = pl.Series([f"pupil-{n}" for n in range(20_000)] + ["pupil-1", None])
    codes = make_codes(ids, person_code, "oneroster", "users")
    assert codes.height == codes["code"].n_unique() == 20_000
    with pytest.raises(
        ImportRefused, match=r"^1 users would share a made code; import them under another --source name"
    ):
        make_codes(pl.Series(["a", "b"]), lambda source, identifier: "4", "x", "users")
