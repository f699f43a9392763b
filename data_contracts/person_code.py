"""Personal codes: an old one (ddmmyy-cnnnk) holds a day of birth and a check digit; a new one (32…39) holds neither.

Source: Fizisko personu reģistra likums; the check digit as python-stdnum's `lv.pk` computes it.
"""

from data_contracts.contract import Column
from data_contracts.rules import Rule, literal

CODE_DATE, CODE_CHECKSUM = "person_code_date", "person_code_checksum"
_WEIGHTS = (10, 5, 8, 4, 2, 1, 6, 3, 7, 9)
# The seventh digit is the century: 0 for 18xx, 1 for 19xx, 2 for 20xx.
_CENTURIES = ("18", "19", "20")


def fault(digits: str) -> str:
    """Write the expression that names the rule that a code of eleven digits breaks; null for a lawful one."""
    century = f"list_extract({list(_CENTURIES)}, try_cast({digits}[7] as integer) + 1)"
    day = f"try_cast(concat({century}, {digits}[5:6], '-', {digits}[3:4], '-', {digits}[1:2]) as date)"
    weighed = " + ".join(f"{weight} * try_cast({digits}[{i}] as integer)" for i, weight in enumerate(_WEIGHTS, 1))
    return (
        f"case when not regexp_full_match({digits}, '[0-9]{{11}}') or regexp_full_match({digits}, '3[2-9].*') then null"
        f" when {digits}[7] not in ('0', '1', '2') or {day} is null then {literal(CODE_DATE)}"
        f" when (1 + {weighed}) % 11 % 10 <> try_cast({digits}[11] as integer) then {literal(CODE_CHECKSUM)} end"
    )


def code_rules(column: Column) -> list[Rule]:
    """Write the rules of a column of personal codes; what each code breaks is found once, beside its pupil's key."""
    about = {CODE_DATE: "begins with a day that exists", CODE_CHECKSUM: "ends in the digit that fits the others"}
    return [
        Rule(
            rule,
            column.name,
            f"an old personal code {says}",
            f"named.{column.encrypted_name}_fault is distinct from {literal(rule)}",
        )
        for rule, says in (about if column.encrypted_name else {}).items()
    ]
