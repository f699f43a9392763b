"""`pumpurs list`: whom to talk about this week, and why."""

import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from assets.case_list import CaseList, log_access, plan_label, read_list
from assets.coverage import Coverage, coverage
from assets.warehouse import Warehouse
from data_contracts.contract import load
from pipelines.clock import now
from pipelines.errors import DONE, UsageError
from pipelines.output import print_json
from pipelines.settings import settings

FORMATS = ("table", "csv", "xlsx", "json")
LIMITS = "Attendance and marks show three of the nineteen known risks; the list proposes, a person decides."


def _change_label(change: str) -> str:
    column = load("listed.attention_list").column("change")
    return dict(zip(column.values, column.value_labels, strict=True)).get(change) or change


def _flat(shown: CaseList) -> pl.DataFrame:
    who = ["name"] if shown.is_named else []
    columns = ["position", *who, "pupil_key", "school", "school_reg_no", "grade", "class_label", "reasons_lv"]
    columns += ["reasons_en", "reasons", "change", "plan_status", "data_to", "expires_on"]
    return shown.rows.select(columns)


def harmless(rows: pl.DataFrame) -> pl.DataFrame:
    """Put an apostrophe before text that a spreadsheet would run as a formula."""
    text = pl.col(pl.String)
    return rows.with_columns(pl.when(text.str.contains(r"^[=+\-@\t\r]")).then("'" + text).otherwise(text).name.keep())


def _document(shown: CaseList, known: Coverage | None) -> dict[str, Any]:
    return {
        "place": {"code": shown.place.code, "name": shown.place.name},
        "as_of": shown.as_of,
        "known_on": shown.known_on,
        "capacity": shown.capacity,
        "pupils_raised": shown.total,
        "named": shown.is_named,
        "limits": LIMITS,
        "coverage": asdict(known) if known else None,
        "pupils": _flat(shown).to_dicts(),
    }


def print_table(shown: CaseList) -> None:
    """Print the list as a coordinator reads it: who, why, what is new, plan, data to."""
    from rich.console import Console
    from rich.table import Table

    title = f"{shown.place.name} · uz / as of {shown.as_of} · {shown.rows.height} no / of {shown.total}"
    table = Table(title=title, title_justify="left", show_lines=True, expand=False)
    for name in ("", "Izglītojamais / pupil", "Klase", "Kāpēc / why", "Izmaiņas", "Plāns", "Dati līdz"):
        table.add_column(name, overflow="fold")
    for row in shown.rows.to_dicts():
        table.add_row(
            str(row["position"]),
            str(row.get("name") or row["pupil_key"]),
            row["class_label"] or "",
            f"{row['reasons_lv']}\n[dim]{row['reasons_en']}[/dim]",
            f"{_change_label(row['change'])}\n[dim]{row['change']}[/dim]",
            f"{plan_label(row['plan_status'])}\n[dim]{row['plan_status'].replace('_', ' ')}[/dim]",
            str(row["data_to"] or "nav datu"),
        )
    console = Console(width=None if sys.stdout.isatty() else 140)
    console.print(table)
    console.print(LIMITS)
    if not shown.is_named:
        console.print("Bez vārdiem / without names: no role of yours covers this place (give your login with --as).")


def _headed(rows: pl.DataFrame) -> pl.DataFrame:
    """Head the columns in Latvian, as the contract labels them."""
    contract = load("listed.attention_list")
    labels = {c.name: c.label_lv for c in contract.columns} | {"name": "vārds, uzvārds", "school": "skola"}
    return rows.rename({name: labels[name] for name in rows.columns})


def _write_xlsx(shown: CaseList, path: Path) -> None:
    """Write a sheet to print: landscape, one page wide, reasons wrapped."""
    import xlsxwriter

    rows = harmless(_flat(shown)).with_columns(
        plan_status=pl.col("plan_status").map_elements(plan_label, pl.String),
        change=pl.col("change").map_elements(_change_label, pl.String),
    )
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("saraksts")
        wrapped = book.add_format({"text_wrap": True, "valign": "top", "border": 1})
        bold = book.add_format({"bold": True, "text_wrap": True, "border": 1})
        sheet.write_row(0, 0, _headed(rows).columns, bold)
        for line, row in enumerate(rows.rows(), start=1):
            sheet.write_row(line, 0, ["" if cell is None else str(cell) for cell in row], wrapped)
        for place, name in enumerate(rows.columns):
            sheet.set_column(place, place, 60 if name.startswith("reasons_") else 14)
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)


def _deliver(shown: CaseList, known: Coverage | None, output: str, out: Path | None) -> None:
    """Show the list; on standard error also what it cannot show, so that none who is listed does not look like none."""
    for remark in known.remarks if known else []:
        print(remark, file=sys.stderr)
    if output == "table":
        print_table(shown)
    elif output == "json":
        print_json(_document(shown, known))
    elif output == "xlsx":
        if out is None:
            raise UsageError("an XLSX needs a file to go to; add --out list.xlsx")
        _write_xlsx(shown, out)
        print(f"{shown.rows.height} pupils written to {out}")
    else:
        text = harmless(_flat(shown)).write_csv()
        out.write_text(text, encoding="utf-8") if out else sys.stdout.write(text)


def command(
    folder: Path | None,
    wanted: str,
    as_of: date | None,
    known_on: date | None,
    capacity: int,
    output: str,
    out: Path | None,
    person: str | None,
) -> int:
    """Read the list for the person who asks, log the look, and show it."""
    if output not in FORMATS:
        raise UsageError(f"--format must be {', '.join(FORMATS)}")
    chosen = settings()
    home = chosen.home_folder(folder)
    warehouse = Warehouse(home, chosen.memory_limit, chosen.threads)
    if not warehouse.exists():
        raise UsageError(f"{home.root} holds no warehouse yet; put a delivery into landing/ and run `pumpurs run`")
    login = chosen.person if person is None else person
    moment = now()
    shown = read_list(warehouse, wanted, (as_of, known_on), capacity, (login, moment.date()))
    known = coverage(warehouse, shown.place.column, shown.place.code, shown.as_of, shown.known_on)
    log_access(home, login, shown, moment)
    _deliver(shown, known, output, out)
    return DONE
