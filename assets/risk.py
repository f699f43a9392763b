"""About a pupil on a date: measures, indicators, score."""

from collections.abc import Iterable
from typing import Any

import dagster as dg

from assets.contracted import arguments, kept, table
from assets.landing import newest_delivery
from assets.scoring import evaluate_score, score_pupils
from assets.stand import Stand
from assets.warehouse import Warehouse


@dg.asset(**arguments("risk.stand", ["raw.delivery"], {"duckdb", "python"}))
def stand(warehouse: dg.ResourceParam[Warehouse], stand: Stand) -> Iterable[Any]:
    """Write the run's two clocks down, where every query finds them."""
    days = stand.days(newest_delivery(warehouse.home.landing))
    yield from kept(lambda: warehouse.store("risk.stand", days.frame()))


policy_parameter = table("risk.policy_parameter")
indicator_rule = table("risk.indicator_rule")
as_of_date = table("risk.as_of_date")
school_week_completeness = table("risk.school_week_completeness")
pupil_week_cohort = table("risk.pupil_week_cohort")
pupil_week_attendance = table("risk.pupil_week_attendance")
pupil_week_attendance_measure = table("risk.pupil_week_attendance_measure")
pupil_subject_week_mark = table("risk.pupil_subject_week_mark")
pupil_week_mark_measure = table("risk.pupil_week_mark_measure")
pupil_week_path_measure = table("risk.pupil_week_path_measure")
pupil_week_measure = table("risk.pupil_week_measure")
pupil_week_indicator = table("risk.pupil_week_indicator")
pupil_week_summary = table("risk.pupil_week_summary")
pupil_week_outcome = table("risk.pupil_week_outcome")

_SCORED = ["risk.pupil_week_measure", "risk.pupil_week_outcome", "risk.policy_parameter", "risk.stand"]


@dg.asset(**arguments("risk.pupil_week_score", _SCORED, {"scikitlearn", "python"}))
def pupil_week_score(warehouse: dg.ResourceParam[Warehouse]) -> Iterable[Any]:
    """Score pupils with a model trained on outcomes known by the day."""
    yield from kept(lambda: score_pupils(warehouse))


@dg.asset(**arguments("risk.model_evaluation", [*_SCORED, "risk.pupil_week_summary"], {"scikitlearn", "python"}))
def model_evaluation(warehouse: dg.ResourceParam[Warehouse]) -> Iterable[Any]:
    """Compare the score with counting and with chance on later days."""
    yield from kept(lambda: evaluate_score(warehouse))
