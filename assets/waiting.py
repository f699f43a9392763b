"""Rows that wait for what they refer to: judge them again when it arrives, and let them count from the right day.

A row counts from the day of its delivery or, if that is later, from the day on which all that it refers to was known.
So the order in which deliveries are taken in does not matter.
"""

from dataclasses import replace
from datetime import date

from assets.intake import Intake
from assets.judging import Judging
from assets.lake import Part
from assets.ledger import Entry, transaction
from assets.opened import Opened
from assets.parts import scan
from assets.superseding import remove
from data_contracts.intake import Door, accepted, known_from
from models.delivery import Delivery

EVER = date(9999, 12, 31)


def retry_waiting(intake: Intake, references: list[str]) -> None:
    """Judge waiting rows again if anything they may refer to has arrived since they were judged last."""
    waiting, newest = intake.ledger.waiting(), intake.lake.newest(references)
    entries = intake.ledger.entries() if waiting else {}
    for delivery_id in waiting:
        if entries[delivery_id].tried_part < newest:
            _retry(intake, entries[delivery_id])


def _retry(intake: Intake, entry: Entry) -> None:
    opened = _reopened(intake, intake.waiting_rows(entry))
    intake.learn(opened)
    judging = Judging(intake.connection, intake.contract, opened, Door(entry.source, EVER))
    with transaction(intake.connection):
        intake.connection.execute(f"create or replace temp table late_rows as {judging.good()}")
        parts = _write_late(intake, entry.delivery, "late_rows", "row_no")
        judging.compare("late_rows", has_repeats=False)
        intake.enter(replace(entry, tried_part=intake.lake.newest()), parts, judging)
    intake.waiting_file(entry).unlink()


def _reopened(intake: Intake, told: str) -> Opened:
    """Open the rows that may be judged again; the others are carried along."""
    for table, condition in (("carried_rows", "not"), ("delivered_rows", "")):
        intake.connection.execute(
            f"create or replace temp table {table} as from {told} where {condition} ends_with(broken_rule, '_known')"
        )
    columns = intake.connection.table("delivered_rows").columns
    types = {name: "VARCHAR" for name in intake.contract.column_names if name in columns}
    rows, carried = (len(intake.connection.table(name)) for name in ("delivered_rows", "carried_rows"))
    return Opened("delivered_rows", types, rows, carried="carried_rows", carried_rows=carried)


def _write_late(intake: Intake, delivery: Delivery, relation: str, order: str) -> list[Part]:
    """Write rows that had to wait, one part for each day from which all that its rows refer to was known."""
    note, days = delivery.note(intake.contract.name), _first_days(intake, delivery, relation)
    late = "select * from dated_rows where first_day = date '{}'"
    return [intake.register(intake.lake.write(delivery, note, late.format(day), day, order)) for day in days]


def _first_days(intake: Intake, delivery: Delivery, relation: str) -> list[date]:
    first = known_from(accepted(intake.contract), Door(delivery.source, delivery.known_from))
    intake.connection.execute(
        f"create or replace temp table dated_rows as select named.*, {first} as first_day from {relation} as named"
    )
    rows = intake.connection.execute("select distinct first_day from dated_rows order by first_day").fetchall()
    return [row[0] for row in rows]


def correct_days(intake: Intake, references: list[str]) -> None:
    """Let rows count from an earlier day if what they waited for turns out to have been delivered before."""
    entries = intake.ledger.entries()
    for part in intake.lake.parts("not is_withdrawal"):
        delivery = entries[part.delivery_id].delivery
        if part.known_from > delivery.known_from and intake.lake.has_earlier(part, references):
            _correct_days(intake, part, delivery)


def _correct_days(intake: Intake, part: Part, delivery: Delivery) -> None:
    stored = scan(intake.home, [part.path])
    if _first_days(intake, delivery, stored) == [part.known_from]:
        return
    with transaction(intake.connection):
        remove(intake.lake, [part])
        _write_late(intake, delivery, stored, "file_row_number")
    intake.lake.discard(part)
