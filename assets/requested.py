"""Tables that were asked for: kept in the home folder, so that each release holds them from then on.

requested/<name>.yaml   as `pumpurs release --table FILE` took it

What was published once is known; a table that came and went would not be protected together with what follows it.
"""

from pathlib import Path

from assets.home import Home, write_text
from assets.settings_file import read_said
from data_contracts.contract import keys, load
from models.disclosure import TableRequest, read_request

OPTION = "--table"
_COLUMNS = load("risk.group_week_count").column_names
COUNTS = [name for name in _COLUMNS if name.startswith("pupils_") and name != "pupils_known"]
TAKEN = {key.split(".")[1] for key in keys("published")}


def read(path: Path) -> TableRequest:
    """Read what a file asks for; ImportRefused if it cannot be had."""
    return read_request(read_said(path, OPTION), COUNTS, TAKEN)


def requested(home: Home) -> list[TableRequest]:
    """Return all tables that were asked for, by name."""
    return [read(path) for path in sorted(home.requested.glob("*.yaml"))]


def asked(home: Home, path: Path) -> TableRequest:
    """Read a new request; ImportRefused where another table has its name."""
    wanted, kept = read(path), {request.name: request for request in requested(home)}
    if kept.get(wanted.name, wanted) != wanted:
        file = home.requested / f"{wanted.name}.yaml"
        raise read_said(path, OPTION).at("name").refuse(f"{file} asks for another table; choose another name")
    return wanted


def keep(home: Home, path: Path) -> None:
    """Keep a request for all releases that follow."""
    write_text(home.requested / f"{read(path).name}.yaml", path.read_text(encoding="utf-8-sig"))
