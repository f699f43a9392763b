"""The pages as a clerk sees them, in headless Chromium; screenshots and prints stay in tests/out."""

import re
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import fastexcel
import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from assets.home import Home
from dashboards.serving import create_app

CHROMIUM = shutil.which("chromium")
OUT = Path(__file__).parents[1] / "out"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
KINDS = ["index", "country", "place", "months", "schools", "compare", "definitions", "workshop", "support"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: make test-browser installs it"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Open a tab that fails the test on any request to elsewhere, error or broken policy."""
    context = browser.new_context(locale="lv-LV", accept_downloads=True)
    tab, wrong = context.new_page(), []
    tab.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
    tab.on("request", lambda asked: None if _is_ours(asked.url) else wrong.append(asked.url))
    yield tab
    context.close()
    assert wrong == []


def _is_ours(url: str) -> bool:
    return url.startswith(("file://", "http://127.0.0.1:", "data:"))


@pytest.fixture(scope="module")
def site(country: Home) -> Iterator[str]:
    """Serve the current release on a free port of this machine."""
    config = uvicorn.Config(
        create_app(country.releases), host="127.0.0.1", port=0, log_level="warning", access_log=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=10)


def files(home: Home, language: str = "lv") -> dict[str, Path]:
    """Name one page of each kind."""
    folder = home.releases / "current" / "site" / language
    code = sorted(path.stem for path in folder.glob("0??????.html"))[-1]
    names = ["index", "country", code, f"{code}_months", f"{code}_schools", "compare_chronic_absence", "definitions"]
    names += [f"{code}_workshop", "support"]
    return {kind: folder / f"{name}.html" for kind, name in zip(KINDS, names, strict=True)}


@pytest.mark.parametrize("language", ["lv", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_page_breaks_no_rule_of_accessibility_and_opens_from_a_file_share(
    country: Home, page: Page, language: str, kind: str
):
    page.goto(files(country, language)[kind].as_uri())
    assert page.locator("html").get_attribute("lang") == language
    found = Axe().run(page, options=RULES)
    assert [(rule["id"], [node["html"][:200] for node in rule["nodes"]]) for rule in found.response["violations"]] == []
    OUT.mkdir(exist_ok=True)
    page.screenshot(path=OUT / f"{language}-{kind}.png", full_page=True)


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_fits_a_narrow_screen(country: Home, page: Page, kind: str):
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(files(country)[kind].as_uri())
    page.screenshot(path=OUT / f"narrow-{kind}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_clerk_finds_her_municipality_reads_the_share_and_takes_the_workbook_in_three_clicks(
    country: Home, page: Page, site: str, tmp_path: Path
):
    page.goto(f"{site}/")
    place = page.locator("table a").last
    name = place.inner_text()
    place.click()
    assert page.locator("h1").inner_text() == name
    row = page.locator("tr", has_text="Ilgstoši kavējumi").first.inner_text()
    assert re.search(r"Ilgstoši kavējumi\s+\d+\s+\d+(–\d+)?\s%", row)
    with page.expect_download() as download:
        page.get_by_role("link", name="XLSX").first.click()
    download.value.save_as(tmp_path / "book.xlsx")
    rows = fastexcel.read_excel(tmp_path / "book.xlsx").load_sheet(0, header_row=None).to_polars().rows()
    told = next(found for found in rows if found[0] == "Ilgstoši kavējumi")
    assert row.split("\t")[1].strip() == str(told[1]).strip().removesuffix(".0")


def test_she_sees_how_it_moved_and_how_others_stand(page: Page, site: str):
    page.goto(f"{site}/lv/")
    page.locator("table a").last.click()
    page.get_by_role("link", name="Visi rādītāji pa mēnešiem").first.click()
    assert page.locator("svg").count() >= 10
    page.get_by_role("link", name="Visas pašvaldības").first.click()
    page.get_by_role("link", name="Ilgstoši kavējumi").click()
    assert page.locator("svg desc").first.text_content().startswith("Piltuves diagramma")  # type: ignore[union-attr]
    page.locator(".tiles a").first.click()
    assert page.locator("h1").count() == 1


def test_everything_can_be_reached_by_keyboard(page: Page, site: str):
    page.goto(f"{site}/lv/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#content"
    focused = set()
    for _ in range(page.locator("a, [tabindex]").count() + 2):
        page.keyboard.press("Tab")
        focused.add(page.evaluate("document.activeElement.getAttribute('href')"))
    links = {link.get_attribute("href") for link in page.locator("main a").all()}
    assert links <= focused


@pytest.mark.parametrize("language", ["lv", "en"])
@pytest.mark.parametrize("kind", ["index", "country", "place", "compare", "months", "workshop"])
def test_a_page_prints_on_two_sheets_of_a4(country: Home, page: Page, kind: str, language: str):
    page.goto(files(country, language)[kind].as_uri())
    printed = page.pdf(path=OUT / f"{language}-{kind}.pdf", prefer_css_page_size=True)
    sheets = len(re.findall(rb"/Type\s*/Page\b(?!s)", printed))
    assert sheets == 2 if kind == "workshop" else sheets <= 2
    assert b"[0 0 594.95996 841.91998]" in printed or b"/MediaBox [0 0 59" in printed


def test_pages_work_without_script_and_set_no_cookie(browser: Browser, site: str):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    answer = tab.goto(f"{site}/lv/")
    assert answer
    assert answer.status == 200
    assert tab.locator("table").count() == 1
    assert context.cookies() == []
    context.close()
