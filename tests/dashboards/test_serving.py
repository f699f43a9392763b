import asyncio
import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from assets.publication import Publication
from dashboards.municipal import write_site
from dashboards.serving import create_app
from tests.dashboards.small_country import META, published


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def get(app: Any, path: str, method: str = "GET") -> Answer:
    """Ask an ASGI application for a path, as a server would after decoding it."""
    sent: list[dict] = []
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [],
    }
    scope |= {"http_version": "1.1", "scheme": "http", "root_path": "", "server": ("test", 80), "client": ("test", 1)}

    async def receive() -> dict:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], headers, b"".join(part.get("body", b"") for part in sent[1:]))


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
