"""A country with every table that a release holds: four municipalities, their schools, grades and sexes, two months."""

from datetime import date
from itertools import product

import numpy as np
import polars as pl

from models.disclosure import CountTable, Protected, protect, protect_events, protect_shares
from models.disclosure.table import ALL, in_order

MONTHS = {"2026-04": date(2026, 4, 27), "2026-05": date(2026, 5, 25)}
PLACES = {"0001000": "Rīga", "0023000": "Ādažu novads", "0026000": "Cēsu novads", "0038001": "Madonas novads"}
SIZES = {"0001000": 60, "0023000": 9, "0026000": 14, "0038001": 2}
ABSENCE = [
    "pupils_with_lessons",
    "lessons_held",
    "lessons_missed_ill",
    "lessons_missed_other",
    "lessons_missed_unexcused",
]
COUNTS = ["pupils_at_risk", "pupils_raised_chronic_absence"]
LABELS = {
    "chronic_absence": {
        "lv": "Ilgstoši kavējumi",
        "en": "Chronic absence",
        "definition_lv": "Šajā mācību gadā kavēta vismaz desmitā daļa stundu.",
        "definition_en": "At least a tenth of this school year's lessons missed.",
    },
    "lessons_missed_ill": {"lv": "Slimība", "en": "Illness", "definition_lv": "Slims.", "definition_en": "Ill."},
}
POLICY = {
    "hint_below_4_percent": 15.0,
    "hint_open_percent": 0.2,
    "hint_over_age_percent": 5.0,
    "hint_spread_percent": 1.0,
    "hint_vocational_percent": 25.0,
}
META = {
    "as_of": date(2026, 5, 25),
    "known_on": date(2026, 5, 27),
    "pipeline_version": "0.1.0",
    "labels": LABELS,
    "policy": POLICY,
    "is_invented": True,
}
STAGES = ["pupils_noticed", "pupils_spoken_with", "pupils_supported"]


def inner(seed: int = 1, scale: int = 1) -> pl.DataFrame:
    """Return pupils and counts by month, school, grade and sex; a scale makes more pupils of each."""
    chance, rows = np.random.default_rng(seed), []
    for month, code, number, grade, sex in product(MONTHS, PLACES, range(2), (3, 8, 11), "FM"):
        pupils = int(SIZES[code] * (3 - number) * (1 + (grade == 8))) * scale
        counted = int(chance.binomial(pupils, 0.1 + grade / 60))
        band, kind = {3: "1-3", 8: "7-9", 11: "10-12"}[grade], "general"
        if number and grade == 11:
            band, kind = "vocational", "vocational"
        rows.append(
            {
                "period": month,
                "as_of": MONTHS[month],
                "atvk_code": code,
                "kind": kind,
                "school_reg_no": f"{code[:4]}00000{number}{'v' if kind == 'vocational' else 'g'}",
                "grade": f"v{grade - 10}" if kind == "vocational" else str(grade),
                "band": band,
                "sex": sex,
                "pupils": pupils,
                "pupils_at_risk": counted,
                "pupils_raised_chronic_absence": int(chance.binomial(pupils, 0.2)),
                "pupils_at_risk_this_term": int(counted + chance.binomial(pupils - counted, 0.1)),
                "pupils_with_lessons": pupils,
                "lessons_held": 120 * pupils,
                "lessons_missed_ill": int(chance.binomial(120 * pupils, 0.06)),
                "lessons_missed_other": int(chance.binomial(120 * pupils, 0.02)),
                "lessons_missed_unexcused": int(chance.binomial(120 * pupils, 0.01)),
            }
        )
    return pl.DataFrame(rows).with_columns(
        pupils_noticed=pl.col("pupils") // 12,
        pupils_spoken_with=pl.col("pupils") // 15,
        pupils_supported=pl.col("pupils") // 22,
        pupils_with_plan=pl.col("pupils") // 17,
        pupils_at_risk_this_year=pl.col("pupils_at_risk_this_term")
        + (pl.col("pupils") - pl.col("pupils_at_risk_this_term")) // 5,
    )


def _named(frame: pl.DataFrame) -> pl.DataFrame:
    """Name municipalities, or schools."""
    if "school_reg_no" in frame.columns:
        return frame.with_columns(
            atvk_code=pl.col("school_reg_no").str.slice(0, 4) + "000", name=pl.lit("Skola ") + pl.col("school_reg_no")
        ).with_columns(
            atvk_code=pl.when(pl.col("atvk_code") == "0038000").then(pl.lit("0038001")).otherwise("atvk_code")
        )
    if "atvk_code" in frame.columns:
        name = pl.col("atvk_code").replace_strict({**PLACES, ALL: "Latvija"})
        return frame.with_columns(name_lv=name, name_en=name)
    if "kind" in frame.columns:
        name = pl.col("kind").replace_strict({"general": "vispārējā izglītība", "vocational": "profesionālā izglītība"})
        return frame.with_columns(name_lv=name, name_en=pl.col("kind"))
    return frame


def table(pupils: pl.DataFrame, name: str, groups: list[str], counts: list[str], opened: list[str]) -> CountTable:
    """Count by groups, each of `opened` once named and once left open."""
    ways = [
        [g for g, o in zip(opened, is_open, strict=True) if o] for is_open in product((False, True), repeat=len(opened))
    ]
    parts = [
        pupils.group_by("period", "as_of", *(g for g in groups if g not in way))
        .agg(pl.col("pupils", *counts).sum())
        .with_columns(pl.lit(ALL).alias(g) for g in way)
        .select("period", "as_of", *groups, "pupils", *counts)
        for way in ways
    ]
    return CountTable(name, _named(pl.concat(parts)).sort("period", *in_order(groups)), tuple(groups))


def counted(pupils: pl.DataFrame) -> list[CountTable]:
    """Count all tables but that of lessons."""
    risk = ["pupils_at_risk"]
    return [
        table(pupils, "country_month_risk", [], COUNTS, []),
        table(pupils, "municipality_band_month_risk", ["atvk_code", "band", "sex"], risk, ["atvk_code", "band", "sex"]),
        table(
            pupils, "municipality_grade_month_risk", ["atvk_code", "grade", "sex"], risk, ["atvk_code", "grade", "sex"]
        ),
        table(pupils, "municipality_kind_month_risk", ["atvk_code", "kind"], COUNTS, []),
        table(pupils, "municipality_month_risk", ["atvk_code"], COUNTS, []),
        table(
            pupils, "municipality_term_risk", ["atvk_code", "kind"], ["pupils_at_risk_this_term"], ["atvk_code", "kind"]
        ),
        table(
            pupils, "municipality_year_risk", ["atvk_code", "kind"], ["pupils_at_risk_this_year"], ["atvk_code", "kind"]
        ),
        table(pupils, "school_month_risk", ["school_reg_no"], risk, []),
        table(pupils, "school_type_month_risk", ["kind"], COUNTS, []),
        table(pupils, "support_funnel", ["atvk_code", "kind"], [*STAGES, "pupils_with_plan"], []),
    ]


def lessons(pupils: pl.DataFrame) -> CountTable:
    """Sum the lessons."""
    raw = table(pupils, "municipality_month_absence", ["atvk_code", "kind"], ABSENCE, ["atvk_code", "kind"])
    return CountTable(raw.name, raw.frame.with_columns(most_lessons_held=pl.lit(120)), raw.group_columns)


def events() -> list[CountTable]:
    """Count what was done for staff in each municipality, another number of each kind."""
    kinds = ["supervisions_held", "supervisions_owed", "school_workshops_held", "municipal_workshops_held"]
    kinds += ["programme_runs_held", "consultations_asked", "consultations_held", "consultations_waiting"]
    kinds += ["programme_completions", "youth_projects", "interests_open"]
    about = [
        {"period": month, "as_of": day, "school_year": "2025/2026", "semester": 2, "atvk_code": code}
        for (month, day), code in product(MONTHS.items(), [*PLACES, ALL])
    ]
    done = [row | {f"events_{kind}": 31 * n + k for k, kind in enumerate(kinds)} for n, row in enumerate(about)]
    asked = [
        row | {"topic": topic, "events_asked": 3, "events_held": 2, "events_waiting": 1, "events_offered": 5}
        for row in about
        for topic in ("conflict", "attendance", "T2")
    ]
    known = [
        row | {"events_schools": 2 if row["atvk_code"] != ALL else 8, "events_schools_complete": 1} for row in about
    ]
    held = ["supervisions_held", "school_workshops_held", "programme_runs_held", "programme_completions"]
    kinds_held = [
        row | {"kind": kind} | {f"events_{name}": 37 * n + k for k, name in enumerate(held)}
        for n, row in enumerate(about)
        for kind in ("general", "vocational")
    ]
    own = [{name: row[name] for name in ("period", "as_of", "atvk_code")} for row in about if row["atvk_code"] != ALL]
    decided = {"topic": "T2", "is_chosen": True, "decided_on": date(2026, 4, 2), "decided_by": "school_head"}
    choices = [row | decided | {"reason": "people_ask"} for row in own]
    noted = [row | {"sphere": "school", "theme": "conflict", "events_noted": 7} for row in own]
    said = {"source": "viis", "kind": "school_workshop", "topic": "T2", "asked_on": date(2026, 4, 1)}
    requests = [
        row | said | {"request_id": f"KP-{number}", "status": status, "planned_on": planned}
        for row in own
        for number, status, planned in ((1, "offered", date(2026, 6, 3)), (2, "waiting", None))
    ]
    return [
        CountTable("municipality_kind_term_support", _named(pl.DataFrame(kinds_held)), ("atvk_code", "kind")),
        CountTable("problem_situation_count", _named(pl.DataFrame(noted)), ("atvk_code", "sphere", "theme")),
        CountTable("request_status", _named(pl.DataFrame(requests)), ("atvk_code", "source", "request_id")),
        CountTable("topic_choice", _named(pl.DataFrame(choices)), ("atvk_code", "topic")),
        CountTable("municipality_month_coverage", _named(pl.DataFrame(known).drop("semester")), ("atvk_code",)),
        CountTable("municipality_term_support", _named(pl.DataFrame(done)), ("atvk_code",)),
        CountTable("topic_demand", _named(pl.DataFrame(asked).drop("semester")), ("atvk_code", "topic")),
    ]


def published(pupils: pl.DataFrame | None = None) -> list[Protected]:
    """Protect all tables together."""
    pupils = inner() if pupils is None else pupils
    nested = [("pupils_at_risk_this_year", "pupils_at_risk_this_term", "pupils_at_risk"), tuple(STAGES)]
    counts = protect(counted(pupils), pupils.drop(ABSENCE), nested, secret=b"key")
    others = [protect_shares(lessons(pupils)), *map(protect_events, events())]
    return sorted([*counts, *others], key=lambda made: made.name)
