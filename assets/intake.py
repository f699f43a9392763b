"""Take in one dataset of one delivery: judge every row, keep the good, set the others aside, write it down."""

from dataclasses import dataclass
from datetime import UTC, date
from pathlib import Path

import duckdb

from assets import lake
from assets.front_door import Opened, count_records, open_file
from assets.home import Home, swap_in
from assets.identity import Identity, Person
from assets.landing import content_sha256
from data_contracts.contract import Contract, load
from data_contracts.intake import accepted, door_rules, judged_rows, key_expressions, repeated_keys
from data_contracts.rules import Rule
from models.delivery import Delivery, DeliveryRefused

DISAGREEING = "key_disagrees"
MALFORMED = "row_malformed"
REFUSED = "file_refused"


@dataclass(frozen=True)
class Taken:
    """What taking in one file came to."""

    delivery_id: str
    dataset: str
    status: str
    note: str
    rows_delivered: int
    rows_stored: int
    rows_quarantined: int
    rows_repeated: int
    part: str | None = None


@dataclass
class Intake:
    """The intake of one dataset over one connection."""

    connection: duckdb.DuckDBPyConnection
    home: Home
    identity: Identity
    contract: Contract

    def take(self, delivery: Delivery, path: Path) -> Taken:
        """Take in a delivered file; a file that cannot be read is refused in the ledger, and nothing is lost."""
        try:
            opened = open_file(self.connection, path, self.contract, self.home.scratch)
        except DeliveryRefused as refusal:
            return self._enter_unread(delivery, path, "refused", str(refusal), count_records(self.connection, path))
        return self._accept(delivery, opened, path)

    def skip(self, delivery: Delivery, path: Path, twin: str) -> Taken:
        """Enter a file whose bytes another delivery already brought; nothing is taken in twice."""
        row = self.connection.execute(
            "select rows_delivered from raw.intake where delivery_id = ? and dataset = ?", [twin, self.contract.name]
        ).fetchone()
        return self._enter_unread(delivery, path, "duplicate", f"same bytes as delivery {twin}", row[0] if row else 0)

    def retry(self, delivery: Delivery, known_from: date) -> Taken | None:
        """Judge the quarantined rows of a delivery again, now that more is known."""
        waiting = self._waiting_file(delivery)
        if not waiting.exists():
            return None
        self.connection.execute(
            "create or replace temp table delivered_rows as select * from read_parquet($path)", {"path": str(waiting)}
        )
        names = [n for n in self.contract.column_names if n in self._columns_of("delivered_rows")]
        count = self._count("select count(*) from delivered_rows")
        opened = Opened("delivered_rows", dict.fromkeys(names, "VARCHAR"), count, 0, "quarantine", ())
        return self._accept(delivery, opened, waiting, known_from, again=True)

    def _accept(
        self, delivery: Delivery, opened: Opened, path: Path, known_from: date | None = None, again: bool = False
    ) -> Taken:
        note = delivery.note(self.contract.name)
        person = next((c for c in self.contract.columns if c.encrypted_name), None)
        if person and opened.rows:
            self.identity.learn(self.connection, opened.relation, person.name)
        rules = door_rules(self.contract, opened.types, delivery.source, note.deleted)
        judged = judged_rows(self.contract, opened.relation, opened.types, rules)
        part = self._write_part(delivery, judged, known_from or delivery.known_from)
        repeated, disagreeing = self._settle_repeats(delivery, judged, part)
        if disagreeing or repeated:
            part = self._write_part(delivery, self._without_repeats(judged), known_from or delivery.known_from)
        if any("vault" in c.tags for c in self.contract.columns):
            self._remember_people(delivery, judged)
        quarantined = opened.rows - part.rows - repeated
        with_rules = self._quarantine(delivery, opened, judged, rules, quarantined, bool(disagreeing))
        return self._enter(delivery, opened, part, path, quarantined, repeated, with_rules, again)

    def _write_part(self, delivery: Delivery, judged: str, known_from: date) -> lake.Part:
        """Write the good rows as the next part of the lake; visible only once it is registered."""
        note, number = delivery.note(self.contract.name), lake.next_part(self.connection)
        columns = ", ".join(accepted(self.contract).column_names)
        relative = f"lake/{self.contract.name}/{delivery.delivery_id}.{number}.parquet"
        final = self.home.root / relative
        final.parent.mkdir(parents=True, exist_ok=True)
        temporary = final.with_name(f".{final.name}.part")
        self.connection.execute(
            f"copy (select {columns}, {number}::integer as part_no from ({judged}) as judged where broken_rule is null)"
            f" to '{_quoted(temporary)}' (format parquet, compression zstd, compression_level 1)"
        )
        swap_in(temporary, final)
        rows, first, last = self._extent(final)
        return lake.Part(
            part_no=number,
            delivery_id=delivery.delivery_id,
            dataset=self.contract.name,
            source=delivery.source,
            shape=note.shape,
            mode=note.mode,
            is_withdrawal=note.deleted,
            known_from=known_from,
            delivered_on=delivery.delivered_on,
            path=relative,
            sha256=lake.file_sha256(final),
            rows=rows,
            date_from=first,
            date_to=last,
            scope_schools=list(note.schools),
            scope_from=note.date_from,
            scope_to=note.date_to,
        )

    def _extent(self, path: Path) -> tuple[int, date | None, date | None]:
        dated = lake.date_column(self.contract) or "null::date"
        row = self.connection.execute(
            f"select count(*), min({dated}), max({dated}) from read_parquet('{_quoted(path)}')"
        ).fetchone()
        return row or (0, None, None)

    def _settle_repeats(self, delivery: Delivery, judged: str, part: lake.Part) -> tuple[int, int]:
        """Count rows that repeat a key: those that agree with the first, and those that disagree."""
        relation = f"read_parquet('{_quoted(self.home.root / part.path)}')"
        if not self._count(repeated_keys(accepted(self.contract), relation)):
            return 0, 0
        names = accepted(self.contract).column_names
        keys = ", ".join(key_expressions(accepted(self.contract)))
        self.connection.execute(
            f"create or replace temp table repeated_key as select row_no, key_rank, variants > 1 as is_disagreeing from"
            f" (select row_no, row_number() over (partition by {keys} order by row_no) as key_rank,"
            f" count(distinct hash({', '.join(names)})) over (partition by {keys}) as variants,"
            f" count(*) over (partition by {keys}) as copies from ({judged}) as judged where broken_rule is null) as r"
            f" where copies > 1"
        )
        agreeing = self._count("select count(*) from repeated_key where not is_disagreeing and key_rank > 1")
        return agreeing, self._count("select count(*) from repeated_key where is_disagreeing")

    def _without_repeats(self, judged: str) -> str:
        return (
            f"select judged.* replace (coalesce(broken_rule, case when is_disagreeing then '{DISAGREEING}' when"
            f" key_rank > 1 then 'key_repeated' end) as broken_rule) from ({judged}) as judged"
            f" left join repeated_key on repeated_key.row_no = judged.row_no"
        )

    def _remember_people(self, delivery: Delivery, judged: str) -> None:
        people = self.connection.execute(
            f"select pupil_key, person_code, coalesce(given_name, ''), coalesce(family_name, '') from ({judged}) as j"
            " where broken_rule is null and (given_name is not null or family_name is not null)"
        ).fetchall()
        if people:
            moment = delivery.delivered_on.astimezone(UTC).strftime("%Y%m%dT%H%M%S")
            found = {row[0]: Person(row[1], row[2], row[3]) for row in people}
            self.identity.remember(delivery.delivery_id, moment, found)

    def _quarantine(
        self, delivery: Delivery, opened: Opened, judged: str, rules: list[Rule], quarantined: int, repeats: bool
    ) -> dict[str, int]:
        """Set the broken rows aside as delivered, each with its row number and rule; return rows by rule."""
        target = self._waiting_file(delivery)
        if not quarantined:
            target.unlink(missing_ok=True)
            return {}
        verdicts = self._without_repeats(judged) if repeats else judged
        names = ", ".join(f"delivered.{n}::varchar as {n}" for n in opened.types)
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".{target.name}.part")
        self.connection.execute(
            f"create or replace temp table broken_rows as select verdict.row_no, verdict.broken_rule, {names}"
            f" from ({verdicts}) as verdict join {opened.relation} as delivered on delivered.row_no = verdict.row_no"
            f" where verdict.broken_rule is not null and verdict.broken_rule <> 'key_repeated'"
            f" order by verdict.row_no"
        )
        self.connection.execute(f"copy broken_rows to '{_quoted(temporary)}' (format parquet)")
        swap_in(temporary, target)
        found = dict(self.connection.execute("select broken_rule, count(*) from broken_rows group by 1").fetchall())
        return {**found, **({MALFORMED: opened.malformed} if opened.malformed else {})}

    def _enter(
        self,
        delivery: Delivery,
        opened: Opened,
        part: lake.Part,
        path: Path,
        quarantined: int,
        repeated: int,
        by_rule: dict[str, int],
        again: bool,
    ) -> Taken:
        """Register the part, what it supersedes, and the ledger's row, all in one transaction."""
        dataset, key = self.contract.name, (delivery.delivery_id, self.contract.name)
        status = "accepted" if not quarantined else ("quarantined" if not part.rows else "partly accepted")
        note = f"ignored columns: {', '.join(opened.ignored)}" if opened.ignored else ""
        self.connection.execute("begin")
        try:
            if part.rows or part.mode == "full":
                self._register(part)
            withdrawn = lake.supersede(self.connection, self.home, self.contract, part) if part.rows else 0
            self.connection.execute("delete from raw.waiting where delivery_id = ? and dataset = ?", key)
            for rule, rows in by_rule.items():
                self.connection.execute("insert into raw.waiting values (?, ?, ?, ?)", [*key, rule, rows])
            if again:
                self.connection.execute(
                    "update raw.intake set rows_stored = rows_stored + ?, rows_quarantined = ?,"
                    " rows_repeated = rows_repeated + ?, rows_withdrawn = rows_withdrawn + ?, status = ?"
                    " where delivery_id = ? and dataset = ?",
                    [part.rows, quarantined, repeated, withdrawn, status, *key],
                )
            else:
                self._write_ledger(delivery, opened, part, path, quarantined, repeated, withdrawn, status, note)
            self.connection.execute("commit")
        except BaseException:
            self.connection.execute("rollback")
            raise
        return Taken(
            delivery.delivery_id, dataset, status, note, opened.rows, part.rows, quarantined, repeated, part.path
        )

    def _register(self, part: lake.Part) -> None:
        fields = list(vars(part).values())
        self.connection.execute(f"insert into raw.lake_part values ({', '.join('?' * len(fields))})", fields)

    def _write_ledger(
        self,
        delivery: Delivery,
        opened: Opened,
        part: lake.Part,
        path: Path,
        quarantined: int,
        repeated: int,
        withdrawn: int,
        status: str,
        note: str,
    ) -> None:
        meant = delivery.note(self.contract.name)
        fields = [delivery.delivery_id, self.contract.name, delivery.source, delivery.delivered_on, path.name]
        fields += [content_sha256(path), meant.mode, meant.shape, opened.detected, status, note]
        fields += [opened.rows, part.rows, quarantined, repeated, withdrawn]
        self.connection.execute(f"insert into raw.intake values ({', '.join('?' * len(fields))})", fields)

    def _enter_unread(self, delivery: Delivery, path: Path, status: str, reason: str, rows: int) -> Taken:
        """Enter a file from which no row was taken; its bytes stay in landing."""
        note, dataset = delivery.note(self.contract.name), self.contract.name
        refused, repeated = (rows, 0) if status == "refused" else (0, rows)
        fields = [delivery.delivery_id, dataset, delivery.source, delivery.delivered_on, path.name]
        fields += [content_sha256(path), note.mode, note.shape, "", status, reason, rows, 0, refused, repeated, 0]
        self.connection.execute(f"insert into raw.intake values ({', '.join('?' * len(fields))})", fields)
        if refused:
            self.connection.execute(
                "insert into raw.waiting values (?, ?, ?, ?)", [delivery.delivery_id, dataset, REFUSED, rows]
            )
        return Taken(delivery.delivery_id, dataset, status, reason, rows, 0, refused, repeated)

    def _waiting_file(self, delivery: Delivery) -> Path:
        return self.home.quarantine / delivery.delivery_id / f"{self.contract.name}.parquet"

    def _columns_of(self, table: str) -> list[str]:
        return [row[0] for row in self.connection.execute(f"describe {table}").fetchall()]

    def _count(self, sql: str) -> int:
        row = self.connection.execute(sql).fetchone()
        return int(row[0]) if row else 0


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def intake_of(connection: duckdb.DuckDBPyConnection, home: Home, key: str) -> Intake:
    """Prepare the intake of a delivered dataset."""
    lake.prepare(connection)
    return Intake(connection, home, Identity(home), load(key))
