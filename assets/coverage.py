"""How far a list can be trusted: which pupils nothing is known of, and what the school's deliveries lack."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from assets.issued import Issue
from data_contracts.contract import load

LACKING = ("no_calendar", "missing", "small", "late", "large")


@dataclass(frozen=True)
class Coverage:
    """What is known of the pupils of a place: counts, the last day with data, and the schools that lack something."""

    pupils: int
    pupils_no_data: int
    data_to: date | None
    schools: list[dict[str, Any]]

    @property
    def remarks(self) -> list[str]:
        """Say what a list does not show; nothing when every pupil has data and every school delivered."""
        if not self.pupils:
            return ["Nav izglītojamo / no pupils belong to this place on that day."]
        said = [_no_data(self.pupils_no_data, self.pupils)] if self.pupils_no_data else []
        return said + [f"{row['school_reg_no']}: {state_text(row)}" for row in self.schools]


def _no_data(without: int, pupils: int) -> str:
    return (
        f"NAV DATU / NO DATA: {without} no / of {pupils}. Par pēdējām nedēļām ierakstu trūkst; tas nenozīmē, ka riska"
        " nav. / Records of the last weeks are missing; that does not mean that there is no risk."
    )


def rank(state: str) -> int:
    """Return the place of a state, the worst first, as the contract lists them."""
    return load("risk.school_week_completeness").column("state").values.index(state)


def state_text(row: dict[str, Any]) -> str:
    """Say a school's state in both languages: which dataset, for how many weeks."""
    state, dataset = (load("risk.school_week_completeness").column(name) for name in ("state", "dataset"))
    labels = dict(zip(state.values + dataset.values, state.value_labels + dataset.value_labels, strict=True))
    plain = f"{labels[row['state']]} / {row['state'].replace('_', ' ')}"
    if row["state"] not in LACKING or not row["dataset"] or row["state"] == "no_calendar":
        return plain
    return f"{plain}: {labels[row['dataset']]} / {row['dataset']}, {row['weeks']} ned. / wk"


def coverage(issue: Issue, column: str, code: str) -> Coverage | None:
    """Say how far the list of a place (column: school_reg_no or atvk_code) can be trusted; None if nobody noted it."""
    noted = issue.coverage
    if not noted.height:
        return None
    rows = noted.filter(pl.col(column) == code)
    lacking = sorted(rows.filter(pl.col("state").is_in(LACKING)).to_dicts(), key=lambda row: rank(row["state"]))
    return Coverage(rows["pupils"].sum(), rows["pupils_no_data"].sum(), rows["data_to"].max(), lacking)  # type: ignore[arg-type]
