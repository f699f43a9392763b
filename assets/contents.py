"""What a slice of a table is made from, as a hash: delivered weeks, spells, small tables, and the queries in between.

Three ways to keep a table, named by its contract: `weekColumn` (weeks from Monday of what was delivered),
`sevensColumn` (sevens before the stand's weekday) and `asOfColumn` (as-of days). The inputs of the last two are found
in the queries themselves, so that none can be forgotten.
"""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import date, timedelta

import duckdb

from assets.home import Home
from assets.lake import rows_told_of
from assets.queries import narrowed, query_of, relations_read, tables_read, typed
from assets.slices import Changed, built_slices
from data_contracts.contract import has_contract, load

WEEK = timedelta(days=7)
Connection = duckdb.DuckDBPyConnection

# The stand and its days are no input: they say which slices there are.
_CLOCKS = ("risk.stand", "risk.as_of_date")


def digest(*told: str) -> str:
    """Hash what a slice is made of; a hash function may change with the engine."""
    return hashlib.sha256("\n".join([duckdb.__version__, *told]).encode()).hexdigest()


def whole(connection: Connection, table: str) -> str:
    """Hash all rows of a table, in whatever order they are."""
    columns = ", ".join(load(table).column_names)
    query = f"select coalesce(sum(hash({columns})::hugeint), 0)::varchar from {table}"
    return f"{table} {connection.execute(query).fetchall()[0][0]};"


def _runs(days: list[date], every: list[date], at_once: int) -> list[tuple[date, date]]:
    """Join weeks with none between them that is to stay, some at once, to first days and ends."""
    place = {day: number for number, day in enumerate(every)}
    runs: list[list[date]] = []
    for day in days:
        if runs and len(runs[-1]) < at_once and place[day] == place[runs[-1][-1]] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return [(run[0], run[-1] + WEEK) for run in runs]


@dataclass(frozen=True)
class Weekly:
    """A table kept by weeks from Monday, made of delivered rows."""

    key: str
    column: str
    datasets: tuple[str, ...]
    tables: tuple[str, ...]
    spells: str | None
    is_running: bool

    def contents(self, connection: Connection, code: str) -> dict[date, str]:
        """Hash the parts that tell of a week, less what no longer stands of them, and what else the contract names."""
        small = "".join(whole(connection, table) for table in self.tables)
        rows = connection.execute(self._query(), {"datasets": list(self.datasets)}).fetchall()
        return {week: digest(code, small, str(said)) for week, said in rows}

    def _query(self) -> str:
        told = (
            "select week_starts_on, sum(hash(dataset, content)::hugeint) as said from raw.week_content"
            " where list_contains($datasets, dataset) group by week_starts_on"
        )
        if self.spells:
            told = _SPELLS.format(told=told, spells=self.spells)
        if self.is_running:
            told = f"select week_starts_on, sum(said) over (order by week_starts_on) as said from ({told}) as week"
        return told

    def narrowed(self, connection: Connection, home: Home, query: str, condition: str) -> str:
        """Read of delivered rows and of tables kept by weeks only what tells of these weeks."""
        seen_as = {}
        for key in set(relations_read(query)) - {load(self.key).setting("weekReadsAll")}:
            layer, name = key.split(".")
            if layer == "raw" and name in self.datasets:
                seen_as[key] = rows_told_of(connection, home, key, self._by("week_starts_on", condition))
            elif has_contract(key) and (column := load(key).setting("weekColumn")):
                seen_as[key] = f"select * from {key} where {self._by(column, condition)}"
        return narrowed(query, seen_as)

    def _by(self, column: str, condition: str) -> str:
        return re.sub(rf"\b{self.column}\b", column, condition)

    def conditions(self, connection: Connection, new: Changed, at_once: int) -> list[str]:
        """Write a condition for every run of weeks: what the query sees of them is narrowed by it, too."""
        runs = _runs(new.days, new.every, at_once)
        return [f"{self.column} >= date '{first}' and {self.column} < date '{end}'" for first, end in runs]


# A spell counts in the weeks it reaches into, cut to them: who leaves in May changes nothing in April. It matters only
# where lessons held are told of a class and not of a pupil.
_SPELLS = """
    with told as ({told}), taught as (select distinct week_starts_on from raw.week_content where dataset = 'lesson'),
    spell as (
        select week_starts_on, sum(hash(pupil_key, school_reg_no, class_label, greatest(entry_date, week_starts_on),
            least(coalesce(exit_date, week_starts_on + 7), week_starts_on + 7))::hugeint) as said
        from taught join {spells} on entry_date < week_starts_on + 7 and coalesce(exit_date > week_starts_on, true)
        group by week_starts_on
    )
    select week_starts_on, told.said + coalesce(spell.said, 0) as said from told left join spell using (week_starts_on)
"""


@dataclass
class Inputs:
    """All that a query is made from, through the tables it reads that are sliced or grow with the stand."""

    weekly: set[str] = field(default_factory=set)
    by_day: set[str] = field(default_factory=set)
    small: set[str] = field(default_factory=set)
    code: dict[str, str] = field(default_factory=dict)


def inputs_of(key: str, found: Inputs | None = None) -> Inputs:
    """Follow a query through sliced tables down to weekly ones, registers and small tables."""
    found = found or Inputs()
    found.code[key] = query_of(key)
    for table in tables_read(found.code[key]):
        contract = load(table)
        if table in _CLOCKS or table in found.code:
            continue
        if contract.setting("weekColumn"):
            found.weekly.add(table)
        elif any(contract.setting(by) for by in ("sevensColumn", "asOfColumn", "followsStand")):
            inputs_of(table, found)
        else:
            (found.by_day if table in _EVENTS else found.small).add(table)
    return found


def _said(connection: Connection, key: str) -> tuple[Inputs, str]:
    """Find a query's inputs; hash the queries, and those that no day tells apart."""
    inputs = inputs_of(key)
    code = "\n".join(text for _, text in sorted(inputs.code.items()))
    small = "".join(whole(connection, table) for table in sorted(inputs.small))
    return inputs, code + small


def _weeks_built(connection: Connection, tables: set[str]) -> dict[date, str]:
    """Join what the weeks of some tables are made of."""
    joined: dict[date, str] = {}
    for table in sorted(tables):
        for week, content in sorted(built_slices(connection, table).items()):
            joined[week] = f"{joined.get(week, '')}{table} {content};"
    return joined


def _clocks(connection: Connection) -> tuple[date, date]:
    return connection.execute("select as_of, week_anchor from risk.stand").fetchall()[0]


@dataclass(frozen=True)
class Sevens:
    """A table kept by sevens that end before the stand's weekday, made of weekly tables."""

    key: str
    column: str

    def contents(self, connection: Connection, code: str) -> dict[date, str]:
        """Join the weeks from Monday that a seven reaches into; a seven is cut at the stand."""
        inputs, said = _said(connection, self.key)
        as_of, anchor = _clocks(connection)
        told: dict[date, list[str]] = {}
        for monday, content in _weeks_built(connection, inputs.weekly).items():
            first = monday - timedelta(days=(monday - anchor).days % 7)
            for seven in {first, first + WEEK} if first != monday else {monday}:
                told.setdefault(seven, []).append(f"{monday} {content}")
        return {day: digest(code, said, *weeks) for day, weeks in sorted(told.items()) if day < as_of}

    def narrowed(self, connection: Connection, home: Home, query: str, condition: str) -> str:
        """Leave it to the engine: a seven is a group of days."""
        return query

    def conditions(self, connection: Connection, new: Changed, at_once: int) -> list[str]:
        """Write a condition for every run of sevens, by their numbers."""
        _, anchor = _clocks(connection)
        runs = _runs(new.days, new.every, at_once)
        number = [((first - anchor).days // 7, (end - anchor).days // 7) for first, end in runs]
        return [f"{self.column} >= {first} and {self.column} < {end}" for first, end in number]


@dataclass(frozen=True)
class AsOf:
    """A table kept by as-of days, made of what came before each."""

    key: str
    column: str

    def contents(self, connection: Connection, code: str) -> dict[date, str]:
        """Hash every week that began before the day, and what registers said by it."""
        inputs, said = _said(connection, self.key)
        _, anchor = _clocks(connection)
        weeks = sorted(_weeks_built(connection, inputs.weekly).items())
        days = [row[0] for row in connection.execute("select as_of from risk.as_of_date order by as_of").fetchall()]
        registers = {table: self._by_day(connection, table) for table in sorted(inputs.by_day)}
        contents = {}
        for day in days:
            before = [f"{week} {content}" for week, content in weeks if week < day]
            known = [f"{table} {told.get(day)}" for table, told in registers.items()]
            contents[day] = digest(code, said, str(anchor), *before, *known)
        return contents

    def _by_day(self, connection: Connection, table: str) -> dict[date, str]:
        return dict(connection.execute(_BY_DAY.format(events=_EVENTS[table])).fetchall())

    def narrowed(self, connection: Connection, home: Home, query: str, condition: str) -> str:
        """Read of the days, and of the tables kept by them, only those that are built: a day is made from itself."""
        daily = [key for key in tables_read(query) if load(key).setting("asOfColumn") == self.column]
        seen_as = {key: f"select * from {key} where {condition}" for key in (*daily, "risk.as_of_date")}
        for key in daily:
            if load(key).is_view:
                seen_as[key] = typed(load(key), self.narrowed(connection, home, query_of(key), condition))
        return narrowed(query, seen_as)

    def conditions(self, connection: Connection, new: Changed, at_once: int) -> list[str]:
        """Write a condition for some days at once, which are built in one pass."""
        groups = [new.days[n : n + at_once] for n in range(0, len(new.days), at_once)]
        listed = [", ".join(f"date '{day}'" for day in group) for group in groups]
        return [f"{self.column} in ({days})" for days in listed]


@dataclass(frozen=True)
class Ahead(AsOf):
    """A table kept by as-of days that tells what became of pupils by the end of a horizon after each."""

    horizon: str

    def contents(self, connection: Connection, code: str) -> dict[date, str]:
        """Hash, beside what came before the day, what registers say by the end of its horizon, once that is over."""
        contents = super().contents(connection, code)
        told = dict(connection.execute(_BY_HORIZON, {"horizon": self.horizon}).fetchall())
        return {day: digest(content, str(told.get(day))) for day, content in contents.items()}


# An entry counts from its day on, an exit from its own: who leaves in May still belonged in April. Events are summed by
# their day before they are summed up to an as-of day: there are as many days as a school year has, and not as pupils.
_EVENTS = {
    "core.enrolment": """
        select entry_date as day, hash(pupil_key, school_reg_no, entry_date, grade, class_label,
            case when exit_date is null then exit_meaning end)::hugeint as said
        from core.enrolment
        union all
        select greatest(entry_date, exit_date), hash(pupil_key, school_reg_no, entry_date, exit_date, exit_meaning)
        from core.enrolment where exit_date is not null
    """,
    "core.pupil": """
        select first.day, hash(pupil.pupil_key, birth_date, sex)::hugeint as said
        from core.pupil
        join (select pupil_key, min(entry_date) as day from core.enrolment group by pupil_key) as first
            using (pupil_key)
    """,
}
_BY_DAY = """
    with summed as (select day, sum(said) as said from ({events}) as event group by day)
    select as_of, sum(said)::varchar from risk.as_of_date join summed on summed.day <= as_of group by as_of
"""
_BY_HORIZON = f"""
    with summed as (select day, sum(said) as said from ({_EVENTS["core.enrolment"]}) as event group by day),
    horizon as (
        select as_of_date.as_of, as_of_date.as_of + value::integer as ends_on
        from risk.as_of_date join risk.policy_parameter
        on as_of_date.as_of between valid_from and coalesce(valid_to, date '9999-12-31')
        where policy_parameter.parameter = $horizon
    )
    select horizon.as_of, sum(said)::varchar
    from horizon join risk.stand on ends_on <= stand.as_of join summed on summed.day <= ends_on
    group by horizon.as_of
"""
