"""Take in one dataset: judge every row of a file, keep the good, set the others aside, write down what happened."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from assets.front_door import count_records, is_sound, open_file
from assets.home import Home, swap_in
from assets.identity import Identity, Person
from assets.judging import Judging
from assets.lake import Lake, Part, know
from assets.landing import DeliveredFile, content_sha256
from assets.ledger import DISAGREEING, MALFORMED, REFUSED, Entry, Ledger, entry_of, prepare, transaction, unread
from assets.lexicon import spell
from assets.manifest import verify
from assets.opened import Asked, Opened, globbed, told
from assets.parts import quoted, scan
from assets.person_codes import know_other_codes
from assets.places import note_places
from assets.shape import unsaid
from assets.superseding import register, remove
from assets.warehouse import Built, PromiseBroken
from data_contracts.contract import Column, Contract, Reference, load
from data_contracts.expectations import judge
from data_contracts.intake import Door, accepted, delivered_text, known_table
from data_contracts.lexicon import spellings
from data_contracts.profile import doubts_query, profile_query
from data_contracts.rules import check_names
from models.delivery import DeliveryRefused

__all__ = ["DISAGREEING", "MALFORMED", "REFUSED", "Intake", "intake_of", "refuse"]

# More rows than any table that they are joined with has.
_SORTED = 1_000_000
_CHANGED = (
    "it or its delivery.yaml changed while it was read, so nothing of it was taken; the next run reads it again; write"
    " delivery.yaml last, when the files are whole"
)


@dataclass
class Intake:
    """The intake of one dataset over one connection."""

    connection: duckdb.DuckDBPyConnection
    home: Home
    contract: Contract
    identity: Identity
    ledger: Ledger
    lake: Lake
    proven: dict[str, int] = field(default_factory=dict)

    def know_references(self) -> None:
        """Put the values that references may point to beside the intake, with the day each was first known."""
        self.identity.prepare(self.connection)
        pupil = accepted(load("raw.enrolment")).column("pupil_key").references
        for reference in [c.references for c in accepted(self.contract).columns] + [pupil]:
            if reference:
                know(self.connection, self.home, reference, known_table(reference))
        know_other_codes(self.connection, self.home)

    def take(self, file: DeliveredFile, later: Sequence[Entry] = ()) -> list[Entry]:
        """Take in a delivered file; one that cannot be read is refused in the ledger, and nothing is lost.

        later: entries that say the same and were taken in before, though delivered after it: they become repetitions.
        """
        asked = Asked(file.path, self.contract, needed(self.contract, file.note.deleted))
        try:
            return self._store(file, asked, open_file(self.connection, asked, self.home.scratch), later)
        except Exception as error:
            # Whatever went wrong with a file that changed meanwhile says nothing of what it is now.
            if not file.is_as_it_was():
                return [self.refuse(file, f"{file.path.name}: {_CHANGED}", is_read=False)]
            return [self.refuse(file, self._reason(file, error))]

    def _reason(self, file: DeliveredFile, error: Exception) -> str:
        """Say why a file is refused; what is not the file's fault is raised again."""
        if isinstance(error, DeliveryRefused):
            return str(error)
        if not isinstance(error, duckdb.Error) or is_sound(self.connection, file.path):
            raise error
        return f"{file.path.name}: its pages are damaged; ask the sender to deliver it again"

    def refuse(self, file: DeliveredFile, reason: str, is_read: bool = True) -> Entry:
        """Enter a file from which no row was taken; its bytes stay in landing."""
        return refuse(self.ledger, file, reason, is_read)

    def skip(self, file: DeliveredFile, twin: Entry) -> Entry:
        """Enter a file that says what an earlier delivery said; nothing is taken in twice."""
        entry = _duplicate(replace(entry_of(file), rows_delivered=twin.rows_delivered), twin.delivery_id)
        with transaction(self.connection):
            self.ledger.put(entry)
        return entry

    def _make_way(self, file: DeliveredFile, later: Sequence[Entry]) -> tuple[list[Entry], list[Part]]:
        """Turn deliveries into repetitions of an earlier one that arrived after them; return them and their parts."""
        parts = [part for twin in later for part in self.lake.parts("delivery_id = $id", id=twin.delivery_id)]
        repeated = [_duplicate(twin, file.delivery.delivery_id) for twin in later]
        if parts:
            remove(self.lake, parts)
        for entry in repeated:
            self.ledger.put(entry)
        return repeated, parts

    def _store(self, file: DeliveredFile, asked: Asked, opened: Opened, later: Sequence[Entry]) -> list[Entry]:
        note, delivery = file.note, file.delivery
        spelt = spell(self.connection, self.contract, opened)
        self.learn(opened, spelt)
        door = Door(delivery.source, delivery.known_from, note.deleted)
        judging = Judging(self.connection, self.contract, opened, door, spelt)
        with transaction(self.connection):
            repeated, given_up = self._make_way(file, later)
            part = self._write(file, judging)
            people = self._people(judging)
            # A full delivery of no rows says that there are none, and a correction that none were right; one that could
            # not be read says nothing.
            is_kept = part.rows > 0 or ((note.mode == "full" or bool(note.corrects)) and not opened.delivered)
            parts = [self.register(part)] if is_kept else []
            said = told(opened.note, unsaid(self.lake, note, part))
            entry = replace(entry_of(file), detected=opened.detected, note=said, rows_delivered=opened.delivered)
            entry = self.enter(entry, parts, judging)
            if entry.waiting_file:
                note_places(self.connection, entry, asked, opened, self.home.scratch)
            if not file.is_as_it_was():
                raise DeliveryRefused(f"{file.path.name}: {_CHANGED}")
            # Before the rows count, so that a run that is cut short does it again.
            self.identity.remember(delivery, people)
        for unused in given_up if parts else [*given_up, part]:
            self.lake.discard(unused)
        return [*repeated, entry]

    def _write(self, file: DeliveredFile, judging: Judging) -> Part:
        """Write the good rows; where some are broken or repeat a key, compare them and write what is left."""
        known = file.delivery.known_from
        # The engine may join a small file in any order; the bytes must not depend on what the session knew before.
        order = "row_no" if judging.opened.rows <= _SORTED else ""
        part = self.lake.write(file.delivery, file.note, judging.good(), known, order)
        stored = scan(self.home, [part.path])
        has_repeats = part.rows > 0 and judging.has_repeats(stored)
        if part.rows == judging.opened.rows and not has_repeats:
            return part
        if not judging.compare(stored, has_repeats):
            return part
        return self.lake.write(file.delivery, file.note, judging.good(), known, order)

    def _people(self, judging: Judging) -> dict[str, Person]:
        """Read the names that go into the vault."""
        if judging.door.is_withdrawal or not any("vault" in c.tags for c in self.contract.columns):
            return {}
        rows = self.connection.execute(_PEOPLE.format(good=judging.good())).fetchall()
        return {key: Person(code, given, family) for key, code, given, family in rows}

    def register(self, part: Part) -> Part:
        """Prove that the rows keep every promise, and make them part of the lake."""
        if part.rows and not part.is_withdrawal:
            self._prove(part)
        register(self.lake, part)
        return part

    def _prove(self, part: Part) -> None:
        promised = accepted(self.contract)
        beside = replace(promised, columns=tuple(_beside(c) for c in promised.columns))
        stored = scan(self.home, [part.path])
        ((rows, doubts),) = self.connection.execute(doubts_query(beside, stored)).fetchall()
        if doubts:
            self._break(promised, profile_query(beside, stored, repeated_keys=0))
        self.proven = {"row_count": self.proven.get("row_count", 0) + rows}

    def _break(self, promised: Contract, query: str) -> None:
        """Say how many rows break which rule of the contract."""
        result = self.connection.execute(query)
        found = dict(zip([d[0] for d in result.description or []], result.fetchall()[0], strict=True))
        raise PromiseBroken(promised.key, judge(promised, found))

    def built(self) -> Built:
        """Report the rows taken in and the verdict on every rule of the contract."""
        promised = accepted(self.contract)
        nothing = dict.fromkeys(["row_count", *(rule for rule, _ in check_names(promised))], 0)
        profile = nothing | self.proven
        return Built(promised.key, profile["row_count"], judge(promised, profile))

    def enter(self, entry: Entry, parts: list[Part], judging: Judging) -> Entry:
        """Write the ledger's row, exact to the row, and the file of the rows that wait."""
        by_rule = judging.set_aside()
        entry = entry.judged(sum(part.rows for part in parts), judging.repeated, by_rule)
        if entry.rows_delivered != entry.rows_stored + entry.rows_quarantined + entry.rows_repeated:
            raise RuntimeError(
                f"{entry.file_name}: {entry.rows_delivered} rows do not add up; this is a fault of the code"
            )
        name, sha256 = self._write_waiting(entry) if by_rule else (None, None)
        entry = replace(entry, waiting_file=name, waiting_sha256=sha256)
        self.ledger.put(entry, by_rule)
        return entry

    def _write_waiting(self, entry: Entry) -> tuple[str, str]:
        # Never over the file that the ledger still names: a run that is cut short must find it again.
        tries = int(entry.waiting_file.split(".")[1]) + 1 if entry.waiting_file else 1
        target = self.waiting_file(replace(entry, waiting_file=f"{entry.dataset}.{tries}.parquet"))
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".{target.name}.part")
        self.connection.execute(f"copy broken_rows to '{quoted(temporary)}' (format parquet)")
        swap_in(temporary, target)
        return target.name, content_sha256(target)

    def waiting_file(self, entry: Entry) -> Path:
        """Return the file of the rows of a delivery that wait, as they were delivered."""
        return self.home.quarantine / entry.delivery_id / (entry.waiting_file or "")

    def waiting_rows(self, entry: Entry) -> str:
        """Write the relation of the rows of a delivery that wait, their bytes compared with the ledger."""
        path = self.waiting_file(entry)
        verify(self.home, [(str(path.absolute()), entry.waiting_sha256 or "")])
        return f"read_parquet('{globbed(path)}', hive_partitioning = false)"

    def learn(self, opened: Opened, spelt: Sequence[Column] = ()) -> None:
        """Make sure that every personal code of the file has its pupil key in this session."""
        for column in self.contract.columns:
            if column.encrypted_name and column.name in opened.types:
                read = delivered_text(column, opened.types[column.name])
                told = f"(select {read} as {column.name} from {opened.relation} as delivered)"
                self.identity.learn(self.connection, spellings(column) if column in spelt else told, column.name)


_PEOPLE = """
    select pupil_key, person_code, coalesce(given_name, ''), coalesce(family_name, '') from ({good}) as good
    where given_name is not null or family_name is not null
"""


def needed(contract: Contract, is_withdrawal: bool) -> frozenset[str]:
    """Name the columns that a file must have: of keys to withdraw only the key."""
    asked = (c for c in contract.columns if c.required or "column_required" in c.tags)
    return frozenset(c.name for c in asked if c.key_position or not is_withdrawal)


def refuse(ledger: Ledger, file: DeliveredFile, reason: str, is_read: bool = True) -> Entry:
    """Enter a file of which nothing was taken, with as many rows as can be counted in it.

    is_read: false for one whose bytes are not known; the next run reads it again, whatever it holds then.
    """
    rows = count_records(ledger.connection, file.path) if file.is_there else 0
    entry = entry_of(file) if is_read else unread(file)
    entry = replace(entry, status="refused", note=reason, rows_delivered=rows, rows_quarantined=rows)
    with transaction(ledger.connection):
        ledger.put(entry, {REFUSED: rows})
    return entry


def _duplicate(entry: Entry, twin: str) -> Entry:
    counted = replace(
        entry,
        rows_stored=0,
        rows_quarantined=0,
        rows_repeated=entry.rows_delivered,
        waiting_file=None,
        waiting_sha256=None,
    )
    return replace(counted, status="duplicate", detected="", note=f"says the same as delivery {twin}")


def _beside(column: Column) -> Column:
    """Let a reference point to all values ever known, as the door does."""
    target = column.references
    return replace(column, references=Reference(known_table(target), target.column)) if target else column


def intake_of(connection: duckdb.DuckDBPyConnection, home: Home, key: str) -> Intake:
    """Prepare the intake of a delivered dataset."""
    prepare(connection)
    contract = load(key)
    ledger, lake = Ledger(connection, contract.name), Lake(connection, home, contract)
    return Intake(connection, home, contract, Identity(home), ledger, lake)
