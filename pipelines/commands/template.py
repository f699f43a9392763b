"""`pumpurs template`: a workbook to fill in, made from the contract of a dataset."""

from pathlib import Path
from typing import Any

from data_contracts.advice import how_to_write
from data_contracts.contract import Column, Contract, delivered, load
from pipelines.errors import DONE, UsageError
from pipelines.output import print_json

ROWS = 2000
_INTRO = (
    "Aizpildiet lapu “dati”: viena rinda – viens ieraksts. Obligātās kolonnas ir treknrakstā. Datumi: 2025-09-01.",
    "Fill in the sheet “dati”, one record a row. Columns in bold must not be empty. Dates: 2025-09-01.",
    "Saglabājiet kā XLSX un ievietojiet piegādes mapē ar datu kopas nosaukumu.",
    "Save as XLSX in the delivery folder, under the name of the dataset.",
)


_HEAD = ("column / kolonna", "nosaukums", "kā rakstīt", "explanation", "how to write it", "obligāta / required")


def _cells(column: Column) -> tuple[str, ...]:
    how = how_to_write(column)
    written = (how.do_lv, how.do_en) if how else ("", "")
    needed = "jā / yes" if column.required else ""
    return (column.name, column.label_lv, written[0], column.description, written[1], needed)


def _choices(column: Column) -> list[str]:
    return [label or value for value, label in zip(column.values, column.value_labels, strict=True)]


def _instructions(book: Any, contract: Contract) -> None:
    sheet = book.add_worksheet("instrukcija")
    bold = book.add_format({"bold": True})
    for row, text in enumerate(_INTRO):
        sheet.write_string(row, 0, text)
    for place, title in enumerate(_HEAD):
        sheet.write_string(len(_INTRO) + 1, place, title, bold)
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for row, column in enumerate(contract.columns, len(_INTRO) + 2):
        for place, text in enumerate(_cells(column)):
            sheet.write_string(row, place, text, wrapped)
    for place, width in enumerate((22, 26, 45, 45, 45, 10)):
        sheet.set_column(place, place, width)


def _data(book: Any, contract: Contract) -> None:
    sheet = book.add_worksheet("dati")
    text = book.add_format({"num_format": "@"})
    for place, column in enumerate(contract.columns):
        header = book.add_format({"bold": column.required, "bottom": 1})
        sheet.write_string(0, place, column.name, header)
        sheet.write_comment(0, place, "\n".join(text for text in _cells(column)[1:5] if text))
        # Text cells keep leading zeros and long codes, which a number cell would lose.
        sheet.set_column(place, place, 20, text)
        if column.values:
            sheet.data_validation(1, place, ROWS, place, {"validate": "list", "source": _choices(column)})
    sheet.freeze_panes(1, 0)


def write_template(contract: Contract, out: Path) -> None:
    """Write the workbook of a delivered dataset."""
    import xlsxwriter

    with xlsxwriter.Workbook(str(out), {"in_memory": True}) as book:
        _data(book, contract)
        _instructions(book, contract)


def command(dataset: str, out: Path | None, as_json: bool) -> int:
    """Write the template of a dataset next to the user."""
    names = [key.split(".")[1] for key in delivered()]
    if dataset not in names:
        raise UsageError(f"there is no dataset '{dataset}'; choose one of {', '.join(names)}")
    path = out or Path(f"{dataset}.xlsx")
    write_template(load(f"raw.{dataset}"), path)
    print_json({"template": str(path)}) if as_json else print(f"template written to {path}")
    return DONE
