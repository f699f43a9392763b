"""`pumpurs release` and `pumpurs attack`: door one, and who tries it."""

import re
from datetime import date
from pathlib import Path
from typing import Any

from assets.home import Home
from assets.publication import REPORT, Publication, ReleaseBroken, ReleaseInfo, read_release
from assets.publication_ledger import LedgerBroken
from assets.release import GROUPS, PUBLISHED_FROM, attacked, attacked_shares, release
from models.disclosure import DisclosureRefused, as_insider, excluding, summary
from models.public_format.imported import ImportRefused
from pipelines.errors import BROKEN, DONE, UsageError
from pipelines.jobs import site
from pipelines.output import print_json
from pipelines.settings import settings
from pipelines.standing import opened, standing
from pipelines.weekly import only_run

SHOWN = 3  # of the narrowest counts, how many are named


def _attacked(info: ReleaseInfo, insiders: int = 0, *, is_thorough: bool = False) -> dict[str, Any]:
    """Attack a release; with insiders, as so many pupils of each group who know of themselves."""
    if not info.is_certified or GROUPS not in info.report["tables"]:
        raise UsageError(f"release {info.release_id} was made by an earlier version; attack it with that version")
    intervals = attacked(info, is_thorough=is_thorough)
    some = excluding(intervals)
    narrowest = some.sort("possible_values", "table", "period", "group", "column").head(SHOWN)
    found: dict[str, Any] = {"release_id": info.release_id, **summary(intervals)}
    found["narrowest_counts"] = narrowest.select("table", "period", "group", "column", "possible_values").to_dicts()
    for shares in attacked_shares(info):
        found["tables"].append(shares)
        for figure in ("protected_cells", "too_narrow"):
            found[figure] += shares[figure]
    if insiders:
        narrowed = as_insider(some, insiders)["possible_values"]
        gained = int((narrowed < some["possible_values"]).sum())
        found["insiders"] = {"pupils": insiders, "narrowest": narrowed.min(), "narrowed": gained}
    return found


def _attack_text(found: dict[str, Any]) -> str:
    lines = [f"{found['release_id']}: {found['protected_cells']} protected cells, {found['too_narrow']} too narrow"]
    for count in found["narrowest_counts"]:
        where = ", ".join(count[name] for name in ("table", "period", "group", "column") if count[name])
        lines.append(f"  {where}: {count['possible_values']} possible values")
    if "insiders" in found:
        known = found["insiders"]
        lines.append(
            f"{known['pupils']} pupils of a group who put together what they know of themselves: {known['narrowed']} "
            f"counts can be narrowed, the narrowest to {known['narrowest']} values"
        )
    return "\n".join(lines)


def release_command(
    folder: Path | None,
    period: str | None,
    table: Path | None,
    as_of: date | None,
    known_on: date | None,
    as_json: bool,
) -> int:
    """Publish what the warehouse holds, or as it stood on other days, up to a month if one is named.

    table: a request for one more table, which this release and all that follow will hold.
    """
    if period and not re.fullmatch(r"\d{4}-\d{2}", period):
        raise UsageError("--period must be a month such as 2026-05")
    warehouse = opened(folder)
    with only_run(warehouse.home), standing(warehouse, as_of, known_on, PUBLISHED_FROM) as standing_then:
        try:
            info, _ = release(standing_then, site(), period, table)
        except ImportRefused as refused:
            raise UsageError(f"nothing was published: {refused}") from None
        except (DisclosureRefused, LedgerBroken) as refused:
            raise UsageError(f"nothing was published, readers keep the last release: {refused}") from None
    found = _attacked(info)
    print_json({**found, "path": str(info.path)}) if as_json else print(_text(info, found))
    return DONE


def _text(info: ReleaseInfo, found: dict[str, Any]) -> str:
    lines = [f"Release {info.release_id} in {info.path}"]
    for name, entry in info.report["tables"].items():
        cells = ", ".join(f"{count} {status}" for status, count in entry["cells"].items())
        lines.append(f"  {name}: {entry['rows']} rows; cells: {cells}")
    lines.append(f"Attack: {found['protected_cells']} protected cells, {found['too_narrow']} too narrow")
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


def _of_days(home: Home, as_of: date | None, known_on: date | None) -> str:
    """Name the one release of these days; a release is made by `pumpurs release`, never by an attack."""
    wanted = {name: day.isoformat() for name, day in (("as_of", as_of), ("known_on", known_on)) if day}
    options = "".join(f" --{name.replace('_', '-')} {day}" for name, day in wanted.items())
    found = [read_release(path.parent) for path in sorted(home.releases.glob(f"[0-9]*/{REPORT}"))]
    fitting = [info.release_id for info in found if all(info.report[n][:10] == day for n, day in wanted.items())]
    if not fitting:
        raise UsageError(f"{home.releases} holds no release of these days; make it with `pumpurs release{options}`")
    if len(fitting) > 1:
        raise UsageError(f"{len(fitting)} releases stand on these days: {', '.join(fitting)}; name one")
    return fitting[0]


def attack_command(
    folder: Path | None,
    release_id: str | None,
    as_of: date | None,
    known_on: date | None,
    insiders: int,
    is_thorough: bool,
    as_json: bool,
) -> int:
    """Attack a release as any reader could; exit 1 when a protected cell can be narrowed too far."""
    home = settings().home_folder(folder)
    if (release_id is None) == (as_of is None and known_on is None):
        raise UsageError("name one release, by its id or by its days: `pumpurs attack current`")
    info = _open(home, release_id or _of_days(home, as_of, known_on))
    try:
        info.check()
    except ReleaseBroken as broken:
        raise UsageError(str(broken)) from None
    try:
        found = _attacked(info, insiders, is_thorough=is_thorough)
    except DisclosureRefused as refused:
        print_json({"refused": str(refused)}) if as_json else print(f"the published counts contradict: {refused}")
        return BROKEN
    if as_json:
        print_json(found)
    else:
        print(_attack_text(found))
    return BROKEN if found["too_narrow"] else DONE
