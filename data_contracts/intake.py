"""The door's SQL, generated from the contract of a delivered dataset: read text, type it, name the broken rule."""

from collections.abc import Mapping
from dataclasses import replace

from data_contracts.contract import Column, Contract
from data_contracts.rules import Rule, column_rules, literal, row_rules

PUPIL_KEY_FORM = "[0-9a-z]{12}"
_TRUE = "'true', 't', '1', 'j', 'jā', 'ja', 'yes', 'y'"
_FALSE = "'false', 'f', '0', 'n', 'nē', 'ne', 'no'"


def is_kept(column: Column) -> bool:
    """Tell whether a delivered column goes into the lake; names go to the vault, health codes nowhere."""
    return not column.tags & {"vault", "dropped"}


def accepted(contract: Contract) -> Contract:
    """Return the contract of the accepted rows: pseudonymous, without what is kept elsewhere or nowhere."""
    return replace(contract, columns=tuple(_pseudonymous(c) for c in contract.columns if is_kept(c)))


def _pseudonymous(column: Column) -> Column:
    if not column.encrypted_name:
        return column
    target = column.references and replace(column.references, column=column.encrypted_name)
    return replace(column, name=column.encrypted_name, pattern=PUPIL_KEY_FORM, references=target, aliases=())


def _read_date(text: str) -> str:
    formats = "['%d.%m.%Y.', '%d.%m.%Y', '%d.%m.%y.']"
    return f"coalesce(try_cast({text} as date), try_strptime({text}, {formats})::date)"


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
        return f"try_cast(replace({text}, ',', '.') as double)"
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


def _value(column: Column, types: Mapping[str, str]) -> str:
    if column.name not in types:
        return f"null::{column.type}"
    if _is_typed(column, types[column.name]):
        return f"try_cast(delivered.{column.name} as {column.type})"
    text = f"nullif(trim(delivered.{column.name}::varchar), '')"
    return read_text(column, text)


def _unread(column: Column, types: Mapping[str, str]) -> Rule | None:
    """Write the rule that a value which is there must be readable as its type."""
    if column.logical == "string" or column.name not in types or _is_typed(column, types[column.name]):
        return None
    holds = f"{column.name} is not null or nullif(trim({column.name}_text), '') is null"
    return Rule(f"{column.name}_type", column.name, f"{column.name} must be a {column.logical}", holds)


def _known(column: Column, source: str) -> Rule | None:
    """Write the rule that a referenced value must have been delivered, in any delivery known so far."""
    if not column.references:
        return None
    target, name = column.references, column.name
    text = f"{name} must exist in {target.table}"
    if column.encrypted_name:
        return Rule(f"{name}_known", name, text, "coalesce(is_known_pupil, false)")
    if target.table == "raw.attendance_code":
        codes = "select coded.code from known_attendance_code as coded"
        holds = (
            f"{name} in ({codes} where coded.school_reg_no = '*' and coded.source in ('*', {literal(source)}))"
            f" or {name} || school_reg_no in (select coded.code || coded.school_reg_no from known_attendance_code"
            f" as coded where coded.source in ('*', {literal(source)}))"
        )
        return Rule(f"{name}_known", name, text, f"{name} is null or {holds}")
    table = target.table.split(".")[1]
    known = f"select known_{table}.{target.column} from known_{table}"
    return Rule(f"{name}_known", name, text, f"{name} is null or {name} in ({known})")


def door_rules(contract: Contract, types: Mapping[str, str], source: str, is_withdrawal: bool) -> list[Rule]:
    """List the rules a delivered row must satisfy, in the order in which the first broken one is named."""
    columns = [c for c in contract.columns if not is_withdrawal or c.key_position]
    read = [rule for c in columns if (rule := _unread(c, types))]
    row = [r for c in columns for r in column_rules(c)] if is_withdrawal else row_rules(contract)
    known = [] if is_withdrawal else [rule for c in columns if (rule := _known(c, source))]
    return read + row + known


def _typed_columns(contract: Contract, types: Mapping[str, str]) -> str:
    texts = [
        f"delivered.{c.name}::varchar as {c.name}_text"
        for c in contract.columns
        if c.logical != "string" and c.name in types and not _is_typed(c, types[c.name])
    ]
    return ", ".join([f"{_value(c, types)} as {c.name}" for c in contract.columns] + texts)


def judged_rows(contract: Contract, delivered: str, types: Mapping[str, str], rules: list[Rule]) -> str:
    """Write the query of typed rows with pupil_key and `broken_rule` (null for a good row).

    `delivered` is a relation with row_no and the delivered columns; `types` maps them to DuckDB types.
    """
    arms = " ".join(f"when not ({rule.holds}) then {literal(rule.name)}" for rule in rules)
    person = next((c.name for c in contract.columns if c.encrypted_name), None)
    joined = f" left join known_identity on known_identity.code_text = typed.{person}" if person else ""
    keyed = ", known_identity.pupil_key, known_identity.is_known_pupil" if person else ""
    verdict = f"case {arms} end" if arms else "null"
    return (
        f"select named.*, {verdict} as broken_rule from (select typed.*{keyed} from"
        f" (select delivered.row_no, {_typed_columns(contract, types)} from {delivered} as delivered) as typed"
        f"{joined}) as named"
    )


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
    mask = f"bit_count(bit_or(1::bigint << {last.name}))"
    return f"select count(*) from (select 1 from {relation} group by {', '.join(keys[:-1])} having count(*) <> {mask}) as r"
