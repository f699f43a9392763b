"""Turn a contract into rules: SQL predicates that every row, key and table must satisfy."""

import re
from dataclasses import dataclass

from data_contracts.contract import Column, Contract


@dataclass(frozen=True)
class Rule:
    """One promise that can be counted. `holds` is true, or null where it does not apply, for a good row."""

    name: str
    column: str | None
    description: str
    holds: str


def literal(value: object) -> str:
    """Write a value as an SQL literal."""
    if isinstance(value, int | float):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"


def bounds_hold(column: Column) -> str:
    """Write the predicate of a column's minimum and maximum."""
    parts = [f"{column.name} >= {column.minimum}"] if column.minimum is not None else []
    parts += [f"{column.name} <= {column.maximum}"] if column.maximum is not None else []
    return " and ".join(parts)


def _bounds_text(column: Column) -> str:
    low = "" if column.minimum is None else f"from {column.minimum} "
    return f"{column.name} must lie {low}{'' if column.maximum is None else f'to {column.maximum}'}".strip()


def column_rules(column: Column) -> list[Rule]:
    """Write the rules that one column's promise makes of each row, without its references."""
    name, rules = column.name, []
    if column.required:
        rules.append(Rule(f"{name}_required", name, f"{name} must not be empty", f"{name} is not null"))
    if column.minimum is not None or column.maximum is not None:
        rules.append(Rule(f"{name}_range", name, _bounds_text(column), bounds_hold(column)))
    if column.pattern:
        holds = f"regexp_full_match({name}, {literal(column.pattern)})"
        rules.append(Rule(f"{name}_form", name, f"{name} must be written in an accepted form", holds))
    if column.values:
        listed = ", ".join(literal(v) for v in column.values)
        holds = f"{name} in ({listed})"
        rules.append(Rule(f"{name}_value", name, f"{name} must be one of {', '.join(column.values)}", holds))
    return rules


def mentioned(predicate: str, contract: Contract) -> set[str]:
    """Name the contract's columns that a predicate speaks of, or of which it asks whether anything stood there."""
    words = set(re.findall(r"\w+", predicate))
    return {name for name in contract.column_names if words & {name, f"{name}_is_there"}}


def row_rules(contract: Contract) -> list[Rule]:
    """Write all rules that can be decided by looking at one row alone."""
    rules = [rule for column in contract.columns for rule in column_rules(column)]
    own = [Rule(p.name, None, p.description, p.predicate) for p in contract.promises if p.predicate]
    return rules + own


def check_names(contract: Contract) -> list[tuple[str, str]]:
    """Return (name, description) of every rule of the contract, in the order in which they are counted."""
    named = [(rule.name, rule.description) for rule in row_rules(contract)]
    if contract.natural_key:
        named.append(("key_unique", f"one row per {', '.join(contract.natural_key)}"))
    named += [
        (f"{c.name}_known", f"{c.name} must exist in {c.references.table}.{c.references.column}")
        for c in contract.columns
        if c.references
    ]
    return named + [(p.name, p.description) for p in contract.promises if p.query]
