"""What is written gets its name only when it is whole and on disk; what is torn all the same is not taken as whole."""

import ast
from collections.abc import Iterator

import pytest

from assets.home import Home
from assets.identity import Identity, WrongKey
from tests.assets.kit import Country, deliver_registers
from tests.faults.world import ROOT

_RAW = {"write_text", "write_bytes", "write_parquet", "write_csv", "touch"}
_SAFE = {"swap_in", "_flush"}
# Functions that write without a safe swap, and why they may.
_MAY = {
    "assets/access_log.py:log_look": "appends a line to the log",
    "assets/encoding.py:_as_it_is": "a copy to read from, deleted at once",
    "assets/encoding.py:_decoded": "a copy to read from, deleted at once",
    "assets/sieve.py:sift": "a copy to read from, deleted at once",
    "assets/issued.py:_numbering": "a lock",
    "assets/publication.py:_write_tables": "into the unfinished folder of a release, flushed before it gets its name",
    "assets/publication.py:point_to": "the folder is flushed after the swap; the name is all that the file holds",
    "assets/registers.py:copy_registers": "copies to read from, gone with the replay",
    "assets/replay.py:_folder": "a lock",
    "assets/replay.py:_sweep": "a lock",
    "assets/report.py:_write_csv": "the unfinished file that the caller swaps in",
    "assets/stage.py:_reset_peak": "a switch of the system, not a file",
    "pipelines/weekly.py:only_run": "the lock",
}
_ENDS = (
    "pipelines/commands/",
    "pipelines/importing",
    "pipelines/synthesis.py",
    "pipelines/reference.py",
    "pipelines/measured.py",
)


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _writes(call: ast.Call) -> bool:
    """Tell whether a call writes a file: by its name, or an open for writing."""
    modes = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    is_module = isinstance(call.func, ast.Name) and call.func.id == "write_text"  # the safe one, of assets.home
    is_opened = _name(call) == "open" and any(set("wax") & set(m) for m in modes)
    is_text = _name(call) == "write_csv" and not call.args
    return is_opened or (_name(call) in _RAW and not is_module and not is_text)


def _copies(function: ast.AST) -> bool:
    return any(isinstance(n, ast.Constant) and str(n.value).lstrip().startswith("copy ") for n in ast.walk(function))


def _writers() -> Iterator[tuple[str, bool]]:
    """Yield the functions that write files, and whether each makes it safe itself."""
    for path in sorted([*(ROOT / "assets").glob("*.py"), *(ROOT / "pipelines").rglob("*.py")]):
        place = path.relative_to(ROOT).as_posix()
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef) and not place.startswith(_ENDS):
                calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
                if any(map(_writes, calls)) or _copies(function):
                    yield f"{place}:{function.name}", bool(_SAFE & {_name(call) for call in calls})


def test_every_writer_of_the_home_swaps_its_file_in_whole():
    writers = dict(_writers())
    assert len(writers) > 8
    assert not [name for name, is_safe in writers.items() if not is_safe and name not in _MAY]


@pytest.mark.parametrize("kept", [0, 4], ids=["empty", "torn"])
def test_a_torn_mark_of_the_key_is_never_taken_as_whole(kept: int, home: Home):
    Identity(home).secret()
    mark = home.root / "key.mark"
    whole = mark.read_text(encoding="ascii")
    mark.write_text(whole[:kept], encoding="ascii")
    with pytest.raises(WrongKey):
        Identity(home).secret()
    mark.write_text(whole, encoding="ascii")
    assert Identity(home).secret()


@pytest.mark.parametrize("kept", [0, 20], ids=["empty", "torn"])
def test_a_torn_vault_file_is_never_taken_as_whole(kept: int, home: Home):
    country = Country(home)
    deliver_registers(country)
    country.take_only("municipality", "institution", "pupil")
    (sealed,) = home.vault.glob("*.age")
    sealed.write_bytes(sealed.read_bytes()[:kept])
    with pytest.raises(WrongKey):
        Identity(home).read_vault()
