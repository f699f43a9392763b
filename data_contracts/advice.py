"""What is wrong with a row and what to do about it, in words for whoever delivered it: Latvian and English.

Words name columns and rules only, never a value.
"""

from data_contracts.contract import Column, Contract
from data_contracts.person_code import code_rules
from data_contracts.wording import FORMS, KNOWN, ROWS, TYPES, Advice


def _required(_: Column) -> Advice:
    return Advice(
        "obligātais lauks ir tukšs",
        "aizpildiet tukšo lauku",
        "a field that must be filled is empty",
        "fill in the field",
    )


def _type(column: Column) -> Advice:
    return TYPES.get(column.logical, TYPES["integer"])


def _range(column: Column) -> Advice:
    low = "" if column.minimum is None else f"no {column.minimum:g} "
    high = "un vairāk" if column.maximum is None else f"līdz {column.maximum:g}"
    low_en = "" if column.minimum is None else f"from {column.minimum:g} "
    high_en = "up" if column.maximum is None else f"to {column.maximum:g}"
    return Advice(
        "skaitlis ir ārpus atļautajām robežām",
        f"jābūt {low}{high}",
        "the number is outside the limits",
        f"it must lie {low_en}{high_en}",
    )


def _form(column: Column) -> Advice:
    return FORMS.get(column.name) or Advice(
        "vērtības pieraksts nav pazīstams",
        f"rakstiet, kā datu kopas lapā noteikts kolonnai {column.name}",
        "the value is not written in an accepted form",
        f"write it as the dataset's page says for the column {column.name}",
    )


def _value(column: Column) -> Advice:
    labelled = zip(column.values, column.value_labels, strict=True)
    return Advice(
        "vērtība nav starp atļautajām",
        f"rakstiet vienu no: {', '.join(label or value for value, label in labelled)}",
        "the value is not one of those allowed",
        f"write one of: {', '.join(column.values)}",
    )


def _known(column: Column) -> Advice:
    target = column.references.table if column.references else ""
    return KNOWN.get(target) or Advice(
        "rinda atsaucas uz kaut ko, kas nav iesniegts",
        f"iesniedziet trūkstošo datu kopā {target.removeprefix('raw.')} – rindu pārbaudīs vēlreiz",
        "the row refers to something that was not delivered",
        f"deliver it in the dataset {target.removeprefix('raw.')}: the row is then tried again",
    )


_OF_COLUMN = {
    "required": _required,
    "type": _type,
    "range": _range,
    "form": _form,
    "value": _value,
    "known": _known,
}


def column_of(contract: Contract, rule: str) -> Column | None:
    """Return the column that a rule is about; None if it is about the row."""
    name, _, kind = rule.rpartition("_")
    named = next((c for c in contract.columns if c.name == name and kind in _OF_COLUMN), None)
    codes = [column for column in contract.columns if rule in {r.name for r in code_rules(column)}]
    return named or (codes[0] if len(codes) == 1 else None)


def how_to_write(column: Column) -> Advice | None:
    """Say how a column's values are written; None for a text that is free."""
    if column.values:
        return _value(column)
    if column.minimum is not None or column.maximum is not None:
        return _range(column)
    form = FORMS.get(column.name) if column.pattern or column.examples else None
    return form or TYPES.get(column.logical)


def advice(contract: Contract, rule: str) -> Advice:
    """Say in both languages what a rule of a dataset found wrong and what to do."""
    if rule in ROWS:
        return ROWS[rule]
    column = column_of(contract, rule)
    if column:
        return _OF_COLUMN[rule.rpartition("_")[2]](column)
    described = {p.name: p.description for p in contract.promises}.get(rule, f"the row breaks the rule {rule}")
    return Advice(
        f"rinda neatbilst noteikumam {rule}",
        "noteikuma skaidrojums ir datu kopas lapā; izlabojiet rindu un iesniedziet to no jauna",
        described,
        "correct the row and deliver it again",
    )
