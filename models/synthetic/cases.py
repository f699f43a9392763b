"""Cases, risks, approvals and hand-overs of the pupils who are to get a plan, and of some who get none."""

from datetime import timedelta

import numpy as np
import polars as pl

from models.reference.calendar import SchoolYear
from models.synthetic.parameters import Parameters
from models.synthetic.streams import pick, stream
from models.synthetic.support import RISKS

DAY = timedelta(1)
PLANNED_CASES, SPOKEN_WITH, ANSWERED, HANDED_OVER = 0.85, 0.9, 0.8, 0.25
NOTICED_BY = ("class_teacher", "subject_teacher", "social_pedagogue", "psychologist", "parent", "pupil")
PARTIES = {"parents": 0.7, "social_service": 0.15, "education_board": 0.1, "youth_work": 0.05, "orphans_court": 0.01}
BASES = {
    "unexcused_over_20": (0.4, "education_board"),
    "support_needed": (0.3, "social_service"),
    "welfare": (0.2, "orphans_court"),
    "transition": (0.1, "school"),
}
CHAIN = ("application", "plan_author", "school_head", "municipal_coordinator", "programme")
OUTCOMES = ("improved", "continues_elsewhere", "no_need", "other")


def _later(rng: np.random.Generator, count: int, least: int, most: int) -> pl.Series:
    return pl.Series(rng.integers(least, most, count)) * DAY


def _or_none(rng: np.random.Generator, share: float, value: pl.Expr, count: int) -> pl.Expr:
    return pl.when(pl.Series(rng.random(count) < share)).then(value).otherwise(None)


def build_cases(p: Parameters, year: SchoolYear, states: pl.DataFrame) -> pl.DataFrame:
    """Return one row per case of a year: noticed before the plan, mostly spoken with, supported once it is approved."""
    rng = stream(p.seed, "cases", year.first.year)
    plans = states.unique("plan_id", keep="first", maintain_order=True).filter(
        pl.Series(rng.random(states["plan_id"].n_unique()) < PLANNED_CASES)
    )
    approved = states.filter(pl.col("status") == "approved").group_by("plan_id").agg(supported_on=pl.min("status_on"))
    count = len(plans)
    plans = plans.join(approved, on="plan_id", how="left", maintain_order="left")
    noticed = pl.max_horizontal(pl.col("opened_on") - _later(rng, count, 3, 20), pl.lit(year.first))
    by = pl.Series(NOTICED_BY).gather(pl.Series(pick(rng, np.array([5, 2, 3, 1, 1, 0.5]), count).astype(np.uint32)))
    cases = plans.with_columns(
        case_id=pl.col("plan_id").str.replace("IAP", "AG"),
        noticed_on=noticed,
        noticed_by=by,
        basis=pl.Series(("data", "person")).gather(pl.Series((rng.random(count) < 0.6).astype(np.uint32))),
    )
    cases = cases.with_columns(
        spoken_on=_or_none(rng, SPOKEN_WITH, pl.col("noticed_on") + _later(rng, count, 1, 14), count),
        closed_on=_or_none(rng, 0.7, pl.col("ends_on"), count),
        outcome=pl.Series(OUTCOMES).gather(pl.Series(pick(rng, np.array([5, 2, 1, 1]), count).astype(np.uint32))),
    )
    columns = ("case_id", "person_code", "school_reg_no", "noticed_on", "noticed_by", "basis", "spoken_on",
               "supported_on", "closed_on", "outcome")  # fmt: skip
    return cases.filter(pl.col("closed_on").is_null() | (pl.col("closed_on") >= pl.col("noticed_on"))).select(columns)


def case_parties(p: Parameters, year: SchoolYear, cases: pl.DataFrame) -> pl.DataFrame:
    """Return the parties of cases beside the school, with the day on which each joined."""
    rng, parts = stream(p.seed, "case parties", year.first.year), []
    for party, share in PARTIES.items():
        joins = cases.filter(pl.Series(rng.random(len(cases)) < share))
        since = pl.col("noticed_on") + _later(rng, len(joins), 0, 20)
        parts.append(joins.select("case_id", party=pl.lit(party), since_on=since, until_on=pl.lit(None, pl.Date)))
    return pl.concat(parts).sort("case_id", "party")


def hand_overs(p: Parameters, year: SchoolYear, cases: pl.DataFrame) -> pl.DataFrame:
    """Return what schools handed over about some cases, mostly answered within weeks."""
    rng = stream(p.seed, "hand-overs", year.first.year)
    given = cases.filter(pl.Series(rng.random(len(cases)) < HANDED_OVER))
    count = len(given)
    basis = pick(rng, np.array([share for share, _ in BASES.values()]), count)
    sent = pl.col("noticed_on") + _later(rng, count, 3, 30)
    answered = _or_none(rng, ANSWERED, sent + _later(rng, count, 1, 25), count)
    to = [party for _, party in BASES.values()]
    said = given.with_columns(
        hand_over_id=pl.col("case_id").str.replace("AG", "NOD"),
        basis=pl.Series(tuple(BASES)).gather(pl.Series(basis.astype(np.uint32))),
        from_party=pl.lit("school"),
        to_party=pl.Series(to).gather(pl.Series(basis.astype(np.uint32))),
        sent_on=sent,
        answered_on=answered,
        answer=pl.lit("accepted"),
    )
    columns = ("hand_over_id", "person_code", "school_reg_no", "basis", "from_party", "to_party", "sent_on",
               "answered_on", "answer")  # fmt: skip
    return said.filter(pl.col("to_party") != "school").select(columns)


def pupil_risks(p: Parameters, year: SchoolYear, states: pl.DataFrame, measures: pl.DataFrame) -> pl.DataFrame:
    """Return the risks that plans name, and for one plan in eight a risk that no measure answers."""
    plans = states.unique("plan_id", keep="first", maintain_order=True)
    rng = stream(p.seed, "pupil risks", year.first.year)
    more = plans.filter(pl.Series(rng.random(len(plans)) < 0.12))
    families = RISKS["family"][1]
    unanswered = more.select(
        "plan_id",
        risk_group=pl.lit("family"),
        risk_code=pl.Series(families).gather(pl.Series(rng.integers(0, len(families), len(more)).astype(np.uint32))),
    )
    named = pl.concat([measures.select("plan_id", "risk_group", "risk_code"), unanswered])
    told = named.join(plans.select("plan_id", "person_code", "school_reg_no", "opened_on"), on="plan_id")
    told = told.unique(("person_code", "school_reg_no", "risk_code", "opened_on")).sort("plan_id", "risk_code")
    by = pl.Series(NOTICED_BY).gather(pl.Series(rng.integers(0, 4, len(told)).astype(np.uint32)))
    return told.select(
        "person_code",
        "school_reg_no",
        "risk_code",
        identified_on="opened_on",
        risk_group="risk_group",
        identified_by=by,
        basis=pl.when(pl.col("risk_code") == "unexcused_absence")
        .then(pl.lit("data"))
        .otherwise(pl.lit("conversation")),
        ended_on=pl.lit(None, pl.Date),
    )


def plan_approvals(states: pl.DataFrame, kinds: pl.DataFrame) -> pl.DataFrame:
    """Return who approved each plan that was approved; the plans of vocational schools pass no municipality.

    kinds: school_reg_no, kind.
    """
    approved = (
        states.filter(pl.col("status") == "approved")
        .unique("plan_id", keep="first", maintain_order=True)
        .join(kinds, on="school_reg_no", how="left", maintain_order="left")
    )
    first = {"application", "plan_author"}
    parts = [
        approved.filter((pl.col("kind") != "vocational") | (level != "municipal_coordinator")).select(
            "plan_id",
            level=pl.lit(level),
            decided_on=pl.col("opened_on" if level in first else "status_on"),
            decision=pl.lit("approved"),
        )
        for level in CHAIN
    ]
    return pl.concat(parts).sort("plan_id", "decided_on", "level")
