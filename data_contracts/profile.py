"""One scan of a table, generated from its contract: how many rows break each rule."""

from data_contracts.contract import Column, Contract
from data_contracts.rules import row_rules


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
