"""`pumpurs release` and `pumpurs attack`: door one, and who tries it."""

import re
from pathlib import Path
from typing import Any

from assets.home import Home
from assets.publication import Publication, ReleaseBroken, ReleaseInfo, read_release
from assets.release import LINKS, NESTED, Site, release
from assets.warehouse import Warehouse
from models.disclosure import DisclosureRefused, attack, summary
from pipelines.errors import BROKEN, DONE, UsageError
from pipelines.jobs import write_site
from pipelines.output import print_json
from pipelines.settings import settings
from pipelines.weekly import only_run


def _attacked(info: ReleaseInfo) -> dict[str, Any]:
    return {"release_id": info.release_id, **summary(attack(info.tables(), LINKS, NESTED))}


def release_command(folder: Path | None, period: str | None, as_json: bool) -> int:
    """Publish what the warehouse holds, up to a month if one is named."""
    if period and not re.fullmatch(r"\d{4}-\d{2}", period):
        raise UsageError("--period must be a month such as 2026-05")
    chosen = settings()
    warehouse = Warehouse(chosen.home_folder(folder), chosen.memory_limit, chosen.threads)
    if not warehouse.exists():
        raise UsageError(f"{warehouse.home.root} holds no warehouse yet; run `pumpurs run` first")
    with only_run(warehouse.home):
        try:
            info, _ = release(warehouse, Site(write_site), period)
        except DisclosureRefused as refused:
            raise UsageError(f"nothing was published: {refused}") from None
    found = _attacked(info)
    print_json({**found, "path": str(info.path)}) if as_json else print(_text(info, found))
    return DONE


def _text(info: ReleaseInfo, found: dict[str, Any]) -> str:
    lines = [f"Release {info.release_id} in {info.path}"]
    for name, entry in info.report["tables"].items():
        cells = ", ".join(f"{count} {status}" for status, count in entry["cells"].items())
        lines.append(f"  {name}: {entry['rows']} rows; cells: {cells}")
    lines.append(f"Attack: {found['protected_cells']} withheld cells, {found['too_narrow']} too narrow")
    return "\n".join(lines)


def _open(home: Home, release_id: str) -> ReleaseInfo:
    if release_id != "current":
        path = home.releases / release_id
        is_name = re.fullmatch(r"\d{4}-\d{2}-\d{2}-[0-9a-f]{12}", release_id)
        if not is_name or not (path / "release.json").exists():
            raise UsageError(f"{home.releases} holds no release {release_id}")
        return read_release(path)
    current = Publication(home.releases).current()
    if current is None:
        raise UsageError(f"{home.releases} holds no release yet; run `pumpurs run` first")
    return current


def attack_command(folder: Path | None, release_id: str, as_json: bool) -> int:
    """Attack a release as any reader could; exit 1 when a withheld cell can be narrowed too far."""
    info = _open(settings().home_folder(folder), release_id)
    try:
        info.check()
    except ReleaseBroken as broken:
        raise UsageError(str(broken)) from None
    try:
        found = _attacked(info)
    except DisclosureRefused as refused:
        print_json({"refused": str(refused)}) if as_json else print(f"the published counts contradict: {refused}")
        return BROKEN
    if as_json:
        print_json(found)
    else:
        print(f"{info.release_id}: {found['protected_cells']} withheld cells, {found['too_narrow']} too narrow")
    return BROKEN if found["too_narrow"] else DONE
