"""Serve the pages of the current release: files only, no cookie, no script, nothing from elsewhere."""

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dashboards.release import current_folder, read
from dashboards.rendering import render, style
from dashboards.words import EN, LV, WORDS

PAGE, TABLE = (re.compile(rf"\w{{1,80}}\.({of})", re.ASCII) for of in ("html|xlsx|csv|parquet", "csv|parquet"))
MEDIA = {
    ".html": "text/html; charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".csv": "text/csv; charset=utf-8",
    ".parquet": "application/vnd.apache.parquet",
}
HEADERS = {
    "Cache-Control": "no-cache",  # the next request may meet the next release
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def policy(page: bytes) -> str:
    """Allow the style sheet that the page carries, by its hash, and nothing else."""
    sheets = re.findall(rb"<style>(.*?)</style>", page, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(sheet).digest()).decode() for sheet in sheets]
    styles = " ".join(f"'sha256-{digest}'" for digest in hashes) or "'none'"
    return f"default-src 'none'; style-src {styles}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def _headers(page: bytes = b"", **more: str) -> dict[str, str]:
    return HEADERS | {"Content-Security-Policy": policy(page)} | more


def _file(body: bytes, suffix: str, status: int = 200) -> Response:
    return Response(body, status, _headers(body if suffix == ".html" else b""), MEDIA[suffix])


def _message(status: int, title: str, text: str = "") -> Response:
    page = render("message.html", style=style(), lv=LV, en=EN, title=title, text=text)
    return _file(page.encode(), ".html", status)


def _refused(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return _message(status, "not_found", "not_found_text")


def _to(target: str) -> Callable[[Request], Response]:
    return lambda _: Response(None, 307, _headers(Location=target))


@dataclass(frozen=True)
class Pages:
    """Files of the release that is current when they are asked for."""

    releases: Path

    def _send(self, folder: str, name: str, allowed: re.Pattern[str]) -> Response:
        release = current_folder(self.releases)
        if release is None:
            return _message(503, "nothing_yet")
        path = release / folder / name
        # Looked at only if its name is allowed: a name of any length is not for the file system to judge.
        if not allowed.fullmatch(name) or not path.is_file():
            raise HTTPException(404)
        return _file(path.read_bytes(), path.suffix)

    def page(self, request: Request) -> Response:
        """Send a page of the site."""
        language = request.path_params["language"]
        if language not in WORDS:
            raise HTTPException(404)
        return self._send(f"site/{language}", request.path_params.get("name", "index.html"), PAGE)

    def table(self, request: Request) -> Response:
        """Send a published table."""
        return self._send("tables", request.path_params["name"], TABLE)

    def health(self, _: Request) -> Response:
        """Tell which release is served; 503 before the first."""
        release = current_folder(self.releases)
        if release is None:
            return JSONResponse({"status": "empty", "release_id": None}, 503, _headers())
        return JSONResponse({"status": "ok", "release_id": read(release).release_id}, 200, _headers())


def create_app(releases: Path) -> Starlette:
    """Make the site of a folder of releases; each request looks anew which release is current."""
    pages = Pages(releases)
    entries = [Route(path, _to(f"/{language}/")) for path, language in (("/", "lv"), ("/lv", "lv"), ("/en", "en"))]
    routes = [
        Route("/health", pages.health),
        Route("/tables/{name}", pages.table),
        Route("/{language}/", pages.page),
        Route("/{language}/{name}", pages.page),
    ]
    app = Starlette(routes=[*entries, *routes], exception_handlers={HTTPException: _refused})
    app.router.redirect_slashes = False  # it would answer with an address made from the Host header
    return app
