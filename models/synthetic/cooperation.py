"""Registers of municipalities and their partners: teams, places, projects, situations, interest, choices, feedback."""

from datetime import timedelta
from itertools import product

import numpy as np
import polars as pl

from models.reference.calendar import SchoolYear
from models.synthetic.parameters import Parameters
from models.synthetic.schools import current_code
from models.synthetic.streams import stream
from models.synthetic.year_days import school_days

TEAM = (("education_board", "municipal_coordinator"), ("school", "social_pedagogue"), ("social_service", "other"),
        ("youth_work", "youth_worker"), ("school", "psychologist"))  # fmt: skip
GRANT = 4600.0  # (V) euro, each
AIMS = ("motivation", "initiative", "participation")
SITUATIONS_A_SCHOOL = 2.5
SPHERES = ("school", "family", "social")
THEMES = ("attendance", "learning", "conflict", "motivation", "well_being", "cooperation", "transport", "other")
ORGANISATIONS = ("Jauniešu biedrība", "Ģimeņu atbalsta biedrība", "Sporta klubs", "Bērnu un jauniešu centrs")
QUESTIONS = ("helps_my_work", "feel_supported", "can_cope")
TOPICS, REASONS = ("T1", "T2", "T3", "T4", "T5"), ("people_ask", "data_show", "already_held", "other_priority")


def _chosen(rng: np.random.Generator, values: tuple[str, ...], count: int) -> list[str]:
    return [values[i] for i in rng.integers(0, len(values), count)]


def _days(rng: np.random.Generator, year: SchoolYear, count: int) -> pl.Series:
    return pl.Series(school_days(year)[rng.integers(5, len(school_days(year)) - 15, count)]).cast(pl.Date)


def _places(schools: pl.DataFrame, year: SchoolYear) -> list[str]:
    return sorted(set(current_code(schools, year.first)))


def municipal_teams(p: Parameters, year: SchoolYear, schools: pl.DataFrame) -> pl.DataFrame:
    """Return the teams of the first year's municipalities: seats of roles; one municipality in six has none yet."""
    rng = stream(p.seed, "municipal teams")
    rows = [
        (code, seat, year.first, party, role)
        for code in _places(schools, year)
        if rng.random() > 1 / 6
        for seat, (party, role) in enumerate(TEAM[: rng.integers(3, len(TEAM) + 1)], 1)
    ]
    schema = {"atvk_code": pl.String, "seat_no": pl.Int32, "valid_from": pl.Date, "party": pl.String, "role": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(valid_to=pl.lit(None, pl.Date))


def programme_places(p: Parameters, year: SchoolYear, events: pl.DataFrame, schools: pl.DataFrame) -> pl.DataFrame:
    """Return enrolled and completed of every programme run and workshop, where its participants work."""
    rng = stream(p.seed, "programme places", year.first.year)
    at = schools.select("school_reg_no", "kind", code=pl.Series(current_code(schools, year.first)))
    runs = events.filter(pl.col("kind") != "supervision").join(
        at.rename({"kind": "sector"}), on="school_reg_no", how="left", maintain_order="left"
    )
    enrolled = pl.col("participants")
    completed = (enrolled * pl.Series(rng.uniform(0.6, 1.0, len(runs)))).round().cast(pl.Int32)
    youth = pl.col("kind") == "youth_programme"
    return runs.select(
        "support_id",
        atvk_code=pl.coalesce("atvk_code", "code"),
        sector=pl.coalesce("sector", pl.when(youth).then(pl.lit("youth_work")).otherwise(pl.lit("municipality"))),
        role=pl.when(youth)
        .then(pl.lit("youth_worker"))
        .when(pl.col("kind") == "municipal_workshop")
        .then(pl.lit("municipal_staff"))
        .otherwise(pl.lit("teacher")),
        enrolled=enrolled,
        completed=completed,
        certificates=pl.when(pl.col("kind").is_in(["youth_programme", "pd_programme"])).then(completed),
        held_on="held_on",
        known_on="known_on",
    )


def youth_projects(p: Parameters, year: SchoolYear, schools: pl.DataFrame) -> pl.DataFrame:
    """Return a year's youth initiative projects: one or two in each municipality."""
    rng = stream(p.seed, "youth projects", year.first.year)
    codes = [code for code in _places(schools, year) for _ in range(rng.integers(1, 3))]
    count, tag = len(codes), f"JIP-{year.label[2:4]}{year.label[-2:]}-"
    begins = _days(rng, year, count)
    return pl.DataFrame(
        {
            "project_id": [f"{tag}{number:04}" for number in range(count)],
            "atvk_code": codes,
            "call": [f"K{year.label[2:4]}-{1 + number % 2}" for number in range(count)],
            "organisation_kind": _chosen(rng, ("ngo", "ngo", "youth_centre", "school"), count),
            "aim": _chosen(rng, AIMS, count),
            "programme": ["skola_kopiena"] * count,
            "euro": np.full(count, GRANT),
            "pupils_reached": pl.Series(rng.integers(15, 90, count), dtype=pl.Int32),
            "from_date": begins,
            "to_date": begins + pl.Series(rng.integers(30, 120, count)) * timedelta(1),
        },
        schema_overrides=dict.fromkeys(("atvk_code", "organisation_kind", "aim"), pl.String),
    )  # fmt: skip


def problem_situations(p: Parameters, year: SchoolYear, schools: pl.DataFrame) -> pl.DataFrame:
    """Return what teams noticed in a year: theme, sphere, evidence; attendance and learning most."""
    rng = stream(p.seed, "problem situations", year.first.year)
    count, codes = round(SITUATIONS_A_SCHOOL * len(schools)), current_code(schools, year.first)
    school, tag = rng.integers(0, len(schools), count), f"PS-{year.label[2:4]}{year.label[-2:]}-"
    theme = rng.choice(len(THEMES), count, p=np.array([6, 5, 2, 3, 2, 2, 1, 1]) / 22)
    return pl.DataFrame(
        {
            "situation_id": [f"{tag}{number:05}" for number in range(count)],
            "atvk_code": [codes[i] for i in school],
            "school_reg_no": schools["school_reg_no"].gather(pl.Series(school)),
            "noted_on": _days(rng, year, count),
            "sphere": _chosen(rng, SPHERES, count),
            "theme": [THEMES[i] for i in theme],
            "evidence": _chosen(rng, ("data", "conversation", "observation", "survey"), count),
            "closed_on": pl.Series([None] * count, dtype=pl.Date),
        }
    )


def organisation_interests(p: Parameters, year: SchoolYear, schools: pl.DataFrame) -> pl.DataFrame:
    """Return organisations that were no partners yet: some are answered, some of these join."""
    rng, codes = stream(p.seed, "interest", year.first.year), _places(schools, year)
    count, tag = max(2, len(codes) // 2), f"INT-{year.label[2:4]}{year.label[-2:]}-"
    shown = _days(rng, year, count)
    followed = shown + pl.Series(rng.integers(2, 30, count)) * timedelta(1)
    answers, joins = rng.random(count) < 0.7, rng.random(count) < 0.4
    return pl.DataFrame(
        {
            "interest_id": [f"{tag}{number:03}" for number in range(count)],
            "organisation": _chosen(rng, ORGANISATIONS, count),
            "organisation_kind": ["ngo"] * count,
            "atvk_code": _chosen(rng, tuple(codes), count),
            "programme": ["skola_kopiena"] * count,
            "interested_on": shown,
            "interest": _chosen(rng, ("partnership", "workshop", "consultation", "materials"), count),
            "followed_up_on": followed.set(pl.Series(~answers), None),
            "partner_since": (followed + timedelta(14)).set(pl.Series(~(answers & joins)), None),
        }
    )


def staff_feedback(p: Parameters, year: SchoolYear, schools: pl.DataFrame) -> pl.DataFrame:
    """Return a year's anonymous answers: three questions each, from a handful to two dozen people a school."""
    rng, tag = stream(p.seed, "staff feedback", year.first.year), f"{year.label[2:4]}{year.label[-2:]}"
    rows = []
    for school in schools["school_reg_no"]:
        month = f"{year.first.year}-11" if rng.random() < 0.5 else f"{year.last.year}-03"
        for _, question in product(range(int(rng.integers(0, 24))), QUESTIONS):
            rows.append((school, month, question, int(rng.integers(2, 6))))
    codes = rng.permutation(len(rows))  # a number that says nothing of the school or the order
    return pl.DataFrame(rows, schema=("school_reg_no", "month", "question", "rating"), orient="row").with_columns(
        answer_id=pl.Series([f"A{tag}-{code:06}" for code in codes], dtype=pl.String),
        about=pl.lit("supervision"),
        rating=pl.col("rating").cast(pl.Int32),
        told_on=pl.col("month").str.to_date("%Y-%m", strict=False).dt.month_end(),
    )


def topic_choices(p: Parameters, year: SchoolYear, schools: pl.DataFrame) -> pl.DataFrame:
    """Return what municipalities decided about topics in a year."""
    rng = stream(p.seed, "topic choices", year.first.year)
    chosen = [(code, topic) for code, topic in product(_places(schools, year), TOPICS) if rng.random() < 0.3]
    count = len(chosen)
    return pl.DataFrame(
        {
            "atvk_code": [code for code, _ in chosen],
            "topic": [topic for _, topic in chosen],
            "decided_on": _days(rng, year, count),
            "is_chosen": (rng.random(count) < 0.7).tolist(),
            "decided_by": ["municipal_coordinator"] * count,
            "reason": _chosen(rng, REASONS, count),
        },
        schema_overrides={"atvk_code": pl.String, "topic": pl.String, "reason": pl.String},
    )
