"""`pumpurs demo`: the whole way on a small invented country, and where to look."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from assets.home import Home
from pipelines.clock import now
from pipelines.commands.attention_list import print_table
from pipelines.commands.run import exit_code, run, summary
from pipelines.commands.synth import write
from pipelines.errors import UsageError
from pipelines.output import print_json, progress_console
from pipelines.settings import settings
from pipelines.standing import Wish, wished
from pipelines.weekly import Clocks

SOURCE = "demo"
SCHOOL_YEARS = 2
# The last Monday of May: a whole school year behind it, and the month of May closed.
STANDS_ON = date(2026, 5, 25)
PERSON = "demo-coordinator"
CAPACITY = 5


def deliver(home: Home, pupils: int, seed: int) -> None:
    """Write the invented country into a home folder of its own, if it is not there yet."""
    others = [p.name for p in home.landing.glob("*") if p.name != SOURCE] if home.landing.exists() else []
    if others:
        raise UsageError(
            f"{home.landing} holds deliveries of {', '.join(sorted(others))}; the demo wants a home of its own:"
            " add --home FOLDER"
        )
    made = home.landing / SOURCE / f".made-{pupils}-{seed}"
    if made.exists():
        return
    if (home.landing / SOURCE).exists():
        raise UsageError(f"{home.landing / SOURCE} holds another demo; remove {home.root} or add --home FOLDER")
    write(home.landing / SOURCE, pupils, SCHOOL_YEARS, seed, "roll", "parquet")
    made.touch()


def _busiest_school(home: Home) -> str:
    from assets.warehouse import Warehouse

    busiest = Warehouse(home).query(
        "select school_reg_no from listed.attention_list join core.role_assignment"
        " on role_assignment.organisation = attention_list.atvk_code and login = $login"
        " group by school_reg_no order by count(*) desc, school_reg_no limit 1",
        {"login": PERSON},
    )
    return busiest["school_reg_no"][0]


def _show_list(home: Home) -> None:
    from assets.case_list import log_access, read_list
    from assets.warehouse import Warehouse

    moment, warehouse = now(), Warehouse(home)
    issue, _ = wished(warehouse, Wish())
    shown = read_list(warehouse, issue, _busiest_school(home), CAPACITY, (PERSON, moment.date()))
    log_access(home, PERSON, shown, moment)
    print_table(shown)


def _show_published(home: Home) -> None:
    """Print the newest month of the municipal table as published: rounded, withheld where the group is small."""
    from rich.console import Console
    from rich.table import Table

    folder = home.releases / "current" / "tables"
    rows = pl.read_parquet(folder / "municipality_month_risk.parquet")
    newest = rows.filter(pl.col("period") == rows["period"].max()).sort("name_lv")
    columns = ("pupils_at_risk", "pupils_raised_chronic_absence", "pupils_raised_unexcused_over_20")
    table = Table("municipality", "pupils", "at risk", "chronic absence", "more than 20 lessons")
    for row in newest.to_dicts():
        table.add_row(row["name_lv"], str(row["pupils"]), *(_cell(row, name) for name in columns))
    console = Console(width=110)
    console.print(f"\nPublished table municipality_month_risk, {newest['period'][0]}")
    console.print(table)


def _cell(row: dict[str, Any], name: str) -> str:
    if row[name] == 0:
        return f"0–{row[f'{name}_high']}"
    return (
        str(row[name])
        if row[name] is not None
        else {"no_data": "nav datu / no data"}.get(row[f"{name}_status"], "slēpts / withheld")
    )


def _where_to_look(home: Home) -> None:
    print(f"""
Where to look
  lists       .venv/bin/pumpurs list SCHOOL_OR_MUNICIPALITY --as {PERSON}
  what waits  .venv/bin/pumpurs support SCHOOL_OR_MUNICIPALITY --as {PERSON}
  pages       {home.releases / "current" / "site" / "lv" / "index.html"}   (or: make serve)
  tables      {home.releases / "current" / "tables"}
  state       .venv/bin/pumpurs status
  Dagster UI  make dagster, then http://127.0.0.1:3000""")


def command(folder: Path | None, as_json: bool, pupils: int, seed: int) -> int:
    """Make the country, run, show one list and one municipal table."""
    home = settings().home_folder(folder)
    progress_console.print(f"A small invented country: {pupils:,} pupils, {SCHOOL_YEARS} school years, seed {seed}")
    deliver(home, pupils, seed)
    report = run(home, Clocks(STANDS_ON, None))
    if as_json:
        print_json(report)
        return exit_code(report)
    print("\n".join(summary(report, home)))
    if report["success"]:
        _show_list(home)
        _show_published(home)
        _where_to_look(home)
    return exit_code(report)
