"""`pumpurs template`: a workbook to fill in, made from the contract of a dataset."""

from pathlib import Path
from typing import Any

from data_contracts.advice import how_to_write
from data_contracts.contract import Column, Contract, delivered, load
from pipelines.errors import DONE, UsageError
from pipelines.output import print_json

ROWS = 2000
DATA, ABOUT, LISTS = "dati", "instrukcija", "saraksti"
_INTRO = (
    "Aizpildiet lapu “dati”: viena rinda – viens ieraksts. Obligātās kolonnas ir treknrakstā uz dzeltena fona.",
    "Fill in the sheet “dati”, one record a row. Columns in bold on yellow must not be empty.",
    "Datumus rakstiet kā 2025-09-01. Kur šūnai ir saraksts, izvēlieties no tā.",
    "Write dates as 2025-09-01. Where a cell has a list, choose from it.",
    "Saglabājiet kā XLSX un ievietojiet piegādes mapē ar datu kopas nosaukumu. Pirmo rindu nemainiet.",
    "Save as XLSX in the delivery folder, under the name of the dataset. Leave the first row as it is.",
)
_HEAD = ("kolonna / column", "kā rakstīt", "explanation", "how to write it", "obligāta / required")


def _choices(column: Column) -> list[tuple[str, str]]:
    """Return what a cell can be chosen from, with the code that each stands for."""
    labelled = [(label or value, value) for value, label in zip(column.values, column.value_labels, strict=True)]
    return labelled or [(example, example) for example in column.examples]


def _said(column: Column) -> tuple[str, str]:
    """Say in both languages how a column is written; English names the code beside each Latvian choice."""
    if column.values:
        listed = _choices(column)
        latvian = ", ".join(label for label, _ in listed)
        english = ", ".join(label if label == value else f"{label} ({value})" for label, value in listed)
        return f"izvēlieties no saraksta: {latvian}", f"choose from the list: {english}"
    how = how_to_write(column)
    return (how.do_lv, how.do_en) if how else ("", "")


def _cells(column: Column) -> tuple[str, ...]:
    latvian, english = _said(column)
    return (column.heading, latvian, column.description, english, "jā / yes" if column.required else "")


def _instructions(book: Any, contract: Contract) -> None:
    sheet = book.add_worksheet(ABOUT)
    bold = book.add_format({"bold": True})
    for row, text in enumerate(_INTRO):
        sheet.write_string(row, 0, text)
    for place, title in enumerate(_HEAD):
        sheet.write_string(len(_INTRO) + 1, place, title, bold)
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for row, column in enumerate(contract.columns, len(_INTRO) + 2):
        for place, text in enumerate(_cells(column)):
            sheet.write_string(row, place, text, wrapped)
    for place, width in enumerate((34, 50, 45, 50, 12)):
        sheet.set_column(place, place, width)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _lists(book: Any, contract: Contract) -> dict[str, str]:
    """Write the choices of each column on a sheet of their own: a cell's own list ends at 255 signs. Return ranges."""
    chosen = [column for column in contract.columns if _choices(column)]
    if not chosen:
        return {}
    sheet, ranges = book.add_worksheet(LISTS), {}
    for place, column in enumerate(chosen):
        shown = [label for label, _ in _choices(column)]
        sheet.write_string(0, place, column.name)
        sheet.write_column(1, place, shown)
        name = chr(ord("A") + place)
        ranges[column.name] = f"='{LISTS}'!${name}$2:${name}${len(shown) + 1}"
    sheet.hide()
    return ranges


def _rule(column: Column, ranges: dict[str, str]) -> dict[str, Any] | None:
    """Return what a cell of the column is checked by: its list, or a day; a list of examples only proposes."""
    if column.name in ranges:
        return {"validate": "list", "source": ranges[column.name], "show_error": bool(column.values)}
    if column.logical == "date":
        told = {"error_title": "Datums / date", "error_message": "2025-09-01", "error_type": "warning"}
        return {"validate": "date", "criteria": ">", "value": "=DATE(1990,1,1)", **told}
    return None


def _data(book: Any, sheet: Any, contract: Contract, ranges: dict[str, str]) -> None:
    # Text cells keep leading zeros and long codes, which a number cell would lose.
    text, day = book.add_format({"num_format": "@"}), book.add_format({"num_format": "yyyy-mm-dd"})
    needed = book.add_format({"bold": True, "bottom": 1, "bg_color": "#FFF2CC", "text_wrap": True, "valign": "top"})
    free = book.add_format({"bottom": 1, "text_wrap": True, "valign": "top"})
    for place, column in enumerate(contract.columns):
        sheet.write_string(0, place, column.heading, needed if column.required else free)
        sheet.write_comment(0, place, "\n".join(text for text in _cells(column)[1:4] if text), {"x_scale": 2})
        sheet.set_column(place, place, 20, day if column.logical == "date" else text)
        rule = _rule(column, ranges)
        if rule:
            sheet.data_validation(1, place, ROWS, place, rule)
    sheet.freeze_panes(1, 0)


def write_template(contract: Contract, out: Path) -> None:
    """Write the workbook of a delivered dataset."""
    import xlsxwriter

    with xlsxwriter.Workbook(str(out), {"in_memory": True}) as book:
        data = book.add_worksheet(DATA)
        _instructions(book, contract)
        _data(book, data, contract, _lists(book, contract))


def command(dataset: str, out: Path | None, as_json: bool) -> int:
    """Write the template of a dataset next to the user."""
    names = [key.split(".")[1] for key in delivered()]
    if dataset not in names:
        raise UsageError(f"there is no dataset '{dataset}'; choose one of {', '.join(names)}")
    path = out or Path(f"{dataset}.xlsx")
    write_template(load(f"raw.{dataset}"), path)
    print_json({"template": str(path)}) if as_json else print(f"template written to {path}")
    return DONE
