"""Support to staff, requests for consultation, and who may see what: registers without a single pupil."""

from datetime import date, timedelta

import numpy as np
import polars as pl

from models.reference.calendar import SchoolYear
from models.synthetic.parameters import Parameters
from models.synthetic.schools import MERGER, current_code
from models.synthetic.streams import stream
from models.synthetic.year_days import school_days

# Kind: events a school and year, topics, hours, largest group. (V) two supervisions of 3 hours, at most ten people.
SCHOOL_EVENTS = {
    "supervision": (2, ("parents", "motivation", "burnout", "lack_of_resources", "the_project"), 3.0, 10),
    "school_workshop": (1, ("T1", "T2", "T3", "T4", "T5"), 4.0, 40),
    "pd_programme": (1, ("P1", "P2", "P3"), 36.0, 25),
}
MUNICIPAL_EVENTS = {
    "municipal_workshop": (2, ("risk_recognition", "well_being", "holistic_approach"), 6.0, 20),
    "youth_programme": (1, ("motivation", "initiative_projects", "participation"), 72.0, 15),
}
CHANCE = {"pd_programme": 0.4, "youth_programme": 0.5, "school_workshop": 0.8}
HELD_SHARE, REMOTE_SHARE = 0.85, 0.3
RISK_STAGES = ("recognise", "prevent", "intervene")
LED_BY = {"supervision": "supervisor", "school_workshop": "expert", "municipal_workshop": "expert",
          "youth_programme": "youth_specialist", "pd_programme": "expert"}  # fmt: skip
# A request is for a consultation, or for a workshop or programme place on one of their topics.
WORKSHOP_REQUESTS, PROGRAMME_REQUESTS = 0.3, 0.15
PLANNED_AHEAD = 30  # days before an event at which the register learns of it
TOPICS = ("work_with_parents", "support_plan", "attendance", "conflict", "special_needs", "motivation")
ASKERS = ("school_coordinator", "municipal_coordinator", "support_person", "class_teacher", "school_head")
REQUESTS_A_SCHOOL = 1.2
OUTCOMES = ("held", "held", "held", "held", "waiting", "declined", "withdrawn")
ALL_MUNICIPALITIES, FIRST_SCHOOL = "demo-coordinator", "demo-school"
CHANGED_COORDINATORS = 0.1


def _events(
    rng: np.random.Generator,
    year: SchoolYear,
    kind: str,
    plan: tuple[int, tuple[str, ...], float, int],
    place: list[str],
) -> pl.DataFrame:
    """Return the events of one kind in a year, planned and mostly held, one or more in each place."""
    a_year, topics, hours, largest = plan
    places = [code for code in place for _ in range(a_year) if rng.random() < CHANCE.get(kind, 1.0)]
    count, days = len(places), school_days(year)
    planned = rng.integers(10, len(days) - 30, count)
    held = rng.random(count) < HELD_SHARE
    later = planned + rng.integers(0, 10, count) * (rng.random(count) < 0.3)
    return pl.DataFrame(
        {
            "place": places,
            "kind": [kind] * count,
            "topic": [topics[i] for i in rng.integers(0, len(topics), count)],
            "planned_on": pl.Series(days[planned]).cast(pl.Date),
            "held_on": pl.Series(days[later]).cast(pl.Date).set(pl.Series(~held), None),
            "participants": pl.Series(rng.integers(max(5, largest // 3), largest + 1, count), dtype=pl.Int32),
            "hours": np.full(count, hours),
            "mode": [("on_site", "remote")[remote] for remote in (rng.random(count) < REMOTE_SHARE).tolist()],
        },
        schema_overrides={"place": pl.String, "kind": pl.String, "topic": pl.String, "mode": pl.String},
    )


def staff_support(p: Parameters, year: SchoolYear, schools: pl.DataFrame) -> pl.DataFrame:
    """Return a year's events for staff with the day on which each becomes known; school or municipality, not both."""
    rng = stream(p.seed, "staff support", year.first.year)
    in_schools = [
        _events(rng, year, kind, plan, schools["school_reg_no"].to_list()) for kind, plan in SCHOOL_EVENTS.items()
    ]
    codes = sorted(set(current_code(schools, year.first)))
    in_places = [_events(rng, year, kind, plan, codes) for kind, plan in MUNICIPAL_EVENTS.items()]
    events = pl.concat(
        [pl.concat(in_schools).with_columns(school_reg_no="place", atvk_code=pl.lit(None, pl.String)),
         pl.concat(in_places).with_columns(school_reg_no=pl.lit(None, pl.String), atvk_code="place")]
    )  # fmt: skip
    tag = f"PA-{year.label[2:4]}{year.label[-2:]}-"
    drawn, largest = (
        rng.random(len(events)),
        {kind: plan[3] for kind, plan in (SCHOOL_EVENTS | MUNICIPAL_EVENTS).items()},
    )
    return events.with_columns(
        seats=pl.col("kind").replace_strict(largest, return_dtype=pl.Int32),
        risk_stage=pl.Series(RISK_STAGES).gather(pl.Series((drawn * len(RISK_STAGES)).astype(np.uint32))),
        run=pl.when(pl.col("kind").is_in(["youth_programme", "pd_programme"])).then(
            pl.when(pl.Series(drawn < 0.1)).then(pl.lit("pilot")).otherwise(pl.lit("regular"))
        ),
        led_by=pl.col("kind").replace_strict(LED_BY, return_dtype=pl.String),
        material=pl.when(pl.col("kind").is_in(["school_workshop", "municipal_workshop"])).then(pl.lit("2025-1")),
        follow_up_on=pl.when(pl.col("kind") == "municipal_workshop").then(pl.col("planned_on") + timedelta(60)),
        programme=pl.lit("skola_kopiena"),
        support_id=pl.lit(tag) + pl.int_range(len(events)).cast(pl.String).str.zfill(5),
        known_on=pl.max_horizontal(pl.lit(year.first), pl.col("planned_on") - timedelta(PLANNED_AHEAD)),
    )


def _asked_for(rng: np.random.Generator, count: int) -> tuple[pl.Expr, pl.Expr]:
    """Draw what a request is for, and its topic where that is no consultation."""
    drawn, number = rng.random(count), rng.integers(0, 15, count)
    workshop, place = pl.Series(drawn < WORKSHOP_REQUESTS), pl.Series(drawn > 1 - PROGRAMME_REQUESTS)
    kind = pl.when(workshop).then(pl.lit("school_workshop")).when(place).then(pl.lit("pd_programme"))
    topic = pl.when(workshop).then(pl.format("T{}", pl.Series(number % 5 + 1)))
    topic = topic.when(place).then(pl.format("P{}", pl.Series(number % 3 + 1))).otherwise(pl.col("topic"))
    return kind.otherwise(pl.lit("consultation")).alias("kind"), topic.alias("topic")


def consultation_requests(p: Parameters, year: SchoolYear, schools: pl.DataFrame) -> pl.DataFrame:
    """Return a year's requests for consultation with the day asked, the day held and the outcome in the end."""
    rng = stream(p.seed, "consultations", year.first.year)
    count, days = max(3, round(REQUESTS_A_SCHOOL * len(schools))), school_days(year)
    school = rng.integers(0, len(schools), count)
    codes = current_code(schools, year.first)
    asked = pl.Series(days[np.sort(rng.integers(0, len(days) - 20, count))]).cast(pl.Date)
    outcome = pl.Series(OUTCOMES).gather(pl.Series(rng.integers(0, len(OUTCOMES), count)))
    answered = asked + pl.Series(rng.integers(2, 30, count)) * pl.duration(days=1)
    tag = f"KP-{year.label[2:4]}{year.label[-2:]}-"
    return pl.DataFrame(
        {
            "organisation": schools["name"].gather(pl.Series(school)),
            "atvk_code": [codes[i] for i in school],
            "asker_role": [ASKERS[i] for i in rng.integers(0, len(ASKERS), count)],
            "topic": [TOPICS[i] for i in rng.integers(0, len(TOPICS), count)],
            "asked_on": asked,
            "coordinator": ["project_coordinator"] * count,
            "outcome": outcome,
        }
    ).with_columns(
        *_asked_for(rng, count),
        # Half of what is held was offered some days before.
        offered_on=pl.when(pl.Series(rng.random(count) < 0.5) & (pl.col("outcome") == "held")).then(
            pl.col("asked_on") + timedelta(1)
        ),
        planned_on=answered,
        programme=pl.lit("skola_kopiena"),
        request_id=pl.lit(tag) + pl.int_range(count).cast(pl.String).str.zfill(5),
        answered_on=answered,
    )


def _assignments(login: str, role: str, organisations: list[str], since: date) -> list[tuple[str, str, str, date]]:
    return [(login, role, organisation, since) for organisation in organisations]


def role_assignments(p: Parameters, years: tuple[SchoolYear, ...], schools: pl.DataFrame) -> pl.DataFrame:
    """Return who may see named pupils of which organisation; two demonstration logins come first."""
    first, reg_nos = years[0].first, schools["school_reg_no"].to_list()
    units = sorted(set(current_code(schools, first)))
    merged = sorted(set(current_code(schools, MERGER)) - set(units)) if years[-1].first >= MERGER else []
    rows = _assignments(ALL_MUNICIPALITIES, "municipal_coordinator", units, first)
    rows += _assignments(ALL_MUNICIPALITIES, "municipal_coordinator", merged, MERGER)
    rows += _assignments(FIRST_SCHOOL, "school_coordinator", reg_nos[:1], first)
    rows += [(f"pasvaldiba-{code}", "municipal_coordinator", code, first) for code in units]
    rows += [(f"skola-{reg_no[-6:]}", "school_coordinator", reg_no, first) for reg_no in reg_nos]
    rows += _assignments("projekts-1", "project_coordinator", units, first)
    rows += _assignments("analitikis-1", "analyst", units, first)
    rows += [(f"audzinatajs-{reg_no[-6:]}", "class_teacher", reg_no, first) for reg_no in reg_nos]
    table = pl.DataFrame(rows, schema=("login", "role", "organisation", "valid_from"), orient="row")
    return _with_changes(p, years[-1], table)


def _with_changes(p: Parameters, year: SchoolYear, table: pl.DataFrame) -> pl.DataFrame:
    """Let some school coordinators hand over at the turn of the last year's semesters."""
    drawn = pl.Series(stream(p.seed, "hand-over").random(len(table)) < CHANGED_COORDINATORS)
    changes = drawn & (table["role"] == "school_coordinator") & (table["login"] != FIRST_SCHOOL)
    handed = year.second_semester_first
    ended = table.with_columns(valid_to=pl.when(changes).then(pl.lit(handed - timedelta(1))).otherwise(None))
    successors = table.filter(changes).with_columns(
        login=pl.col("login") + "-2", valid_from=pl.lit(handed), valid_to=pl.lit(None, pl.Date)
    )
    return pl.concat([ended, successors]).with_columns(delegated_by=pl.lit(None, pl.String))
