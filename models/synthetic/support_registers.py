"""The registers of support beside plans and events, as they were known on a day."""

from collections.abc import Callable
from datetime import date

import polars as pl

from models.synthetic.cases import build_cases, case_parties, hand_overs, plan_approvals, pupil_risks
from models.synthetic.cooperation import (
    municipal_teams,
    organisation_interests,
    problem_situations,
    programme_places,
    staff_feedback,
    topic_choices,
    youth_projects,
)
from models.synthetic.country import Country
from models.synthetic.known import if_past, of_years, once_a_year
from models.synthetic.staff import staff_support
from models.synthetic.support import build_measures, build_plans, plan_states

Register = Callable[[Country, date], pl.DataFrame]


@once_a_year
def states(country: Country, number: int) -> pl.DataFrame:
    """Return every state of every plan of a year."""
    p, year = country.parameters, country.years[number]
    return plan_states(p, year, build_plans(p, year, country.spells[number]))


@once_a_year
def measures(country: Country, number: int) -> pl.DataFrame:
    """Return every measure of a year's plans."""
    return build_measures(country.parameters, country.years[number], states(country, number))


@once_a_year
def _cases(country: Country, number: int) -> pl.DataFrame:
    return build_cases(country.parameters, country.years[number], states(country, number))


@once_a_year
def _parties(country: Country, number: int) -> pl.DataFrame:
    return case_parties(country.parameters, country.years[number], _cases(country, number))


@once_a_year
def _handed(country: Country, number: int) -> pl.DataFrame:
    return hand_overs(country.parameters, country.years[number], _cases(country, number))


@once_a_year
def _risks(country: Country, number: int) -> pl.DataFrame:
    return pupil_risks(country.parameters, country.years[number], states(country, number), measures(country, number))


@once_a_year
def _approvals(country: Country, number: int) -> pl.DataFrame:
    return plan_approvals(states(country, number), country.schools.select("school_reg_no", "kind"))


@once_a_year
def _places(country: Country, number: int) -> pl.DataFrame:
    p, year, schools = country.parameters, country.years[number], country.schools
    return programme_places(p, year, staff_support(p, year, schools), schools)


def _since(table: Callable[[Country, int], pl.DataFrame], column: str, *hidden: str) -> Register:
    """Make a register of which a row is known from the day in a column on; other days are hidden until they come."""

    def register(country: Country, day: date) -> pl.DataFrame:
        known = of_years(table, country, day).filter(pl.col(column) <= day)
        return known.with_columns(if_past(name, day) for name in hidden)

    return register


def _yearly(build: Callable[..., pl.DataFrame], column: str, *hidden: str) -> Register:
    """Make a register of a table that a year's schools are enough to draw."""

    @once_a_year
    def table(country: Country, number: int) -> pl.DataFrame:
        return build(country.parameters, country.years[number], country.schools)

    return _since(table, column, *hidden)


def _support_case(country: Country, day: date) -> pl.DataFrame:
    outcome = if_past("outcome", day, "closed_on")
    known = of_years(_cases, country, day).filter(pl.col("noticed_on") <= day)
    return known.with_columns(outcome, *(if_past(name, day) for name in ("spoken_on", "supported_on", "closed_on")))


def _case_party(country: Country, day: date) -> pl.DataFrame:
    return of_years(_parties, country, day).filter(pl.col("since_on") <= day)


def _hand_over(country: Country, day: date) -> pl.DataFrame:
    known = of_years(_handed, country, day).filter(pl.col("sent_on") <= day)
    return known.with_columns(if_past("answer", day, "answered_on"), if_past("answered_on", day))


def _municipal_team(country: Country, day: date) -> pl.DataFrame:
    return municipal_teams(country.parameters, country.years[0], country.schools)


def _programme_place(country: Country, day: date) -> pl.DataFrame:
    known = of_years(_places, country, day).filter(pl.col("known_on") <= day)
    ended = (if_past(name, day, "held_on") for name in ("completed", "certificates"))
    return known.with_columns(*ended).drop("held_on", "known_on")


def _staff_feedback(country: Country, day: date) -> pl.DataFrame:
    columns = ("answer_id", "school_reg_no", "month", "about", "question", "rating")
    return _FEEDBACK(country, day).select(columns).sort("answer_id")


_FEEDBACK = _yearly(staff_feedback, "told_on")
REGISTERS: dict[str, Register] = {
    "pupil_risk": _since(_risks, "identified_on"),
    "support_case": _support_case,
    "case_party": _case_party,
    "hand_over": _hand_over,
    "plan_approval": _since(_approvals, "decided_on"),
    "municipal_team": _municipal_team,
    "programme_place": _programme_place,
    "youth_project": _yearly(youth_projects, "from_date"),
    "problem_situation": _yearly(problem_situations, "noted_on"),
    "organisation_interest": _yearly(organisation_interests, "interested_on", "followed_up_on", "partner_since"),
    "staff_feedback": _staff_feedback,
    "topic_choice": _yearly(topic_choices, "decided_on"),
}
