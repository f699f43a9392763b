"""One scan of a table, generated from its contract: how many rows break each rule."""

from data_contracts.contract import Column, Contract
from data_contracts.rules import Rule, mentioned, row_rules


def _broken_rows(contract: Contract) -> list[str]:
    return [f"count(*) filter (where not ({rule.holds})) as {rule.name}" for rule in row_rules(contract)]


def _broken_key(contract: Contract, relation: str) -> str:
    # A null in the key compares as a value here: two rows without a school are the same key.
    key = ", ".join(contract.natural_key)
    grouped = f"select count(*) - 1 as surplus from {relation} group by {key} having count(*) > 1"
    return f"(select coalesce(sum(surplus), 0)::bigint from ({grouped}) as repeated) as key_unique"


def _broken_reference(column: Column, relation: str) -> str:
    if column.references is None:
        raise ValueError(f"{column.name} refers to nothing")
    target = column.references
    orphans = (
        f"select count(*) from {relation} as child where child.{column.name} is not null"
        f" and child.{column.name} not in (select parent.{target.column} from {target.table} as parent"
        f" where parent.{target.column} is not null)"
    )
    return f"({orphans}) as {column.name}_known"


def profile_query(contract: Contract, relation: str | None = None, repeated_keys: int | None = None) -> str:
    """Write the query whose single row holds row_count and the number of breaches of every rule.

    `repeated_keys` is the count of repeated natural keys where it was counted already.
    """
    source = relation or contract.key
    parts = ["count(*) as row_count", *_broken_rows(contract)]
    if contract.natural_key:
        counted = None if repeated_keys is None else f"{repeated_keys}::bigint as key_unique"
        parts.append(counted or _broken_key(contract, source))
    parts += [_broken_reference(c, source) for c in contract.columns if c.references]
    parts += [f"({p.query}) as {p.name}" for p in contract.promises if p.query]
    return f"select {', '.join(parts)} from {source}"


def _values_broken(contract: Contract, relation: str, column: Column, rules: list[Rule]) -> str:
    """Write the count of a column's distinct values that break a rule about this column alone."""
    name, breaks = column.name, [f"not ({rule.holds})" for rule in rules]
    if column.references:
        table, there = column.references.table, column.references.column
        breaks.append(
            f"({name} is not null and {name} not in"
            f" (select parent.{there} from {table} as parent where parent.{there} is not null))"
        )
    # Counted, not filtered: a filter would be asked of every row before they are made distinct.
    counted = f"count(*) filter (where {' or '.join(breaks)})"
    return f"(select {counted} from (select distinct {name} from {relation}) as told)"


def doubts_query(contract: Contract, relation: str) -> str:
    """Write the query of row_count and doubts: 0 only if no row breaks a rule; the key is not looked at.

    What one column decides is asked of its distinct values: as sure as asking every row, and many times cheaper.
    """
    alone: dict[str, list[Rule]] = {c.name: [] for c in contract.columns if c.references}
    together: list[Rule] = []
    for rule in row_rules(contract):
        names = mentioned(rule.holds, contract)
        alone.setdefault(next(iter(names)), []).append(rule) if len(names) == 1 else together.append(rule)
    parts = [_values_broken(contract, relation, contract.column(name), rules) for name, rules in alone.items()]
    if together:
        parts.append(f"count(*) filter (where {' or '.join(f'not ({rule.holds})' for rule in together)})")
    return f"select count(*) as row_count, {' + '.join(parts) or '0'} as doubts from {relation}"
