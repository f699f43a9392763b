"""The door's SQL, generated from the contract of a delivered dataset: read text, type it, name the broken rule."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from data_contracts.contract import Column, Contract, Promise, Reference, load
from data_contracts.person_code import code_rules
from data_contracts.rules import Rule, column_rules, literal, row_rules

PUPIL_KEY_FORM = "[0-9a-z]{12}"
_TRUE = "'true', 't', '1', 'j', 'jā', 'ja', 'yes', 'y'"
_FALSE = "'false', 'f', '0', 'n', 'nē', 'ne', 'no'"
_DAYS = ("%d.%m.%Y.", "%d.%m.%Y")
_MOMENTS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S.%f", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y. %H:%M:%S")
_FIRST, _LAST = "1900-01-01", "2100-12-31"
# Lists of codes: whose codes they are and when they are valid matters, on the day that this column of the row names.
_CODES = {"raw.attendance_code": "lesson_date", "raw.exit_status_code": "exit_date"}
_VALIDITY = ("source", "school_reg_no", "valid_from", "valid_to")


@dataclass(frozen=True)
class Door:
    """From where rows come, on which day, and whether they are keys to withdraw."""

    source: str
    day: date
    is_withdrawal: bool = False


def is_kept(column: Column) -> bool:
    """Tell whether a delivered column goes into the lake; names go to the vault, health codes nowhere."""
    return not column.tags & {"vault", "dropped"}


def accepted(contract: Contract) -> Contract:
    """Return the contract of the accepted rows: pseudonymous, without what is kept elsewhere or nowhere."""
    columns = tuple(_pseudonymous(c) for c in contract.columns if is_kept(c))
    return replace(contract, columns=columns, promises=tuple(_about_keys(p, contract) for p in contract.promises))


def _about_keys(promise: Promise, contract: Contract) -> Promise:
    """Let a promise about personal codes speak of their keys: two codes are one exactly when their keys are."""
    predicate = promise.predicate
    for column in contract.columns:
        if predicate and column.encrypted_name:
            predicate = re.sub(rf"\b{column.name}\b", column.encrypted_name, predicate)
    return replace(promise, predicate=predicate)


def _pseudonymous(column: Column) -> Column:
    if not column.encrypted_name:
        return column
    target = column.references and replace(column.references, column=column.encrypted_name)
    return replace(column, name=column.encrypted_name, pattern=PUPIL_KEY_FORM, references=target, aliases=())


def _read_date(text: str) -> str:
    """Write how to read a day: ISO or dd.mm.yyyy., a local time of day after it is dropped, a zone is not guessed."""
    iso = f"case when length({text}) <= 10 and substring({text}, 5, 1) = '-' then try_cast({text} as date) end"
    other = ", ".join(literal(form) for form in (*_DAYS, *_MOMENTS))
    return _plausible(
        f"coalesce({iso}, case when {text} between '0' and ':' then try_strptime({text}, [{other}])::date end)"
    )


def _plausible(day: str) -> str:
    return f"case when {day} between date '{_FIRST}' and date '{_LAST}' then {day} end"


def _read_enum(column: Column, text: str) -> str:
    labels = [(v, lv) for v, lv in zip(column.values, column.value_labels, strict=True) if lv]
    arms = " ".join(f"when {literal(lv.lower())} then {literal(v)}" for v, lv in labels)
    return f"case lower({text}) {arms} else {text} end" if arms else text


def read_text(column: Column, text: str) -> str:
    """Write the expression that reads a text value as the column's type; null where it cannot be read."""
    if column.logical == "date":
        return _read_date(text)
    if column.logical == "integer":
        whole = f"regexp_extract({text}, '^(-?[0-9]{{1,18}})([.,]0+)?$', 1)"
        return f"try_cast(nullif({whole}, '') as {column.type})"
    if column.logical == "number":
        decimal = f"regexp_extract({text}, '^-?[0-9]{{1,15}}([.,][0-9]+)?$')"
        return f"try_cast(replace(nullif({decimal}, ''), ',', '.') as double)"
    if column.logical == "boolean":
        return f"case when lower({text}) in ({_TRUE}) then true when lower({text}) in ({_FALSE}) then false end"
    if column.encrypted_name:
        return f"replace({text}, '-', '')"
    return _read_enum(column, text)


def _is_typed(column: Column, delivered_type: str) -> bool:
    """Tell whether a Parquet column already has the promised kind of type."""
    kinds = {"date": {"DATE"}, "boolean": {"BOOLEAN"}, "number": {"DOUBLE", "FLOAT"}}
    kinds["integer"] = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT"}
    return delivered_type.upper() in kinds.get(column.logical, set())


# Up to which whole number a type that holds fractions tells every one from the next.
_EXACT = {"DOUBLE": "1e15", "FLOAT": "16777216", "DECIMAL": "1e15"}


def delivered_text(column: Column, delivered_type: str) -> str:
    """Write the delivered value as text; a whole number held as a float loses its `.0`, a moment its zone."""
    value = f"delivered.{column.name}"
    if delivered_type == "TIMESTAMP WITH TIME ZONE":
        return f"{value}::timestamp::varchar"
    exact = _EXACT.get(delivered_type.partition("(")[0])
    if exact and column.logical == "string":
        whole = f"{value} = floor({value}) and abs({value}) < {exact}"
        return f"case when {whole} then {value}::bigint::varchar else {value}::varchar end"
    return f"{value}::varchar"


def _content(column: Column, delivered_type: str) -> str:
    return f"nullif(trim({delivered_text(column, delivered_type)}), '')"


def _typed_value(column: Column) -> str:
    value = f"delivered.{column.name}"
    if column.logical == "date":
        return _plausible(value)
    if column.logical == "number":
        return f"case when isfinite({value}) then {value}::{column.type} end"
    return f"try_cast({value} as {column.type})"


def _value(column: Column, types: Mapping[str, str]) -> str:
    if column.name not in types:
        return f"null::{column.type}"
    if _is_typed(column, types[column.name]):
        return _typed_value(column)
    return read_text(column, _content(column, types[column.name]))


def _can_fail(column: Column, types: Mapping[str, str]) -> bool:
    """Tell whether a delivered value may be unreadable: every text that is more than text, every wider type."""
    if column.logical == "string" or column.name not in types:
        return False
    return types[column.name] != column.type.upper() or column.logical in ("date", "number")


def _is_there(column: Column, types: Mapping[str, str]) -> str:
    typed = _is_typed(column, types[column.name])
    return f"delivered.{column.name} is not null" if typed else f"{_content(column, types[column.name])} is not null"


def _unread(column: Column, types: Mapping[str, str]) -> Rule | None:
    """Write the rule that a value which is there must be readable as its type."""
    if not _can_fail(column, types):
        return None
    holds = f"{column.name} is not null or not {column.name}_is_there"
    return Rule(f"{column.name}_type", column.name, f"{column.name} must be a {column.logical}", holds)


def _stands(reference: Reference, name: str, source: str) -> str:
    """Write the condition that a value of a row stands in the list it refers to, beside the query's rows `named`."""
    same = f"known.{reference.column} = named.{name}"
    if reference.table not in _CODES:
        return same
    day, columns = f"named.{_CODES[reference.table]}", load(reference.table).column_names
    own = " and known.school_reg_no in ('*', named.school_reg_no)" if "school_reg_no" in columns else ""
    valid = f"{day} between known.valid_from and coalesce(known.valid_to, date '9999-12-31')"
    return f"{same} and known.source in ('*', {literal(source)}){own} and ({day} is null or {valid})"


def known_table(reference: Reference) -> str:
    """Name the session's table of all values that ever were delivered for a reference, each with its first day."""
    return f"known_{reference.table.split('.')[1]}"


def known_columns(reference: Reference) -> list[str]:
    """Name the columns by which a value is known: its own and, for a list of codes, whose and when it is valid."""
    target = accepted(load(reference.table))
    about = _VALIDITY if reference.table in _CODES else ()
    return [n for n in target.column_names if n in {reference.column, *about}]


def _known(column: Column, door: Door) -> Rule | None:
    """Write the rule that a referenced value must have been delivered by the door's day."""
    if not column.references:
        return None
    reference, name = column.references, column.name
    rule, text = f"{name}_known", f"{name} must exist in {reference.table}"
    if column.encrypted_name:
        return Rule(rule, name, text, f"coalesce(named.{column.encrypted_name}_since <= date '{door.day}', false)")
    table = known_table(reference)
    if reference.table in _CODES:
        found = f"exists (select 1 from {table} as known where {_stands(reference, name, door.source)}"
        return Rule(rule, name, text, f"named.{name} is null or {found} and known.since <= date '{door.day}')")
    listed = f"select known.{reference.column} from {table} as known where known.since <= date '{door.day}'"
    return Rule(rule, name, text, f"named.{name} is null or named.{name} in ({listed})")


def known_from(contract: Contract, door: Door) -> str:
    """Write the day from which an accepted row counts: its delivery's, or later when all it refers to was known."""
    firsts = [
        f"(select min(known.since) from {known_table(c.references)} as known"
        f" where {_stands(c.references, c.name, door.source)})"
        for c in contract.columns
        if c.references
    ]
    days = ", ".join([f"date '{door.day}'", *firsts])
    return f"greatest({days})"


def door_rules(contract: Contract, types: Mapping[str, str], door: Door) -> list[Rule]:
    """List the rules a delivered row must satisfy, in the order in which the first broken one is named."""
    columns = [c for c in contract.columns if not door.is_withdrawal or c.key_position]
    read = [rule for c in columns if (rule := _unread(c, types))]
    row = [r for c in columns for r in column_rules(c)] if door.is_withdrawal else row_rules(contract)
    known = [] if door.is_withdrawal else [rule for c in columns if (rule := _known(c, door))]
    return read + row + [rule for c in columns for rule in code_rules(c)] + known


def is_known_always(column: Column, door: Door, first: str, last: str) -> str | None:
    """Write the condition that a code means something in every school on all days of a file; None if it is no code."""
    reference = column.references
    if reference is None or reference.table not in _CODES:
        return None
    own = " and known.school_reg_no = '*'" if "school_reg_no" in load(reference.table).column_names else ""
    return (
        f"exists (select 1 from {known_table(reference)} as known where known.{reference.column} = named.{column.name}"
        f" and known.source in ('*', {literal(door.source)}){own} and known.since <= date '{door.day}'"
        f" and known.valid_from <= {first} and coalesce(known.valid_to, date '9999-12-31') >= {last})"
    )


def day_of_code(column: Column) -> str | None:
    """Name the column whose day decides what a code means; None if the column is no code."""
    return _CODES.get(column.references.table) if column.references else None


def read_columns(columns: Sequence[Column], types: Mapping[str, str]) -> str:
    """Write the select list of columns as read, each that may be unreadable beside whether anything stood there."""
    there = [f"{_is_there(c, types)} as {c.name}_is_there" for c in columns if _can_fail(c, types)]
    return ", ".join([f"{_value(c, types)} as {c.name}" for c in columns] + there)


def with_identity(contract: Contract, typed: str) -> str:
    """Write the query of typed rows with the key of each person they name, and since when that person is known."""
    people = [(c.name, c.encrypted_name) for c in contract.columns if c.encrypted_name]
    keyed = "".join(
        f", of_{n}.pupil_key as {key}, of_{n}.pupil_since as {key}_since, of_{n}.code_fault as {key}_fault"
        for n, key in people
    )
    joined = "".join(f" left join known_identity as of_{n} on of_{n}.code_text = typed.{n}" for n, _ in people)
    return f"select typed.*{keyed} from ({typed}) as typed{joined}"


def typed_rows(contract: Contract, delivered: str, types: Mapping[str, str]) -> str:
    """Write the query of rows whose every value is read where it stands."""
    read = f"select delivered.row_no, {read_columns(contract.columns, types)} from {delivered} as delivered"
    return with_identity(contract, read)


def judged_rows(named: str, rules: Sequence[Rule]) -> str:
    """Write the query of rows with `broken_rule`, null for a good row; `named` is the query of typed rows."""
    arms = " ".join(f"when not ({rule.holds}) then {literal(rule.name)}" for rule in rules)
    verdict = f"case {arms} end" if arms else "null"
    return f"select named.*, {verdict} as broken_rule from ({named}) as named"


def key_expressions(contract: Contract) -> list[str]:
    """Write the natural key's columns so that an empty key part compares as a value."""
    by_name = {c.name: c for c in contract.columns}
    return [n if by_name[n].required else f"coalesce({n}::varchar, '')" for n in contract.natural_key]


def repeated_keys(contract: Contract, relation: str) -> str:
    """Write the query that counts groups holding a repeated natural key.

    A small whole number at the end of the key is checked by a bit mask, four times cheaper than by grouping.
    """
    keys = key_expressions(contract)
    last = contract.column(contract.natural_key[-1])
    fits = last.logical == "integer" and last.minimum is not None and (last.maximum or 99) <= 62
    if not fits:
        return f"select count(*) from (select 1 from {relation} group by {', '.join(keys)} having count(*) > 1) as r"
    grouped, mask = ", ".join(keys[:-1]), f"bit_count(bit_or(1::bigint << {last.name}))"
    return f"select count(*) from (select 1 from {relation} group by {grouped} having count(*) <> {mask}) as r"
