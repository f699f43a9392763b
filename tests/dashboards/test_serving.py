import asyncio
import base64
import hashlib
import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.publication import Publication
from dashboards.municipal import write_site
from dashboards.serving import create_app
from tests.dashboards.small_country import META, published


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def get(app: Any, path: str, method: str = "GET", headers: dict[str, str] | None = None) -> Answer:
    """Ask an ASGI application for a path, as a server would after decoding it."""
    sent: list[dict] = []
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in (headers or {}).items()],
    }
    scope |= {"http_version": "1.1", "scheme": "http", "root_path": "", "server": ("test", 80), "client": ("test", 1)}

    async def receive() -> dict:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], told, b"".join(part.get("body", b"") for part in sent[1:]))


@pytest.fixture
def app(publication):
    return create_app(publication.root)


def test_pages_and_tables_are_the_files_of_the_current_release(app, release_dir):
    for path, file in (
        ("/lv/", "site/lv/index.html"),
        ("/en/0001000.html", "site/en/0001000.html"),
        ("/tables/municipality_month_risk.csv", "tables/municipality_month_risk.csv"),
    ):
        answer = get(app, path)
        assert (answer.status, answer.body) == (200, (release_dir / file).read_bytes())
    assert get(app, "/tables/municipality_month_risk.csv").headers["content-type"] == "text/csv; charset=utf-8"


@pytest.mark.parametrize(("path", "target"), [("/", "/lv/"), ("/lv", "/lv/"), ("/en", "/en/")])
def test_entries_lead_to_a_language(app, path, target):
    answer = get(app, path)
    assert (answer.status, answer.headers["location"]) == (307, target)


def test_health_names_the_release(app, publication):
    assert json.loads(get(app, "/health").body) == {"status": "ok", "release_id": publication.current().release_id}


@pytest.mark.parametrize(
    "path",
    [
        "/lv/../../release.json",
        "/lv/..",
        "/lv/..\\..\\release.json",
        "/tables/../release.json",
        "/tables/release.json",
        "/lv/%2e%2e%2frelease.json",
        "/lv/index.html\n",
        "/de/index.html",
        "/lv/9999999.html",
        "/desk/",
        "/release.json",
    ],
)
def test_nothing_but_pages_and_tables_is_served(app, path):
    answer = get(app, path)
    assert answer.status == 404
    assert "Šādas lapas nav".encode() in answer.body


@pytest.mark.parametrize("path", ["/lv/", "/health", "/", "/nothing", "/tables/municipality_month_risk.csv"])
def test_every_answer_is_guarded(app, path):
    headers = get(app, path).headers
    assert headers["content-security-policy"].startswith("default-src 'none'; style-src '")
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in headers


def test_the_policy_allows_the_style_of_the_page_by_its_hash(app):
    answer = get(app, "/lv/")
    (style,) = re.findall(rb"<style>(.*?)</style>", answer.body, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style).digest()).decode()
    assert f"style-src 'sha256-{digest}';" in answer.headers["content-security-policy"]


def test_only_reading_is_allowed(app):
    assert get(app, "/lv/", "POST").status == 405


def test_a_swap_is_picked_up_and_an_empty_home_says_so(tmp_path: Path):
    publication = Publication(tmp_path / "releases")
    app = create_app(publication.root)
    assert (get(app, "/lv/").status, get(app, "/health").status) == (503, 503)
    for version in ("1", "2"):
        made = publication.release(published(), META | {"pipeline_version": version}, write_site)
        assert json.loads(get(app, "/health").body)["release_id"] == made.release_id
        assert made.release_id.encode() in get(app, "/lv/").body


def test_a_pointer_without_links_is_followed(publication, tmp_path, release_dir):
    (tmp_path / release_dir.name).symlink_to(release_dir)
    (tmp_path / "current").write_text(f"{release_dir.name}\n")
    assert get(create_app(tmp_path), "/lv/").status == 200


def test_a_release_that_swaps_in_while_readers_read_breaks_no_page_and_mixes_none(tmp_path: Path):
    publication = Publication(tmp_path / "releases")
    versions = [publication.release(published(), META | {"pipeline_version": v}, write_site).release_id for v in "12"]
    app, answers, is_over = create_app(publication.root), [], threading.Event()

    def read() -> None:
        while not is_over.is_set():
            answers.extend(get(app, path) for path in ("/lv/", "/en/0001000.html", "/lv/0001000.csv", "/health"))

    with ThreadPoolExecutor(4) as readers:
        reading = [readers.submit(read) for _ in range(4)]
        turn = 0
        while len(answers) < 200 or turn < 20:
            turn += 1
            publication.point_to(versions[turn % 2])
        is_over.set()
        for one in reading:
            one.result()
    assert {answer.status for answer in answers} == {200}
    for answer in answers:
        named = [version for version in versions if version.encode() in answer.body]
        assert len(named) == (0 if answer.headers["content-type"].startswith("text/csv") else 1)


@pytest.mark.parametrize("named", ["2026-06-01-000000000000", "../outside", "", "."])
def test_a_pointer_to_nothing_or_elsewhere_serves_nothing(tmp_path, release_dir, named):
    (tmp_path / "outside").symlink_to(release_dir)
    (tmp_path / "releases").mkdir()
    (tmp_path / "releases" / "current").write_text(named)
    app = create_app(tmp_path / "releases")
    assert (get(app, "/lv/").status, get(app, "/health").status) == (503, 503)


NASTY = st.one_of(
    st.text(max_size=40),
    st.lists(
        st.sampled_from(
            ["..", "lv", "en", "tables", "site", "release.json", "%2e%2e", "\\", "\0", "index.html", "~", ""]
        )
    ).map("/".join),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    NASTY,
    st.dictionaries(st.sampled_from(["host", "range", "x-forwarded-host", "cookie", "accept"]), st.text(max_size=60)),
)
def test_whatever_is_asked_for_only_pages_and_tables_are_sent(app, release_dir, path: str, headers: dict[str, str]):
    asked = "/" + path.encode("utf-8", "replace").decode()
    answer = get(app, asked, headers=headers)
    assert answer.status in (200, 307, 404)
    assert "set-cookie" not in answer.headers
    assert answer.headers.get("location", "/lv/") in ("/lv/", "/en/")
    if answer.status == 200 and asked != "/health":
        sent = [file.read_bytes() for part in ("site", "tables") for file in (release_dir / part).rglob("*.*")]
        assert answer.body in sent
