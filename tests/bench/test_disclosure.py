import pytest

from bench import disclosure


def test_the_measured_country_is_the_size_that_the_aim_is_for():
    inner = disclosure.country(7)
    counts = sum(table.frame.height for table in disclosure.tables(inner, 1, is_cube=False))
    assert 3_700 <= counts <= 4_800
    assert 100_000 <= inner["pupils"].sum() <= 200_000
    assert 0.08 <= inner["pupils_at_risk"].sum() / inner["pupils"].sum() <= 0.14
    for larger, smaller in disclosure.NESTED:
        assert (inner[larger] >= inner[smaller]).all()


def test_a_small_country_is_measured_as_a_large_one(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(disclosure, "SCHOOLS", 12)
    monkeypatch.setattr(disclosure, "MUNICIPALITIES", 4)
    told = disclosure.measure("small", len(disclosure.SHOWN), is_cube=True)
    assert "0 too narrow" in told
