"""Judge the rows of an opened file: the good ones, those that repeat a key, those to set aside with a reason."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import duckdb

from assets import lexicon
from assets.front_door import Opened
from assets.ledger import DISAGREEING, REPEATED
from data_contracts.contract import Column, Contract
from data_contracts.intake import (
    Door,
    accepted,
    delivered_text,
    door_rules,
    judged_rows,
    key_expressions,
    repeated_keys,
    typed_rows,
)


@dataclass
class Judging:
    """The verdicts on one file's rows. One pass over the file when every row is good; what is rare may cost more."""

    connection: duckdb.DuckDBPyConnection
    contract: Contract
    opened: Opened
    door: Door
    spelt: Sequence[Column] = ()
    repeated: int = field(default=0, init=False)
    is_compared: bool = field(default=False, init=False)

    @cached_property
    def rows(self) -> str:
        """Write the query of typed rows with `broken_rule`, null for a good row."""
        rules = door_rules(self.contract, self.opened.types, self.door)
        if not self.spelt:
            return judged_rows(typed_rows(self.contract, self.opened.relation, self.opened.types), rules)
        return lexicon.judged(self.connection, self.contract, self.opened, self.door, self.spelt, rules)

    def good(self) -> str:
        """Write the query of the rows that stand."""
        once = " and row_no not in (select row_no from repeated_row)" if self.is_compared else ""
        return f"select * from ({self.rows}) as judged where broken_rule is null{once}"

    def has_repeats(self, stored: str) -> bool:
        """Tell whether the relation of the rows just stored holds a key twice."""
        return self._count(repeated_keys(accepted(self.contract), stored)) > 0

    def compare(self, stored: str, has_repeats: bool) -> int:
        """Find rows of one key among those that stand or wait for what they refer to; return how many are affected.

        If they disagree, all wait; else the first one stands for all. What a row refers to does not matter for this,
        so that it does not matter either when that arrives.
        """
        names = self._key_names()
        self._execute(f"create or replace temp table verdict as {self._keyed('broken_rule is not null')}")
        waiting = f"select {names} from verdict where ends_with(broken_rule, '_known')"
        met = f"select {self._keys()} from {stored}"
        met = (
            met if has_repeats else f"select {names} from ({met}) as stored semi join ({waiting}) as w using ({names})"
        )
        self._execute(
            f"create or replace temp table repeated_key as select {names} from ({met} union all {waiting}) as every"
            f" group by {names} having count(*) > 1"
        )
        self._execute(f"create or replace temp table repeated_row as {self._repeats(names)}")
        self.is_compared = True
        self.repeated = self._count(f"select count(*) from repeated_row where verdict = '{REPEATED}'")
        return self._count("select count(*) from repeated_row")

    def _repeats(self, names: str) -> str:
        """Write the verdicts on rows that share a key. Of keys to withdraw it does not matter what else they say."""
        kept = [c.encrypted_name or c.name for c in self.contract.columns if "dropped" not in c.tags]
        said = (
            "1" if self.door.is_withdrawal else f"count(distinct hash({', '.join(kept)})) over (partition by {names})"
        )
        may_stand = self._keyed("broken_rule is null or ends_with(broken_rule, '_known')")
        return (
            f"select row_no, case when said > 1 then '{DISAGREEING}' else '{REPEATED}' end as verdict"
            f" from (select row_no, {said} as said, row_number() over (partition by {names} order by row_no) as place"
            f" from ({may_stand}) as every semi join repeated_key using ({names})) as r where said > 1 or place > 1"
        )

    def set_aside(self) -> dict[str, int]:
        """Put the rows that wait into the session's table broken_rows, as delivered; return how many by rule."""
        types, columns = self.opened.types, [c for c in self.contract.columns if c.name in self.opened.types]
        texts = "".join(f", {delivered_text(c, types[c.name])} as {c.name}" for c in columns)
        aside = (
            "select row_no, verdict as rule from repeated_row union all"
            " select row_no, broken_rule from verdict anti join repeated_row using (row_no)"
        )
        rows = (
            f"select aside.row_no, aside.rule as broken_rule{texts} from ({aside}) as aside"
            f" join {self.opened.relation} as delivered using (row_no) where aside.rule <> '{REPEATED}'"
        )
        parts = ([rows] if self.is_compared else []) + ([f"from {self.opened.carried}"] if self.opened.carried else [])
        if not parts:
            return {}
        rows = " union all by name ".join(parts)
        self._execute(f"create or replace temp table broken_rows as from ({rows}) as r order by row_no")
        counted = "select broken_rule, count(*) from broken_rows group by broken_rule order by broken_rule"
        return dict(self.connection.execute(counted).fetchall())

    def _keyed(self, condition: str) -> str:
        return f"select *, {self._keys()} from ({self.rows}) as judged where {condition}"

    def _keys(self) -> str:
        return ", ".join(f"{key} as key_{i}" for i, key in enumerate(key_expressions(accepted(self.contract))))

    def _key_names(self) -> str:
        return ", ".join(f"key_{i}" for i in range(len(self.contract.natural_key)))

    def _execute(self, sql: str) -> None:
        self.connection.execute(sql)

    def _count(self, sql: str) -> int:
        return int(self.connection.execute(sql).fetchall()[0][0])
