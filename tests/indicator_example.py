"""Read the examples of an indicator, tests/indicators/<indicator>.md, and ask the query for its verdicts.

A file holds one table: the pupil, what happened in a teacher's words, the number it makes, and whether the indicator is
raised, not raised, or has no data. `20 %` and `10 points` of absence are shares of one; an empty number is not known.
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from assets.queries import query_of
from tests.worked_example import Example, prepare, table

FOLDER = Path(__file__).parent / "indicators"
VERDICTS = {"raised": (True, False), "not raised": (False, False), "no data": (False, True)}
LIST = "listed.attention_list"
MEASURES, HEALTH, VERDICT = "risk.pupil_week_measure", "risk.pupil_week_health_measure", "risk.pupil_week_indicator"
_DAY = date(2026, 2, 9)
_COUNTED = re.compile(r"\b(\d+) of (\d+)\b")


@dataclass(frozen=True)
class Told:
    """One row: who, what happened, the number as written, the verdict as written."""

    pupil: str
    happened: str
    number: str
    verdict: str

    @property
    def value(self) -> float | None:
        """Return the number as the measure holds it."""
        digits, _, unit = self.number.partition(" ")
        return None if digits == "" else round(float(digits) / (100 if unit else 1), 9)

    @property
    def counted(self) -> str | None:
        """Return the percentage that the words make (`10 of 50`), where they make one."""
        found = _COUNTED.search(self.happened)
        return f"{100 * int(found[1]) / int(found[2]):.3g} %" if found and self.number.endswith("%") else None


def told(indicator: str) -> list[Told]:
    """Read an indicator's examples."""
    lines = (FOLDER / f"{indicator}.md").read_text(encoding="utf-8").splitlines()
    return [Told(*row.values()) for row in table(lines)]


@cache
def rules() -> dict[str, dict[str, Any]]:
    """Return the newest version of every rule by indicator."""
    with duckdb.connect() as connection:
        made = f"select * replace (threshold::double as threshold) from ({query_of('risk.indicator_rule')}) as rule"
        result = connection.execute(f"{made} order by version")
        names = [column[0] for column in result.description]
        return {row[0]: dict(zip(names, row, strict=True)) for row in result.fetchall()}


def verdicts(indicator: str) -> list[tuple[float | None, bool, bool]]:
    """Ask the query, under the rules in force, for value, is_raised and is_no_data of each row."""
    rule = rules()[indicator]
    day = str(max(_DAY, rule["valid_from"]))
    keys = [{"pupil_key": f"pupil{number:07}", "as_of": day} for number, _ in enumerate(told(indicator))]
    values = ["" if row.value is None else str(row.value) for row in told(indicator)]
    measured = [key | {rule["measure"]: value} for key, value in zip(keys, values, strict=True)]
    tables = {MEASURES: keys, HEALTH: measured} if rule["is_health"] else {MEASURES: measured}
    with duckdb.connect() as connection:
        prepare(connection, Example(VERDICT, indicator, tables))
        wanted = "select value::double, is_raised, is_no_data"
        query = f"{wanted} from ({query_of(VERDICT)}) as verdict where indicator = $indicator order by pupil_key"
        return connection.execute(query, {"indicator": indicator}).fetchall()


def reasons(indicator: str, raised: Told) -> dict[str, str]:
    """Ask the list's query for a pupil's reasons in both languages, beside one that lists the pupil anyhow."""
    key, version = {"pupil_key": "anna00000001", "as_of": str(_DAY)}, str(rules()[indicator]["version"])
    other = "repeating" if indicator != "repeating" else "open_nv"
    verdict = {"version": version, "value": str(raised.value), "is_raised": "true"}
    tables = {
        "risk.stand": [{"as_of": str(_DAY), "known_on": str(_DAY)}],
        "risk.as_of_date": [{"as_of": str(_DAY), "is_listed": "true"}],
        "risk.pupil_week_cohort": [key],
        MEASURES: [key],
        "risk.pupil_week_summary": [key | {"groups_raised": "1"}],
        VERDICT: [
            key | {"indicator": indicator} | verdict,
            key | {"indicator": other, "version": "1", "value": "3", "is_raised": "true"},
        ],
    }
    with duckdb.connect() as connection:
        prepare(connection, Example(LIST, indicator, tables))
        kind = "reasons_health" if rules()[indicator]["is_health"] else "reasons"
        query = f"select {kind}_lv, {kind}_en from ({query_of(LIST)}) as list"
        return dict(zip(("lv", "en"), connection.execute(query).fetchall()[0], strict=True))
