"""Every word of the pages, in both languages; tests hold the two sets of keys equal."""

from importlib import resources

import yaml


def _read(code: str) -> dict[str, str]:
    return yaml.safe_load(resources.files("dashboards.words").joinpath(f"{code}.yaml").read_text(encoding="utf-8"))


LV, EN = _read("lv"), _read("en")
WORDS = {"lv": LV, "en": EN}
