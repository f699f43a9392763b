"""The municipal site: static pages, and the same tables as files, drawn from a release folder alone."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from dashboards.boundaries import read_boundaries
from dashboards.language import Language
from dashboards.pages import Page, Site
from dashboards.release import read
from dashboards.shown import write_files

LANGUAGES = (Language("lv"), Language("en"))


def _write(folder: Path, site: Site, page: Page) -> Iterator[Path]:
    path = folder / f"{page.name}.html"
    path.write_text(page.text, encoding="utf-8", newline="\n")
    yield path
    if page.tables:
        told = site.common(page.name, site.newest, page.tables)
        about = [
            *([told["w"]["invented"]] if told["is_invented"] else []),
            f"{told['w']['data_to']}: {told['data_to']}",
            site.language.protected(told["protection"]),
            told["cannot_see"],
            f"{told['w']['release']} {told['release_id']}",
        ]
        day = datetime.fromisoformat(site.release.report["as_of"][:10])
        yield from write_files(folder / page.name, page.tables, site.language, (page.title, *about), day)


def write_site(release_dir: Path, boundaries: Path | None = None) -> list[Path]:
    """Write the pages of a release below its folder `site`, in Latvian and English; return all files.

    boundaries: a GeoJSON file of the municipalities, for a map with their true outlines.
    """
    release, written = read(release_dir), []
    outlines = read_boundaries(boundaries) if boundaries else {}
    for language in LANGUAGES:
        folder = release_dir / "site" / language.code
        folder.mkdir(parents=True, exist_ok=True)
        site = Site(release, language, outlines)
        written += [path for page in site.pages() for path in _write(folder, site, page)]
    return written
