"""The rows of a part stand in the order of the file, whatever else the session that took it in knew before."""

import polars as pl
import pytest

from assets.home import Home
from assets.identity import Identity
from models.pseudonym import pupil_keys
from tests.assets.kit import Country, code_of, deliver_registers, pupil

SCRAMBLED = (5, 60, 2, 41, 3, 77, 1, 30)


@pytest.mark.parametrize("is_known_before", [False, True], ids=["in a fresh session", "after other pupils"])
def test_rows_stand_in_the_order_of_their_file(is_known_before: bool, home: Home):
    country = Country(home)
    deliver_registers(country)
    country.deliver("many", {"pupil": [pupil(n) for n in range(100)]}, on="2024-09-02")
    country.deliver("a", {"pupil": [pupil(n, "Zane") for n in SCRAMBLED]}, on="2024-09-03")
    country.hold("a")
    if not is_known_before:
        country.take_only("municipality", "institution", "pupil")
    country.bring("a")
    country.take_only("municipality", "institution", "pupil")
    (part,) = home.lake.glob("pupil/viis.a.*.parquet")
    in_file = pupil_keys([code_of(n).replace("-", "") for n in SCRAMBLED], Identity(home).secret())
    assert pl.read_parquet(part)["pupil_key"].to_list() == list(in_file)
