"""`pumpurs support`: how far a school's cases have come, and what waits."""

import sys
from pathlib import Path
from typing import Any

import polars as pl

from assets.support_list import SupportList, log_support, read_support
from data_contracts.contract import load
from pipelines.clock import now
from pipelines.commands.attention_list import harmless
from pipelines.errors import DONE, UsageError
from pipelines.output import print_json
from pipelines.standing import opened

FORMATS = ("table", "csv", "json")
MATTERS_EN = {
    "report_owed": "to be reported: more than 20 lessons",
    "not_spoken_with": "noticed, not spoken with",
    "not_supported": "spoken with, not supported",
    "signal_without_plan": "at risk by the data, no plan",
    "hand_over_open": "handed over, no answer",
    "risk_without_measure": "a risk that no measure answers",
    "economic_without_compensation": "economic risk, consultations only",
    "one_party": "one party alone in the case",
    "approval_missing": "an approval is missing",
    "illegal_move": "a move of the plan that the rules do not allow",
}
LIMITS_LV = "Redzams tikai tas, kas iesniegts reģistros. Katrs ieraksts ir jautājums cilvēkiem, nevis vaina."
LIMITS = "Only what was delivered to the registers. Each line is a question to people, not a fault of theirs."


def _labels(table: str, column: str) -> dict[str, str]:
    found = next(c for c in load(table).columns if c.name == column)
    return {value: label or value for value, label in zip(found.values, found.value_labels, strict=True)}


def _days(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}"


def _funnel(row: dict[str, Any]) -> list[tuple[str, str]]:
    """Say in Latvian and English how far a school's cases have come, and what stands beside them."""
    talk, help_ = _days(row["median_days_to_talk"]), _days(row["median_days_to_support"])
    lines = [
        (
            f"pamanīti {row['pupils_noticed']} → uzklausīti {row['pupils_spoken_with']} (parasti {talk} d. pēc "
            f"pamanīšanas) → atbalstīti {row['pupils_supported']} ({help_} d. pēc pamanīšanas)",
            f"noticed {row['pupils_noticed']} → spoken with {row['pupils_spoken_with']} (usually {talk} days after "
            f"noticing) → supported {row['pupils_supported']} ({help_} days after noticing)",
        ),
        (
            f"plāni {row['plans_open']}, izglītojamie ar plānu {row['pupils_with_plan']}, riska grupā pēc datiem "
            f"{row['pupils_at_risk']} no {row['pupils']}",
            f"plans {row['plans_open']}, pupils with a plan {row['pupils_with_plan']}, at risk by the data "
            f"{row['pupils_at_risk']} of {row['pupils']}",
        ),
        (
            f"ziņojumi par vairāk nekā 20 stundām: nosūtīti {row['reports_sent']}, "
            f"atbildēti {row['reports_answered']}, jāziņo {row['reports_owed']}; "
            f"atvērtas nodošanas {row['hand_overs_open']}",
            f"reports of more than 20 lessons: sent {row['reports_sent']}, answered {row['reports_answered']}, "
            f"owed {row['reports_owed']}; hand-overs open {row['hand_overs_open']}",
        ),
        (
            f"supervīzijas gadā: notikušas {row['supervisions_held']}, trūkst {row['supervisions_owed']}",
            f"supervisions in a year: held {row['supervisions_held']}, missing {row['supervisions_owed']}",
        ),
    ]
    if row["is_high_load_unsupported"]:
        lines.append(("liela slodze, bet nevienas supervīzijas", "high load and no supervision held"))
    return lines


def _print_schools(console: Any, shown: SupportList) -> None:
    for row in shown.schools.to_dicts():
        console.print(f"{row['school_reg_no']} {row['name'] or ''}", style="bold", markup=False)
        for latvian, english in _funnel(row):
            console.print(f"  {latvian}\n  [dim]{english}[/dim]")


def _print_feedback(console: Any, shown: SupportList) -> None:
    about, question = (_labels("raw.staff_feedback", name) for name in ("about", "question"))
    for row in shown.feedback.to_dicts():
        said = f"{about[row['about']]}: {question[row['question']]} {row['rating']:.1f} / 5"
        console.print(f"  {said} (vismaz / at least {row['answers_at_least']})")


def print_table(shown: SupportList) -> None:
    """Print as a coordinator reads: the school first, then what waits, most urgent first."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console, latvian = Console(width=None if sys.stdout.isatty() else 140), _labels("listed.support_matter", "matter")
    console.print(f"{escape(shown.place.name)} · uz / as of {shown.as_of} · zināms / known on {shown.known_on}")
    _print_schools(console, shown)
    _print_feedback(console, shown)
    title = f"Kas gaida / what waits · {shown.matters.height} no / of {shown.total}"
    table = Table(title=title, title_justify="left", show_lines=True)
    for name in (
        "Izglītojamais / pupil",
        "Klase",
        "Kas gaida / what waits",
        "Kopš / since",
        "Dienas",
        "Ziņas / detail",
    ):
        table.add_column(name, overflow="fold")
    for row in shown.matters.to_dicts():
        table.add_row(
            escape(row["name"]),
            escape(row["class_label"] or ""),
            f"{latvian[row['matter']]}\n[dim]{MATTERS_EN[row['matter']]}[/dim]",
            str(row["since_on"]),
            str(row["days"]),
            escape(row["detail"]),
        )
    console.print(table)
    console.print(LIMITS_LV)
    console.print(f"[dim]{LIMITS}[/dim]")


def _flat(shown: SupportList) -> pl.DataFrame:
    return shown.matters.select(
        "school_reg_no", "name", "pupil_key", "grade", "class_label", "matter", "detail", "since_on", "days"
    )


def _document(shown: SupportList) -> dict[str, Any]:
    return {
        "place": {"code": shown.place.code, "name": shown.place.name},
        "as_of": shown.as_of,
        "known_on": shown.known_on,
        "detail": shown.shows_detail,
        "limits": LIMITS,
        "limits_lv": LIMITS_LV,
        "matters_in_all": shown.total,
        "schools": shown.schools.drop("as_of").to_dicts(),
        "feedback": shown.feedback.to_dicts(),
        "matters": _flat(shown).to_dicts(),
    }


def command(folder: Path | None, wanted: str, capacity: int, output: str, login: str) -> int:
    """Read what waits for the person who asks, log the look, and show it."""
    if output not in FORMATS:
        raise UsageError(f"--format must be {', '.join(FORMATS)}")
    warehouse, moment = opened(folder), now()
    shown = read_support(warehouse, wanted, capacity, (login, moment.date()))
    log_support(warehouse.home, login, shown, moment)
    if output == "table":
        print_table(shown)
    elif output == "json":
        print_json(_document(shown))
    else:
        sys.stdout.write(harmless(_flat(shown)).write_csv())
    return DONE
