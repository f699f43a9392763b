"""Tidy delivered text without changing what it says, and count what was tidied; tell what only looks right."""

import re
from collections.abc import Callable, Sequence

import duckdb

from data_contracts.contract import Column
from data_contracts.intake import is_kept
from data_contracts.looks import LOST, MISTAKEN, composed, holds, holds_look_alikes, seen, stripped, trimmed

_TIDIED: tuple[tuple[Callable[[str], str], str], ...] = (
    (seen, "lost signs that nobody sees"),
    (composed, "had letters composed of a letter and a mark"),
    (trimmed, "had spaces taken off or made plain"),
)
_DOUBTED: tuple[tuple[Callable[[str], str], str], ...] = (
    (holds_look_alikes, "hold letters or digits of another alphabet that look like Latin ones; check them"),
    (lambda text: holds(text, MISTAKEN), "hold ð or þ, as š and ž look in text of a mistaken encoding; check them"),
    (lambda text: holds(text, LOST), "hold the sign for a letter that was lost before delivery; check them"),
)
_WHOLE = "lost the `.0` of a whole number"
_DIGITS = re.compile(r"\[0-9\]\{(\d+)\}(?:-\?\[0-9\]\{\d+\})?")


def tidy(
    connection: duckdb.DuckDBPyConnection, columns: Sequence[Column], may_be_loose: bool, has_odd_signs: bool
) -> list[str]:
    """Tidy the session's table delivered_rows, and return notes that count what was done, by columns."""
    notes = _make_whole(connection, columns)
    steps = _TIDIED if has_odd_signs else ((stripped, _TIDIED[2][1]),) if may_be_loose else ()
    names = [column.name for column in columns]
    for step, says in steps:
        changed = _count(connection, names, lambda name, step=step: f"{step(name)} <> {name}")
        _apply(connection, {name: step(name) for name in changed})
        notes += _note(changed, says)
    shown = [c.name for c in columns if is_kept(c) and not c.encrypted_name] if has_odd_signs else []
    for condition, says in _DOUBTED if shown else ():
        notes += _note(_count(connection, shown, condition), says)
    return notes


def _make_whole(connection: duckdb.DuckDBPyConnection, columns: Sequence[Column]) -> list[str]:
    """Write numbers that stand for a name, such as 4112900001.0, as the digits that they are."""
    digits = {c.name: _longest(c.pattern) for c in columns if c.pattern and _DIGITS.fullmatch(c.pattern)}
    # How long a value is costs next to nothing to ask, and a lawful one is never longer than its form.
    longer = _count(connection, list(digits), lambda name: f"strlen({name}) > {digits[name]}")
    changed = _count(connection, list(longer), lambda name: f"regexp_full_match({name}, '[0-9]+[.,]0')")
    _apply(
        connection,
        {
            name: f"case when regexp_full_match({name}, '[0-9]+[.,]0') then left({name}, -2) else {name} end"
            for name in changed
        },
    )
    return _note(changed, _WHOLE)


def _longest(pattern: str) -> int:
    return sum(map(int, re.findall(r"{(\d+)}", pattern))) + pattern.count("?")


def _count(
    connection: duckdb.DuckDBPyConnection, names: Sequence[str], condition: Callable[[str], str]
) -> dict[str, int]:
    """Count the values for which a condition holds, in the columns where there are any."""
    if not names:
        return {}
    counts = ", ".join(f"count_if({condition(name)})::bigint" for name in names)
    found = connection.execute(f"select {counts} from delivered_rows").fetchall()[0]
    return {name: count for name, count in zip(names, found, strict=True) if count}


def _apply(connection: duckdb.DuckDBPyConnection, made: dict[str, str]) -> None:
    if made:
        replaced = ", ".join(f"{text} as {name}" for name, text in made.items())
        connection.execute(
            f"create or replace temp table delivered_rows as select * replace ({replaced}) from delivered_rows"
        )


def _note(changed: dict[str, int], says: str) -> list[str]:
    return [f"{sum(changed.values())} value(s) {says} ({', '.join(changed)})"] if changed else []
