"""The `pumpurs` command. Heavy libraries are imported by the command that needs them."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="pumpurs",
    help="Risk analytics for early school leaving: deliveries in, lists with reasons and protected aggregates out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
importer = typer.Typer(help="Turn a public format into a delivery.", no_args_is_help=True)
app.add_typer(importer, name="import")

HomeOption = Annotated[Path | None, typer.Option("--home", help="home folder; default PUMPURS_HOME or .pumpurs")]
JsonOption = Annotated[bool, typer.Option("--json", help="one JSON document on standard output")]
AsOf = Annotated[datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="the day we stand on")]
KnownOn = Annotated[
    datetime | None, typer.Option("--known-on", formats=["%Y-%m-%d"], help="last day of delivery that counts")
]


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


@app.command()
def demo(home: HomeOption = None, as_json: JsonOption = False, pupils: int = 2000, seed: int = 7) -> None:
    """Synthetic deliveries for a small country, the whole run, where to look."""
    from pipelines.commands.demo import command

    raise SystemExit(command(home, as_json, pupils, seed))


@app.command()
def run(
    home: HomeOption = None,
    as_of: AsOf = None,
    known_on: KnownOn = None,
    first: Annotated[
        datetime | None,
        typer.Option(
            "--from", formats=["%Y-%m-%d"], help="backfill: the list of every week since this day, in one pass"
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Every new delivery -> core -> risk -> listed -> published."""
    from pipelines.commands.run import command
    from pipelines.weekly import Clocks

    raise SystemExit(command(home, Clocks(_day(as_of), _day(known_on), _day(first)), as_json))


@app.command()
def synth(
    dest: Path,
    pupils: Annotated[int, typer.Option(min=50, help="pupils on roll each year")] = 2000,
    school_years: Annotated[int, typer.Option(min=1, max=2, help="2: 2024/25 and 2025/26")] = 2,
    seed: int = 7,
    shape: Annotated[str, typer.Option(help="roll or exceptions")] = "roll",
    file_format: Annotated[str, typer.Option("--format", help="parquet or csv, for the large datasets")] = "parquet",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a seeded synthetic country as deliveries below DEST."""
    from pipelines.commands.synth import command

    raise SystemExit(command(dest, pupils, school_years, seed, shape, file_format, as_json))


@importer.command("oulad")
def import_oulad(src: Path, dest: Path, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Turn the Open University Learning Analytics Dataset into one delivery folder DEST."""
    from pipelines.commands.import_format import command
    from pipelines.importing.oulad import import_oulad as write

    raise SystemExit(command(lambda: write(src, dest), as_json))


@importer.command("edfi")
def import_edfi(src: Path, dest: Path, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Turn Ed-Fi attendance (interchange XML or CSV, a folder or one file) into one delivery folder DEST."""
    from pipelines.commands.import_format import command
    from pipelines.importing.edfi import import_edfi as write

    raise SystemExit(command(lambda: write(src, dest), as_json))


@importer.command("oea")
def import_oea(
    src: Path,
    dest: Path,
    date_order: Annotated[
        str | None, typer.Option(help="dmy or mdy, where the dates of the files do not tell it themselves")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Turn one day of an OpenEduAnalytics feed into the delivery folder DEST, or a folder of days into DEST/<day>."""
    from pipelines.commands.import_format import command
    from pipelines.importing.oea import import_oea as write

    raise SystemExit(command(lambda: write(src, dest, date_order), as_json))


@importer.command("oneroster")
def import_oneroster(
    src: Annotated[Path, typer.Argument(help="folder or .zip of OneRoster 1.1 or 1.2 CSV files")],
    dest: Path,
    source: Annotated[str, typer.Option(help="who sends it; ids are told apart by sender")] = "oneroster",
    latvian_identifiers: Annotated[
        bool, typer.Option("--latvian-identifiers", help="`identifier` holds personal, registration and ATVK codes")
    ] = False,
    delivered_on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="day of the export, if its rows do not tell")
    ] = None,
    date_order: Annotated[
        str | None, typer.Option(help="dmy or mdy, where the dates of the files do not tell it themselves")
    ] = None,
    onto: Annotated[list[Path] | None, typer.Option(help="the bulk export, and deltas, that this one follows")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Turn a OneRoster 1.1 or 1.2 CSV export into one delivery folder DEST."""
    from pipelines.commands.import_format import command
    from pipelines.importing.oneroster import Wanted
    from pipelines.importing.oneroster import import_oneroster as write

    wanted = Wanted(source, latvian_identifiers, _day(delivered_on), date_order, tuple(onto or ()))
    raise SystemExit(command(lambda: write(src, dest, wanted), as_json))


@importer.command("mapped")
def import_mapped(
    src: Annotated[Path, typer.Argument(help="folder of exported CSV or XLSX files, or one of them")],
    dest: Path,
    map_file: Annotated[Path, typer.Option("--map", help="YAML: which column is which, and what the codes mean")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Turn any flat export, as a map file describes it, into one delivery folder DEST."""
    from pipelines.commands.import_format import command
    from pipelines.importing.mapped import import_mapped as write

    raise SystemExit(command(lambda: write(src, dest, map_file), as_json))


@app.command()
def status(
    home: HomeOption = None,
    as_of: AsOf = None,
    known_on: KnownOn = None,
    since: Annotated[str | None, typer.Option(metavar="RUN", help="what changed since: a run's id, or a date")] = None,
    trace: Annotated[bool, typer.Option("--trace", help="with --since: mark the deliveries that decided")] = False,
    as_json: JsonOption = False,
) -> None:
    """Deliveries, completeness by school, quarantine, last run; or what changed a run's list since."""
    if since:
        from pipelines.commands.changes import command as changes

        raise SystemExit(changes(home, since, _day(as_of), _day(known_on), trace, as_json))
    from pipelines.commands.status import command

    raise SystemExit(command(home, as_json, _day(as_of), _day(known_on)))


@app.command("list")
def attention_list(
    place: Annotated[str, typer.Argument(metavar="SCHOOL_OR_MUNICIPALITY", help="code or part of the name")],
    home: HomeOption = None,
    as_of: AsOf = None,
    known_on: KnownOn = None,
    capacity: Annotated[int, typer.Option(min=1, help="how many pupils the team can talk about")] = 10,
    output: Annotated[str, typer.Option("--format", help="table, csv, xlsx or json")] = "table",
    out: Annotated[Path | None, typer.Option(help="file to write; needed for xlsx")] = None,
    person: Annotated[str | None, typer.Option("--as", help="login whose roles decide which names are shown")] = None,
    run: Annotated[str | None, typer.Option(help="the list that a run issued: its id")] = None,
    issue: Annotated[int | None, typer.Option(min=1, help="which of several lists issued for the same days")] = None,
    as_json: JsonOption = False,
) -> None:
    """Whom to talk about this week, and why; of any day."""
    from pipelines.commands.attention_list import command
    from pipelines.settings import settings
    from pipelines.standing import Wish

    chosen, wish = "json" if as_json else output, Wish(_day(as_of), _day(known_on), issue, run)
    login = settings().person if person is None else person
    raise SystemExit(command(home, place, wish, capacity, chosen, out, login))


@app.command()
def support(
    place: Annotated[str, typer.Argument(metavar="SCHOOL_OR_MUNICIPALITY", help="code or part of the name")],
    home: HomeOption = None,
    capacity: Annotated[int, typer.Option(min=1, help="how many matters to show")] = 20,
    output: Annotated[str, typer.Option("--format", help="table, csv or json")] = "table",
    person: Annotated[str | None, typer.Option("--as", help="login whose roles decide what is shown")] = None,
    as_json: JsonOption = False,
) -> None:
    """How far a school's cases have come, from noticing to support, and what waits."""
    from pipelines.commands.support_list import command
    from pipelines.settings import settings

    raise SystemExit(command(home, place, capacity, "json" if as_json else output, person or settings().person))


@app.command()
def release(
    home: HomeOption = None,
    period: Annotated[str | None, typer.Option(help="last month to publish, YYYY-MM")] = None,
    table: Annotated[
        Path | None, typer.Option(metavar="FILE", help="YAML: one more table, for this release and all that follow")
    ] = None,
    as_of: AsOf = None,
    known_on: KnownOn = None,
    as_json: JsonOption = False,
) -> None:
    """Build the published tables, protect them, attack them, swap the release in; of a past day beside the newest."""
    from pipelines.commands.release import release_command

    raise SystemExit(release_command(home, period, table, _day(as_of), _day(known_on), as_json))


@app.command()
def attack(
    release_id: Annotated[
        str | None, typer.Argument(metavar="RELEASE", help="a release id, or current; or name its days")
    ] = None,
    home: HomeOption = None,
    as_of: AsOf = None,
    known_on: KnownOn = None,
    as_insider: Annotated[int, typer.Option(min=0, help="pupils of a group who pool what they know of themselves")] = 0,
    thorough: Annotated[bool, typer.Option(help="with a solver: some seconds a month")] = False,
    as_json: JsonOption = False,
) -> None:
    """The disclosure attacker alone: how narrow can published counts be made?"""
    from pipelines.commands.release import attack_command

    raise SystemExit(attack_command(home, release_id, _day(as_of), _day(known_on), as_insider, thorough, as_json))


@app.command()
def evaluate(
    home: HomeOption = None, as_of: AsOf = None, known_on: KnownOn = None, as_json: JsonOption = False
) -> None:
    """The model report and card, how each indicator did, and whether support helped."""
    from pipelines.commands.evaluate import command

    raise SystemExit(command(home, _day(as_of), _day(known_on), as_json))


@app.command()
def serve(home: HomeOption = None, port: Annotated[int, typer.Option(help="port on this machine")] = 8080) -> None:
    """The municipal site of the current release, on this machine."""
    from pipelines.commands.serve import command

    raise SystemExit(command(home, port))


@app.command()
def template(dataset: str, out: Path | None = None, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Write an XLSX to fill in, with drop-down lists and instructions in Latvian and English."""
    from pipelines.commands.template import command

    raise SystemExit(command(dataset, out, as_json))


@app.command()
def doctor(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """What this machine and home folder lack."""
    from pipelines.commands.doctor import command

    raise SystemExit(command(home, as_json))


@app.command()
def dagster(home: HomeOption = None, port: int = 3000) -> None:
    """The Dagster UI of the same graph."""
    from pipelines.commands.serve import dagster_command

    raise SystemExit(dagster_command(home, port))


def main() -> None:
    """Run the command line."""
    from pipelines.errors import told_plainly

    with told_plainly():
        app()
