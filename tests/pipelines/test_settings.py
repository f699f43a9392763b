"""What the environment sets."""

import pytest

from pipelines.settings import Settings


@pytest.mark.parametrize(
    ("lv", "en", "told"),
    [
        ("", "", {}),
        ("ESF", "", {"lv": "ESF", "en": "ESF"}),
        ("", "ESF+", {"lv": "ESF+", "en": "ESF+"}),
        ("Finansē ESF", "Funded by the ESF", {"lv": "Finansē ESF", "en": "Funded by the ESF"}),
    ],
)
def test_who_pays_is_said_in_both_languages_or_in_none(
    monkeypatch: pytest.MonkeyPatch, lv: str, en: str, told: dict[str, str]
):
    monkeypatch.setenv("PUMPURS_FUNDING_LV", lv)
    monkeypatch.setenv("PUMPURS_FUNDING_EN", en)
    assert Settings(_env_file=None).funding == told
