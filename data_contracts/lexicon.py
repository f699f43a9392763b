"""Read a text once, however many rows hold it: a large file has millions of rows and few spellings.

A lexicon is a session table of one delivered column: each distinct text, what it is read as, and whether the rules that
speak of this column alone hold for it. Joined to the rows it says what reading every row would say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from data_contracts.contract import Column, Contract
from data_contracts.intake import is_kept, read_columns, with_identity
from data_contracts.rules import Rule, mentioned


@dataclass(frozen=True)
class Lexicon:
    """The lexicon of one column, and the rules that it answers."""

    column: Column
    rules: tuple[Rule, ...]

    @property
    def spellings(self) -> str:
        """Name the session's table of the distinct texts."""
        return spellings(self.column)

    @property
    def table(self) -> str:
        """Name the session's table of what they mean."""
        return f"lexicon_{self.column.name}"


def spellings(column: Column) -> str:
    """Name the session's table of a delivered column's distinct texts."""
    return f"spelling_{column.name}"


def spelt_columns(contract: Contract, types: Mapping[str, str]) -> list[Column]:
    """List the delivered columns of text that are kept: what is sealed or dropped is not looked up."""
    return [c for c in contract.columns if types.get(c.name) == "VARCHAR" and is_kept(c)]


def spelling_query(column: Column, relation: str) -> str:
    """Write the query of a delivered column's distinct texts."""
    return f"select distinct {column.name} from {relation} as delivered where {column.name} is not null"


def _is_answered(rule: Rule, column: Column, contract: Contract) -> bool:
    """Tell whether a text alone decides a rule; that there is none at all, no text can tell."""
    return mentioned(rule.holds, contract) == {column.name} and not rule.name.endswith("_required")


def lexicons(contract: Contract, columns: Sequence[Column], rules: Sequence[Rule]) -> list[Lexicon]:
    """Give each column the rules that its texts decide."""
    return [Lexicon(c, tuple(r for r in rules if _is_answered(r, c, contract))) for c in columns]


def lexicon_query(contract: Contract, lexicon: Lexicon, types: Mapping[str, str]) -> str:
    """Write the query of a lexicon: each text, what it is read as, and which rules hold for it."""
    name = lexicon.column.name
    told = "".join(f", {rule.holds} as {_answer(rule)}" for rule in lexicon.rules)
    read = f"select delivered.{name} as delivered_text, {read_columns([lexicon.column], types)}"
    typed = f"{read} from {lexicon.spellings} as delivered"
    return f"select named.*{told} from ({with_identity(replace(contract, columns=(lexicon.column,)), typed)}) as named"


def _answer(rule: Rule) -> str:
    return f"holds_{rule.name}"


def answered(rules: Sequence[Rule], known: Sequence[Lexicon]) -> list[Rule]:
    """Let rules be answered by the lexicons where they can be."""
    told = {rule.name for lexicon in known for rule in lexicon.rules}
    return [replace(rule, holds=_answer(rule)) if rule.name in told else rule for rule in rules]


def looked_up(delivered: str, contract: Contract, types: Mapping[str, str], known: Sequence[Lexicon]) -> str:
    """Write the query of rows whose texts are looked up; the other columns are read as they stand."""
    names = {lexicon.column.name for lexicon in known}
    others = [c for c in contract.columns if c.name not in names]
    read = [read_columns(others, types)] if others else []
    found = [f"{lexicon.table}.* exclude (delivered_text)" for lexicon in known]
    joined = "".join(
        f" left join {lexicon.table} on {lexicon.table}.delivered_text = delivered.{lexicon.column.name}"
        for lexicon in known
    )
    rows = f"select delivered.row_no, {', '.join(read + found)} from {delivered} as delivered{joined}"
    return with_identity(replace(contract, columns=tuple(others)), rows)
