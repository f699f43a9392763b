"""Waiting rows that a later delivery of the same sender corrected: they count as superseded and leave the report.

A row is corrected once a row of its natural key came in later, or its key was withdrawn; where its key cannot be read,
once a later full delivery covers it or a later delivery says that it corrects this one. It is worked out from what
waits and what the lake holds, so neither the order of taking in nor a run cut short matters. A row that waits for what
it refers to is tried again all the same: between its own day and the correction's it may still have been in force.
"""

import re

from assets.intake import Intake
from assets.lake import Part, date_column
from assets.ledger import Entry, transaction
from assets.manifest import verify
from assets.parts import scan
from assets.superseding import in_scope
from data_contracts.contract import Contract
from data_contracts.intake import accepted, key_expressions, typed_rows
from models.delivery import DatasetNote

_CHANGED = re.compile(r"\.changed-[0-9a-f]{8}$")
_MARK = """
    select md5(concat_ws('|',
        (select string_agg(concat_ws(' ', delivery_id, meaning, status, waiting_file), ';' order by delivery_id)
            from raw.intake where dataset = $dataset),
        (select string_agg(concat_ws(' ', part_no, sha256), ';' order by part_no)
            from raw.lake_part where dataset = $dataset)))
"""


def clear_corrected(intake: Intake) -> None:
    """Work out anew which waiting rows of the dataset were corrected; at no cost while none wait or nothing changed."""
    connection, dataset = intake.connection, {"dataset": intake.contract.name}
    waiting = connection.execute("select distinct delivery_id from raw.waiting where dataset = $dataset", dataset)
    names = sorted(row[0] for row in waiting.fetchall())
    if not names:
        return
    mark = connection.execute(_MARK, dataset).fetchall()[0][0]
    if (mark,) in connection.execute("select mark from raw.clearing where dataset = $dataset", dataset).fetchall():
        return
    entries = intake.ledger.entries()
    with transaction(connection):
        connection.execute("delete from raw.cleared where dataset = $dataset", dataset)
        for name in names:
            _clear(intake, entries[name], [e for e in entries.values() if _is_later(e, entries[name])])
        connection.execute("insert or replace into raw.clearing values (?, ?)", [intake.contract.name, mark])


def _is_later(entry: Entry, than: Entry) -> bool:
    return entry.source == than.source and entry.delivery.version > than.delivery.version


def _clear(intake: Intake, entry: Entry, later: list[Entry]) -> None:
    """Enter the corrected rows of one delivery."""
    parts = intake.lake.parts(
        "source = $source and version > $version", source=entry.source, version=entry.delivery.version
    )
    if any(_says_so(other, entry) for other in later) or any(_covers(part, _told(entry)) for part in parts):
        _clear_all(intake, entry)
    elif entry.waiting_file and parts:
        _clear_by_row(intake, entry, parts)


def _told(entry: Entry) -> DatasetNote:
    return entry.delivery.note(entry.dataset)


def _says_so(other: Entry, entry: Entry) -> bool:
    """Tell whether a delivery that was taken in names this one as corrected."""
    folder = _CHANGED.sub("", entry.delivery_id.removeprefix(f"{entry.source}."))
    return other.status in ("accepted", "partly accepted") and folder in _told(other).corrects


def _covers(full: Part, told: DatasetNote) -> bool:
    """Tell whether a full delivery replaces all the schools and dates that an earlier one spoke of."""
    schools = not full.scope_schools or (told.schools and set(told.schools) <= set(full.scope_schools))
    begins = not full.scope_from or (told.date_from and told.date_from >= full.scope_from)
    ends = not full.scope_to or (told.date_to and told.date_to <= full.scope_to)
    return full.mode == "full" and bool(schools and begins and ends)


def _clear_all(intake: Intake, entry: Entry) -> None:
    key = [entry.delivery_id, entry.dataset]
    if not entry.waiting_file:
        refused = "select delivery_id, dataset, rule, null, rows from raw.waiting where delivery_id = ? and dataset = ?"
        intake.connection.execute(f"insert into raw.cleared {refused}", key)
        return
    rows = intake.waiting_rows(entry)
    intake.connection.execute(f"insert into raw.cleared select ?, ?, broken_rule, row_no, 1 from {rows}", key)


def _clear_by_row(intake: Intake, entry: Entry, parts: list[Part]) -> None:
    """Enter the rows whose key came in or was withdrawn later, and those that a later full delivery covers."""
    _read_keys(intake, entry)
    met = _that_may_meet(intake, [p for p in parts if p.rows and p.is_withdrawal >= _told(entry).deleted])
    arms = [f"({in_scope(intake.lake, part)})" for part in parts if part.mode == "full"]
    arms += [f"row_no in ({_rows_that_meet(intake, met)})"] if met else []
    if arms:
        intake.connection.execute(
            f"insert into raw.cleared select ?, ?, rule, row_no, 1 from waiting_key where {' or '.join(arms)}",
            [entry.delivery_id, entry.dataset],
        )


def _rows_that_meet(intake: Intake, met: list[Part]) -> str:
    """Write the query of waiting rows whose key is in some parts."""
    keys = key_expressions(accepted(intake.contract))
    names = ", ".join(f"key_{i}" for i in range(len(keys)))
    told = ", ".join(f"{key} as key_{i}" for i, key in enumerate(keys))
    verify(intake.home, [(part.path, part.sha256) for part in met])
    later = f"select {told} from {scan(intake.home, [part.path for part in met])}"
    return f"select row_no from waiting_key semi join ({later}) as later using ({names}) where is_readable"


def _that_may_meet(intake: Intake, parts: list[Part]) -> list[Part]:
    """Keep the parts that have rows of the days of the waiting ones."""
    dated = date_column(intake.contract)
    if not dated:
        return parts
    days = f"select min({dated}), max({dated}) from waiting_key where is_readable"
    first, last = intake.connection.execute(days).fetchall()[0]
    return [p for p in parts if first and p.date_from and p.date_to and p.date_from <= last and p.date_to >= first]


def _read_keys(intake: Intake, entry: Entry) -> None:
    """Read the keys of the waiting rows, as far as they can be read, into the session's table waiting_key."""
    told = intake.waiting_rows(entry)
    found = [row[0] for row in intake.connection.execute(f"describe from {told}").fetchall()]
    types = {name: "VARCHAR" for name in intake.contract.column_names if name in found}
    for column in intake.contract.columns:
        if column.encrypted_name and column.name in types:
            intake.identity.learn(intake.connection, told, column.name)
    typed, promised = typed_rows(intake.contract, told, types), accepted(intake.contract)
    shown = ", ".join(f"{key} as key_{i}" for i, key in enumerate(key_expressions(promised)))
    intake.connection.execute(
        f"create or replace temp table waiting_key as select read.*, waiting.rule,"
        f" {shown}, {_is_readable(promised, types)} as is_readable"
        f" from ({typed}) as read join (select row_no, broken_rule as rule from {told}) as waiting using (row_no)"
    )


def _is_readable(promised: Contract, types: dict[str, str]) -> str:
    """Write the condition that every part of a row's natural key can be read; an optional part may be empty."""
    columns = [promised.column(name) for name in promised.natural_key]
    read = [f"read.{c.name} is not null" for c in columns if c.required]
    read += [
        f"(read.{c.name} is not null or not {c.name}_is_there)"
        for c in columns
        if not c.required and c.logical != "string" and c.name in types
    ]
    return " and ".join(read)
