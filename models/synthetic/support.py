"""Individual support plans: who gets one, the states it passes through, and the measures it gives."""

from datetime import date

import numpy as np
import polars as pl

from models.reference.calendar import SchoolYear
from models.synthetic.parameters import Parameters
from models.synthetic.streams import Booleans, Integers, pick, pick_distinct, stream

# (V) 80 % of measures answer learning and school risks. Codes follow the four risk groups of the programme.
RISKS = {
    "learning_school": (0.80, ("unexcused_absence", "learning_difficulty", "conflict", "violence")),
    "economic": (0.12, ("getting_to_school", "means", "no_internet", "duties_at_home")),
    "social_health": (
        0.05,
        ("often_ill", "special_needs", "ill_relative", "young_parent", "relationship", "addiction"),
    ),
    "family": (0.03, ("parents_away", "care_of_siblings", "parental_addiction", "family_conflict", "little_support")),
}
PROVIDERS = ("subject_teacher", "psychologist", "social_pedagogue", "teacher_assistant", "special_teacher")
PROGRAMMES = ("skola_kopiena", "own")
SKOLA_KOPIENA_SHARE = 0.75
# How a plan goes: (share, states after the draft). Void plans were never used, so they have no measures.
COURSES = (
    (0.60, ("in_approval", "approved", "in_progress")),
    (0.14, ("in_approval", "approved", "in_progress", "under_revision", "approved", "in_progress")),
    (0.08, ("in_approval", "approved", "in_progress", "paused")),
    (0.06, ("in_approval", "void")),
    (0.06, ("in_approval",)),
    (0.04, ("in_approval", "approved")),
    (0.02, ()),
)
DAYS_BETWEEN = (3, 13)
CLOSING = ("paused", "void")


def _need(spells: pl.DataFrame, p: Parameters) -> np.ndarray:
    """Weigh pupils by how much they struggle: trouble, weak marks, drift; nobody here knows who will leave."""
    trouble, skill = spells["trouble"].to_numpy(), spells["skill"].to_numpy()
    drifting = (spells["drift"].to_numpy() > 0) | (spells["dip"].to_numpy() > 0)
    return np.exp(0.7 * trouble - 0.7 * (skill - p.skill_mean) + 0.8 * drifting)


def _chosen(p: Parameters, year: SchoolYear, spells: pl.DataFrame) -> pl.DataFrame:
    """Return one row per plan: a planned pupil has one in either semester, some in both."""
    rng = stream(p.seed, "planned", year.first.year)
    first = spells.filter(pl.col("start") == 0)
    rows = pick_distinct(rng, _need(first, p), round(p.planned_pupils * len(first)))
    both = rng.random(len(rows)) < p.plan_both_semesters
    earlier = rng.random(len(rows)) < 0.6
    parts = [
        first[rows[both | earlier]].with_columns(semester=1),
        first[rows[both | ~earlier]].with_columns(semester=2),
    ]
    return pl.concat(parts).select(
        "person_code", "school_reg_no", "class_label", "exit_date", pl.col("semester").cast(pl.Int32)
    )


def _semester_days(year: SchoolYear) -> dict[int, tuple[date, date]]:
    return {1: (year.first, year.first_semester_last), 2: (year.second_semester_first, year.last)}


def _programme(rng: np.random.Generator, count: int) -> pl.Series:
    own = rng.random(count) >= SKOLA_KOPIENA_SHARE
    return pl.Series(PROGRAMMES).gather(pl.Series(own.astype(np.uint32)))


def build_plans(p: Parameters, year: SchoolYear, spells: pl.DataFrame) -> pl.DataFrame:
    """Return a year's plans with plan_id, opening day, last day and course; one row per plan."""
    plans = _chosen(p, year, spells)
    rng, count, days = stream(p.seed, "plans", year.first.year), len(plans), _semester_days(year)
    first = plans["semester"].replace_strict({s: d[0] for s, d in days.items()}, return_dtype=pl.Date)
    last = plans["semester"].replace_strict({s: d[1] for s, d in days.items()}, return_dtype=pl.Date)
    wait = pl.Series(rng.integers(1, 40, count)) * pl.duration(days=1)
    tag = f"IAP-{year.label[2:4]}{year.label[-2:]}"
    plans = plans.with_columns(
        plan_id=pl.format("{}-{}-{}", pl.lit(tag), "semester", pl.int_range(count).cast(pl.String).str.zfill(6)),
        programme=_programme(rng, count),
        school_year=pl.lit(year.label),
        opened_on=first + wait,
        ends_on=pl.min_horizontal(last, pl.col("exit_date")),
        course=pl.Series(pick(rng, np.array([share for share, _ in COURSES]), count)),
    )
    return plans.filter(pl.col("opened_on") < pl.col("ends_on"))


def _steps(plans: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Return one row per plan and state with the day on which it began, before plans are closed."""
    longest = 1 + max(len(states) for _, states in COURSES)
    waits = rng.integers(*DAYS_BETWEEN, (longest, len(plans)))
    waits[0] = 0
    day = waits.cumsum(axis=0)
    parts = []
    for step in range(longest):
        state = {course: ("draft", *states)[step] for course, (_, states) in enumerate(COURSES) if len(states) >= step}
        here = plans.with_columns(status_on=pl.col("opened_on") + pl.Series(day[step]) * pl.duration(days=1))
        parts.append(here.filter(pl.col("course").is_in(list(state))).with_columns(
            status=pl.col("course").replace_strict(state, default=None, return_dtype=pl.String)))  # fmt: skip
    return pl.concat(parts)


def plan_states(p: Parameters, year: SchoolYear, plans: pl.DataFrame) -> pl.DataFrame:
    """Return every state of every plan: status, status_on, and closed_on where that state ended the plan."""
    steps = _steps(plans, stream(p.seed, "plan states", year.first.year)).filter(
        pl.col("status_on") < pl.col("ends_on")
    )
    ended = steps.with_columns(
        closed_on=pl.when(pl.col("status").is_in(CLOSING)).then("status_on").otherwise(None), known_on="status_on"
    )
    # A plan ends with its semester, or is paused on the day on which the pupil leaves.
    last = ended.sort("plan_id", "status_on").group_by("plan_id", maintain_order=True).last()
    left = (pl.col("exit_date") == pl.col("ends_on")).fill_null(value=False)
    closing = last.filter(pl.col("closed_on").is_null()).with_columns(
        status=pl.when(left).then(pl.lit("paused")).otherwise("status"),
        status_on=pl.when(left).then("ends_on").otherwise("status_on"),
        closed_on="ends_on",
        known_on="ends_on",
    )
    return pl.concat([ended, closing.select(ended.columns)]).sort("plan_id", "known_on", "status_on")


def build_measures(p: Parameters, year: SchoolYear, states: pl.DataFrame) -> pl.DataFrame:
    """Return the measures of approved plans: one to three each, mostly consultations on learning and school."""
    rng = stream(p.seed, "measures", year.first.year)
    approved = states.filter(pl.col("status") == "approved").unique("plan_id", keep="first", maintain_order=True)
    count = rng.integers(1, 4, len(approved))
    row = np.repeat(np.arange(len(approved)), count)
    number = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count) + 1
    group = pick(rng, np.array([share for share, _ in RISKS.values()]), len(row))
    kind = _kinds(rng, group)
    plans = approved[row]
    return pl.DataFrame(
        {
            "plan_id": plans["plan_id"],
            "measure_no": pl.Series(number, dtype=pl.Int32),
            "risk_group": pl.Series(tuple(RISKS)).gather(pl.Series(group.astype(np.uint32))),
            "risk_code": _risk_codes(rng, group),
            "measure_code": pl.Series(("consultation", "compensation", "initiative")).gather(pl.Series(kind)),
            "provider_role": _providers(rng, kind),
            "amount": np.where(kind == 1, 5.0 * rng.integers(4, 40, len(row)), rng.integers(4, 31, len(row))),
            "unit": pl.Series(("hours", "euro", "hours")).gather(pl.Series(kind)),
            "from_date": plans["status_on"],
            "to_date": plans["ends_on"],
            "known_on": plans["status_on"],
        }
    )


def _kinds(rng: np.random.Generator, group: Integers) -> Integers:
    """Draw consultation, compensation or initiative; economic risks are mostly, not always, answered with money."""
    drawn = rng.random(len(group))
    economic = group == list(RISKS).index("economic")
    return np.where(economic, drawn < 0.8, np.where(drawn < 0.03, 2, drawn > 0.97)).astype(np.uint32)


def _risk_codes(rng: np.random.Generator, group: Integers) -> list[str]:
    codes = [codes for _, codes in RISKS.values()]
    drawn = rng.random(len(group))
    return [codes[g][int(u * len(codes[g]))] for g, u in zip(group.tolist(), drawn.tolist(), strict=True)]


def _providers(rng: np.random.Generator, kind: Integers) -> pl.Series:
    drawn = pl.Series(PROVIDERS).gather(pl.Series(pick(rng, np.array([5, 2, 2, 1, 1]), len(kind)).astype(np.uint32)))
    given: Booleans = kind == 0
    return pl.select(pl.when(pl.Series(given)).then(drawn).otherwise(None)).to_series()
