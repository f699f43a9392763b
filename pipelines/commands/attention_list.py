"""`pumpurs list`: whom to talk about this week, and why."""

import sys
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from assets.case_list import HEALTH, CaseList, log_access, read_list
from assets.coverage import Coverage, coverage
from pipelines.clock import now
from pipelines.errors import DONE, UsageError
from pipelines.output import print_json, tell
from pipelines.standing import Wish, opened, wished

FORMATS = ("table", "csv", "xlsx", "json")
LIMITS_LV = "Kavējumi un vērtējumi rāda trīs no deviņpadsmit zināmajiem riskiem; saraksts iesaka, cilvēks lemj."
LIMITS = "Attendance and marks show three of the nineteen known risks; the list proposes, a person decides."


def _flat(shown: CaseList) -> pl.DataFrame:
    who = ["name"] if shown.is_named else []
    columns = ["position", *who, "pupil_key", "school", "school_reg_no", "grade", "class_label", "reasons_lv"]
    columns += ["reasons_en", "reasons", "change", "plan_status", "data_to", "expires_on"]
    return shown.rows.select(columns + [name for name in HEALTH if name in shown.rows.columns])


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
        "health": shown.shows_health,
        "limits": LIMITS,
        "limits_lv": LIMITS_LV,
        "coverage": asdict(known) if known else None,
        "pupils": _flat(shown).to_dicts(),
    }


def _why(row: dict[str, Any], language: str) -> str:
    """Join the reasons of a row; those of health are there only for the school, and say so."""
    health, said = row.get(f"reasons_health_{language}"), row[f"reasons_{language}"]
    only = "tikai skolai" if language == "lv" else "for the school only"
    return "; ".join(filter(None, (said, f"{health} ({only})" if health else None)))


def print_table(shown: CaseList) -> None:
    """Print the list as a coordinator reads it: who, why, what is new, plan, data to."""
    from rich.console import Console
    from rich.table import Table

    title = f"{shown.place.name} · uz / as of {shown.as_of} · zināms / known on {shown.known_on}"
    title += f" · {shown.rows.height} no / of {shown.total}, kam ir kāda pazīme / with any reason"
    table = Table(title=title, title_justify="left", show_lines=True, expand=False)
    for name in ("", "Izglītojamais / pupil", "Klase", "Kāpēc / why", "Izmaiņas", "Plāns", "Dati līdz"):
        table.add_column(name, overflow="fold")
    for row in shown.rows.to_dicts():
        table.add_row(
            str(row["position"]),
            str(row.get("name") or row["pupil_key"]),
            row["class_label"] or "",
            f"{_why(row, 'lv')}\n[dim]{_why(row, 'en')}[/dim]",
            f"{shown.label('change', row['change'])}\n[dim]{row['change']}[/dim]",
            f"{shown.label('plan_status', row['plan_status'])}\n[dim]{row['plan_status'].replace('_', ' ')}[/dim]",
            str(row["data_to"] or "nav datu"),
        )
    console = Console(width=None if sys.stdout.isatty() else 140)
    console.print(table)
    console.print(LIMITS_LV)
    console.print(f"[dim]{LIMITS}[/dim]")
    if not shown.is_named:
        console.print("Bez vārdiem / without names: no role of yours covers this place (give your login with --as).")


_HEADS = {"name": "vārds, uzvārds", "school": "skola", "position": "Nr.", "expires_on": "iznīcināt līdz"}
_PRINTED = ("position", "name", "pupil_key", "class_label", "reasons_lv", "reasons_health_lv", "change", "plan_status",
            "data_to", "expires_on")  # fmt: skip
_WIDTHS = {"position": 5, "name": 24, "class_label": 9, "data_to": 11, "expires_on": 11}


def _sheet_rows(shown: CaseList) -> tuple[pl.DataFrame, int]:
    """Return what the sheet shows, the printed columns first, and how many of them there are.

    A key is printed only where there is no name; codes and English stand beside the printed page.
    """
    rows = harmless(_flat(shown)).with_columns(
        pl.col(name).map_elements(partial(shown.label, name), pl.String) for name in ("plan_status", "change")
    )
    printed = [name for name in _PRINTED if name in rows.columns and not (name == "pupil_key" and shown.is_named)]
    return rows.select(*printed, *(name for name in rows.columns if name not in printed)), len(printed)


def _write_xlsx(shown: CaseList, path: Path) -> None:
    """Write a sheet to print: A4 across, one page wide, reasons wrapped."""
    import xlsxwriter

    rows, printed = _sheet_rows(shown)
    heads = [_HEADS.get(name) or shown.label("columns", name) for name in rows.columns]
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        # The moment of writing would make every copy of the same list another file.
        book.set_properties({"created": datetime(shown.as_of.year, shown.as_of.month, shown.as_of.day, tzinfo=UTC)})
        sheet = book.add_worksheet("saraksts")
        wrapped = book.add_format({"text_wrap": True, "valign": "top", "border": 1})
        bold = book.add_format({"bold": True, "text_wrap": True, "border": 1})
        sheet.write_row(0, 0, heads, bold)
        for line, row in enumerate(rows.rows(), start=1):
            sheet.write_row(line, 0, ["" if cell is None else str(cell) for cell in row], wrapped)
        told = (f"Rādīti {rows.height} no {shown.total}, kam ir vismaz viena pazīme.", LIMITS_LV, LIMITS)
        for line, text in enumerate(told, start=rows.height + 2):
            sheet.write_string(line, 0, text)
        for place, name in enumerate(rows.columns):
            sheet.set_column(place, place, _WIDTHS.get(name, 60 if name.startswith("reasons_") else 14))
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        sheet.print_area(0, 0, rows.height + len(told) + 1, printed - 1)
        place = shown.place.name.replace("&", "&&")[:80]
        sheet.set_header(f"&L{place} · uz / as of {shown.as_of} · zināms / known on {shown.known_on}&R&P / &N")


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
    folder: Path | None, wanted: str, wish: Wish, capacity: int, output: str, out: Path | None, login: str
) -> int:
    """Read the list for the person who asks, log the look, and show it."""
    if output not in FORMATS:
        raise UsageError(f"--format must be {', '.join(FORMATS)}")
    warehouse, moment = opened(folder), now()
    issue, remarks = wished(warehouse, wish)
    shown = read_list(warehouse, issue, wanted, capacity, (login, moment.date()))
    log_access(warehouse.home, login, shown, moment)
    tell(*remarks)
    known = coverage(issue, shown.place.column, shown.place.code)
    _deliver(shown, known, output, out)
    return DONE
