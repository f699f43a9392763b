"""One pupil, several personal codes: a code may change, and senders change over to the new one in their own time.

In the lake every row keeps the key it was delivered with. Which key stands is told by core.pupil_identity, as known on
the run's day; here rows of one pupil that were told under two keys are brought together, so that the later one counts.
"""

from datetime import date

import duckdb

from assets.home import Home
from assets.lake import EVER, paths_known
from assets.manifest import verify_parts
from assets.parts import scan
from assets.queries import query_of
from data_contracts.contract import delivered, load
from data_contracts.intake import accepted, key_expressions

CHANGES = "person_code_change"

_LINKS = """
    create or replace temp table code_link as
    with told as (
        select former_pupil_key, pupil_key, known_from
        from {told} as part join raw.lake_part on lake_part.part_no = part.part_no
    )
    select former_pupil_key as one, pupil_key as other, known_from as since from told
    union select pupil_key, former_pupil_key, known_from from told
"""

# A pupil is as well known by the other code, from the day on which both the pupil and the change were known.
_REACHED = """
    create or replace temp table reached_code as
    with recursive reached as (
        select pupil_key, since from known_pupil where pupil_key in (select one from code_link)
        union
        select code_link.other, greatest(reached.since, code_link.since)
        from reached join code_link on code_link.one = reached.pupil_key
    )
    select pupil_key, min(since) as since from reached group by pupil_key;
    delete from known_pupil where pupil_key in (select pupil_key from reached_code);
    insert into known_pupil select pupil_key, since from reached_code
"""

_FAMILY = """
    create or replace temp table code_family as
    with identity as ({identity})
    select pupil_key, standing_pupil_key from identity
    union select standing_pupil_key, standing_pupil_key from identity
"""

# Within one delivery the newest code counts; neither the part nor the place in it may matter, they depend on the order
# in which deliveries were taken in.
_MERGED = """
    insert into raw.merged
    with told as (
        select {keys}, part.part_no, part.file_row_number, lake_part.version, part.pupil_key as told_key,
            part.pupil_key = code_family.standing_pupil_key as is_newest
        from {parts} as part
        join code_family on code_family.pupil_key = part.pupil_key
        join raw.lake_part on lake_part.part_no = part.part_no
    ),
    placed as (
        select part_no, file_row_number, row_number() over (
            partition by {names} order by version desc, is_newest desc, told_key desc) as place
        from told
    )
    select part_no, file_row_number from placed where place > 1
"""


def know_other_codes(connection: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Let the session's table known_pupil hold every code of a known pupil; what was withdrawn later stays known."""
    paths = paths_known(connection, CHANGES, EVER, "not is_withdrawal")
    if paths:
        verify_parts(connection, home, f"dataset = '{CHANGES}'")
        connection.execute(_LINKS.format(told=scan(home, paths)))
        connection.execute(_REACHED)


def merge_codes(connection: duckdb.DuckDBPyConnection, home: Home, known_on: date) -> None:
    """Take out of the raw views what a later row of the same pupil replaced under another code, as known on a day."""
    connection.execute("delete from raw.merged")
    connection.execute(_FAMILY.format(identity=query_of("core.pupil_identity")))
    if not connection.execute("select 1 from code_family limit 1").fetchall():
        return
    for key in delivered():
        contract = accepted(load(key))
        paths = paths_known(connection, contract.name, known_on) if "pupil_key" in contract.natural_key else []
        if paths:
            keys = [_standing(expression) for expression in key_expressions(contract)]
            names = [f"key_{place}" for place in range(len(keys))]
            told = ", ".join(f"{expression} as {name}" for expression, name in zip(keys, names, strict=True))
            connection.execute(_MERGED.format(keys=told, names=", ".join(names), parts=scan(home, paths)))


def _standing(expression: str) -> str:
    return "code_family.standing_pupil_key" if expression == "pupil_key" else expression
