"""Registers as they were known on a day, and what changed in them between two days."""

from collections.abc import Callable
from datetime import date
from functools import lru_cache

import polars as pl

from models.reference.municipality import municipalities
from models.synthetic.country import Country
from models.synthetic.known import begun, if_past, of_years, once_a_year
from models.synthetic.schools import institutions
from models.synthetic.staff import consultation_requests, role_assignments, staff_support
from models.synthetic.support_registers import REGISTERS as SUPPORT
from models.synthetic.support_registers import measures, states
from models.synthetic.year_days import calendar

PLAN = ("plan_id", "person_code", "school_reg_no", "programme", "school_year", "semester", "status", "status_on",
        "opened_on", "closed_on")  # fmt: skip
EVENT = ("support_id", "school_reg_no", "atvk_code", "kind", "topic", "planned_on", "held_on", "participants", "hours",
         "mode", "seats", "risk_stage", "run", "led_by", "material", "follow_up_on", "programme")  # fmt: skip
REQUEST = ("request_id", "organisation", "atvk_code", "asker_role", "topic", "asked_on", "coordinator", "held_on",
           "outcome", "kind", "answered_on", "planned_on", "programme")  # fmt: skip


def _municipality(country: Country, day: date) -> pl.DataFrame:
    return municipalities()


def _institution(country: Country, day: date) -> pl.DataFrame:
    return institutions(country.schools)


@once_a_year
def _calendar(country: Country, number: int) -> pl.DataFrame:
    return calendar(country.years[number], country.schools)


def _calendar_day(country: Country, day: date) -> pl.DataFrame:
    return of_years(_calendar, country, day)


def _programme_code() -> pl.Expr:
    """Name the programme: basic, general secondary, special (a 5 in the fifth place), vocational."""
    secondary = (pl.col("kind") == "general") & (pl.col("grade") > 9)
    by_kind = {"general": "21011111", "special": "21015611", "vocational": "33482011"}
    return pl.when(secondary).then(pl.lit("31016011")).otherwise(pl.col("kind").replace_strict(by_kind))


def _enrolment(country: Country, day: date) -> pl.DataFrame:
    parts = [country.spells[number].filter(pl.col("entry_date") <= day) for number in begun(country, day)]
    return (
        pl.concat(parts)
        .select(
            "person_code",
            "school_reg_no",
            "entry_date",
            "grade",
            "class_label",
            programme_code=_programme_code(),
            exit_date=if_past("exit_date", day),
            exit_status=if_past("exit_status", day, "exit_date"),
        )
        .sort("school_reg_no", "person_code", "entry_date")
    )


def _pupil(country: Country, day: date) -> pl.DataFrame:
    entered = _enrolment(country, day).select("person_code").unique()
    columns = ("person_code", "given_name", "family_name", "birth_date", "sex")
    return country.people.join(entered, on="person_code", how="semi").select(columns).sort("person_code")


@once_a_year
def _events(country: Country, number: int) -> pl.DataFrame:
    return staff_support(country.parameters, country.years[number], country.schools)


@once_a_year
def _requests(country: Country, number: int) -> pl.DataFrame:
    return consultation_requests(country.parameters, country.years[number], country.schools)


def _support_plan(country: Country, day: date) -> pl.DataFrame:
    known = of_years(states, country, day).filter(pl.col("known_on") <= day)
    return known.group_by("plan_id", maintain_order=True).last().select(PLAN).sort("plan_id")


def _support_measure(country: Country, day: date) -> pl.DataFrame:
    known = of_years(measures, country, day).filter(pl.col("known_on") <= day)
    return known.drop("known_on").sort("plan_id", "measure_no")


def _staff_support(country: Country, day: date) -> pl.DataFrame:
    known = of_years(_events, country, day).filter(pl.col("known_on") <= day)
    counted = if_past("participants", day, "held_on")
    return known.with_columns(counted, if_past("held_on", day)).select(EVENT).sort("support_id")


def _consultation_request(country: Country, day: date) -> pl.DataFrame:
    answered = (pl.col("answered_on") <= day) & (pl.col("outcome") != "waiting")
    known = (
        of_years(_requests, country, day)
        .filter(pl.col("asked_on") <= day)
        .with_columns(
            held_on=pl.when(answered & (pl.col("outcome") == "held")).then("answered_on").otherwise(None),
            planned_on=pl.when(pl.col("offered_on") <= day).then("planned_on").otherwise(None),
            outcome=pl.when(answered)
            .then("outcome")
            .when(pl.col("offered_on") <= day)
            .then(pl.lit("offered"))
            .otherwise(pl.lit("waiting")),
            answered_on=pl.coalesce(
                pl.when(pl.col("offered_on") <= day).then("offered_on"), pl.when(answered).then("answered_on")
            ),
        )
    )
    return known.select(REQUEST).sort("request_id")


@lru_cache(maxsize=2)
def _roles(country: Country) -> pl.DataFrame:
    return role_assignments(country.parameters, country.years, country.schools)


def _role_assignment(country: Country, day: date) -> pl.DataFrame:
    known = _roles(country).filter(pl.col("valid_from") <= day).with_columns(if_past("valid_to", day))
    return known.sort("login", "role", "organisation", "valid_from")


REGISTERS: dict[str, Callable[[Country, date], pl.DataFrame]] = {
    "municipality": _municipality,
    "institution": _institution,
    "calendar_day": _calendar_day,
    "pupil": _pupil,
    "enrolment": _enrolment,
    "support_plan": _support_plan,
    "support_measure": _support_measure,
    "staff_support": _staff_support,
    "consultation_request": _consultation_request,
    "role_assignment": _role_assignment,
    **SUPPORT,
}


def register_changes(country: Country, name: str, since: date | None, until: date) -> pl.DataFrame:
    """Return the rows of a register that are new or different on `until`, compared with `since`; all if None."""
    now = REGISTERS[name](country, until)
    if since is None:
        return now
    before = REGISTERS[name](country, since)
    return now.join(before, on=now.columns, how="anti", nulls_equal=True, maintain_order="left")
