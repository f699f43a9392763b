"""The pages of the indicators: words, rule, how the number is made, examples that are tests, and whom it finds."""

import re
from functools import cache
from itertools import groupby
from typing import Any

from data_contracts.contract import load
from models.indicator_report import percent, share, without_small_health_counts
from pipelines.formula import formula
from pipelines.measured import PLACE, read_measured
from pipelines.page import REFERENCE, ROOT, deeper, render, rows

EXAMPLES = ROOT / "tests" / "indicators"
SHOWS = re.compile(r"^Shows ((?:`[a-z0-9_]+`(?:, )?)+)\.\n+", re.MULTILINE)
NOT_MEASURED = f"{PLACE} does not hold {{}}; run `python -m pipelines.reference --measure`"


def _measure(rule: dict[str, Any]) -> dict[str, str]:
    """Say where a rule's measure stands, what it is, and by which expression of which query; health stands apart."""
    table = "pupil_week_health_measure" if rule["is_health"] else "pupil_week_measure"
    made_in, expression = formula(f"risk.{table}", rule["measure"])
    meaning = load(f"risk.{table}").column(rule["measure"]).description
    return {"table": table, "meaning": meaning, "made_in": made_in, "expression": expression}


@cache
def shown() -> dict[str, list[tuple[str, str]]]:
    """Return, by indicator, the worked examples of measures that show it: the query they are of, and their text."""
    found: dict[str, list[tuple[str, str]]] = {}
    for path in sorted((ROOT / "tests" / "sql" / "risk").glob("*.md")):
        for section in path.read_text(encoding="utf-8").split("\n## ")[1:]:
            named = SHOWS.search(section)
            for indicator in re.findall("`(.*?)`", named[1]) if named else []:
                text = deeper(f"## {SHOWS.sub('', section).strip()}")
                found.setdefault(indicator, []).append((f"risk.{path.stem}", text))
    return found


def _in_words(indicator: str) -> str:
    """Return what an indicator's examples say, without their title."""
    return (EXAMPLES / f"{indicator}.md").read_text(encoding="utf-8").partition("\n")[2].strip()


def on_the_list(rule: dict[str, Any]) -> tuple[str, str]:
    """Return what the list says of the first pupil of the examples for whom it is raised, in Latvian and English."""
    _, number = _first_raised(rule["indicator"])
    value = str(round(float(number.partition(" ")[0]), {"points": 1, "points a week": 2}.get(rule["unit"])))
    value += " %" if rule["unit"] == "percent" else ""
    told = ((rule["reason_lv"], value.replace(".", ",")), (rule["reason_en"], value))
    in_latvian, in_english = (reason.replace("{value}", said).replace("{which}", "") for reason, said in told)
    return in_latvian, in_english


def _first_raised(indicator: str) -> tuple[str, str]:
    """Return pupil and number of the first row of the examples that is raised."""
    rows_told = (re.split(r" *\| *", line.strip("| ")) for line in _in_words(indicator).splitlines())
    return next((cells[0], cells[2]) for cells in rows_told if cells[-1] == "raised")


@cache
def _found() -> dict[tuple[str, int], dict[str, Any]]:
    told = without_small_health_counts(read_measured(ROOT)).to_dicts()
    return {(row["indicator"], row["version"]): row for row in told}


def _ours(rule: dict[str, Any]) -> dict[str, str] | None:
    """Write whom a rule found in the invented country; None where its numbers are withheld."""
    key = (rule["indicator"], rule["version"])
    if key not in _found():
        raise LookupError(NOT_MEASURED.format(rule["indicator"]))
    row = _found()[key]
    if row["is_withheld"]:
        return None
    left, stayed = row["raised_left"] + row["not_raised_left"], row["raised_stayed"] + row["not_raised_stayed"]
    return {
        "sensitivity": share(row["raised_left"], left),
        "specificity": share(row["not_raised_stayed"], stayed),
        "precision": share(row["raised_left"], row["raised_left"] + row["raised_stayed"]),
        "base_rate": share(left, left + stayed),
        "no_data": f"{row['no_data_left'] + row['no_data_stayed']:,}",
    }


def _page(indicator: str, versions: list[dict[str, Any]], published: dict[str, Any] | None) -> str:
    told = [rule | _measure(rule) | {"ours": _ours(rule)} for rule in versions]
    return render(
        "indicator.md.j2",
        versions=told,
        newest=told[-1],
        in_words=_in_words(indicator),
        listed=_first_raised(indicator)[0] if told[-1]["family"] != "coverage" else None,
        on_the_list=on_the_list(told[-1]),
        shown=shown().get(indicator, []),
        published=published,
        percent=percent,
    )


def indicator_pages() -> dict[str, str]:
    """Return a page for each indicator, and the index of them with the policy parameters."""
    rules = rows("risk.indicator_rule")
    published = {row["indicator"]: row for row in rows("risk.published_indicator")}
    grouped = {name: list(versions) for name, versions in groupby(rules, key=lambda rule: rule["indicator"])}
    made = {
        f"{REFERENCE}/indicators/{name}.md": _page(name, versions, published.get(name))
        for name, versions in grouped.items()
    }
    index = render("indicators.md.j2", indicators=rules, parameters=rows("risk.policy_parameter"))
    return made | {f"{REFERENCE}/indicators.md": index}
