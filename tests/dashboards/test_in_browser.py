"""The pages as a clerk sees them, in headless Chromium; screenshots stay in tests/out."""

import shutil
import subprocess
from pathlib import Path

import pytest

from assets.home import Home

CHROMIUM = shutil.which("chromium")
OUT = Path(__file__).parents[1] / "out"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
QUIET += ["--disable-component-update", "--disable-sync", "--hide-scrollbars"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: make test-browser installs it"),
]


def browse(page: Path, profile: Path, *words: str) -> str:
    command = [str(CHROMIUM), "--headless", *QUIET, f"--user-data-dir={profile}", *words, page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout


def pages(home: Home) -> list[Path]:
    site = home.releases / "current" / "site"
    return [site / "lv" / "index.html", site / "en" / "index.html", sorted((site / "lv").glob("0*.html"))[0]]


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("width", [1200, 320])
def test_a_page_opens_from_a_file_share(country: Home, tmp_path: Path, number: int, width: int):
    OUT.mkdir(exist_ok=True)
    page = pages(country)[number]
    shot = OUT / f"{page.parent.name}-{page.stem if page.stem == 'index' else 'municipality'}-{width}.png"
    browse(page, tmp_path, f"--screenshot={shot}", f"--window-size={width},2400")
    assert shot.stat().st_size > 10_000


def test_a_clerk_finds_the_municipality_and_its_numbers(country: Home, tmp_path: Path):
    index, _, municipality = pages(country)
    assert f'href="{municipality.name}"' in browse(index, tmp_path, "--dump-dom")
    seen = browse(municipality, tmp_path, "--dump-dom")
    assert "Riska grupā" in seen
    assert "<svg" in seen
    assert "<table" in seen
