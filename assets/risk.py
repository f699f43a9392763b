"""About a pupil on a date: measures, indicators, score."""

import warnings
from collections.abc import Iterable
from typing import Any

import dagster as dg

from assets.contracted import arguments, kept, table
from assets.landing import newest_delivery
from assets.scoring import evaluate_score, score_pupils
from assets.stand import Stand
from assets.supporting import COMPARED_FROM, assess_support
from assets.warehouse import Warehouse

# Mondays to choose a backfill by. Only the stand has them: it tells the whole graph which weeks to make, in one run.
MONDAYS = dg.WeeklyPartitionsDefinition(
    start_date="2015-01-05", day_offset=1, end_offset=1, timezone="Europe/Riga", fmt="%Y-%m-%d"
)


def _chosen(context: dg.AssetExecutionContext, stand: Stand) -> Stand:
    """Stand on the last Monday of a backfill and go back to its first, whatever the launchpad says."""
    if not context.has_partition_key_range:
        return stand
    chosen = context.partition_key_range
    return Stand(as_of=chosen.end, known_on=stand.known_on, first_as_of=chosen.start)


with warnings.catch_warnings():
    # That a backfill is one run is what we need; nobody who runs the pipeline must read that Dagster calls it beta.
    warnings.simplefilter("ignore", category=dg.BetaWarning)
    _stand_asset = dg.asset(
        **arguments("risk.stand", ["raw.delivery"], {"duckdb", "python"}),
        partitions_def=MONDAYS,
        backfill_policy=dg.BackfillPolicy.single_run(),
    )


@_stand_asset
def stand(context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse], stand: Stand) -> Iterable[Any]:
    """Write the run's two clocks down, where every query finds them."""
    days = _chosen(context, stand).days(newest_delivery(warehouse.home.landing))
    yield from kept(lambda: warehouse.store("risk.stand", days.frame()))


policy_parameter = table("risk.policy_parameter")
promotion_rule = table("risk.promotion_rule")
exam_subject = table("risk.exam_subject")
indicator_rule = table("risk.indicator_rule")
published_indicator = table("risk.published_indicator")
as_of_date = table("risk.as_of_date")
month_term = table("risk.month_term")
month_place = table("risk.month_place")
school_week_completeness = table("risk.school_week_completeness")
day_week = table("risk.day_week")
school_day_week = table("risk.school_day_week")
pupil_week_cohort = table("risk.pupil_week_cohort")
pupil_week_attendance = table("risk.pupil_week_attendance")
pupil_week_attendance_window = table("risk.pupil_week_attendance_window")
pupil_week_attendance_measure = table("risk.pupil_week_attendance_measure")
pupil_week_day_pattern = table("risk.pupil_week_day_pattern")
pupil_week_absence_pattern = table("risk.pupil_week_absence_pattern")
pupil_week_absence_trend = table("risk.pupil_week_absence_trend")
pupil_week_class_comparison = table("risk.pupil_week_class_comparison")
pupil_subject_week_absence = table("risk.pupil_subject_week_absence")
pupil_week_subject_pattern = table("risk.pupil_week_subject_pattern")
pupil_week_unexcused_outlook = table("risk.pupil_week_unexcused_outlook")
pupil_week_coverage_measure = table("risk.pupil_week_coverage_measure")
pupil_subject_week_mark = table("risk.pupil_subject_week_mark")
pupil_week_mark = table("risk.pupil_week_mark")
pupil_week_mark_window = table("risk.pupil_week_mark_window")
pupil_week_mark_measure = table("risk.pupil_week_mark_measure")
pupil_week_mark_trend = table("risk.pupil_week_mark_trend")
pupil_week_promotion_measure = table("risk.pupil_week_promotion_measure")
pupil_week_period_mark_gap = table("risk.pupil_week_period_mark_gap")
pupil_week_health_measure = table("risk.pupil_week_health_measure")
pupil_week_path_measure = table("risk.pupil_week_path_measure")
pupil_week_measure = table("risk.pupil_week_measure")
pupil_week_indicator = table("risk.pupil_week_indicator")
pupil_week_summary = table("risk.pupil_week_summary")
pupil_week_group = table("risk.pupil_week_group")
group_week_count = table("risk.group_week_count")
group_month_so_far = table("risk.group_month_so_far")
plan_on_day = table("risk.plan_on_day")
group_month_support = table("risk.group_month_support")
group_week_lesson = table("risk.group_week_lesson")
pupil_week_outcome = table("risk.pupil_week_outcome")
indicator_week_count = table("risk.indicator_week_count")
indicator_evaluation = table("risk.indicator_evaluation")
support_start = table("risk.support_start")
pupil_week_share_missed = table("risk.pupil_week_share_missed")

_SCORED = [
    "risk.pupil_week_measure",
    "risk.pupil_week_outcome",
    "risk.policy_parameter",
    "risk.as_of_date",
    "risk.stand",
]


@dg.asset(**arguments("risk.pupil_week_score", _SCORED, {"scikitlearn", "python"}))
def pupil_week_score(warehouse: dg.ResourceParam[Warehouse]) -> Iterable[Any]:
    """Score pupils with a model trained on outcomes known by the day."""
    yield from kept(lambda: score_pupils(warehouse))


@dg.asset(**arguments("risk.model_evaluation", [*_SCORED, "risk.pupil_week_summary"], {"scikitlearn", "python"}))
def model_evaluation(warehouse: dg.ResourceParam[Warehouse]) -> Iterable[Any]:
    """Compare the score with counting and with chance on later days."""
    yield from kept(lambda: evaluate_score(warehouse))


@dg.asset(**arguments("risk.support_effect", COMPARED_FROM, {"python"}))
def support_effect(warehouse: dg.ResourceParam[Warehouse]) -> Iterable[Any]:
    """Compare pupils with support with pupils alike; on demand."""
    yield from kept(lambda: assess_support(warehouse))
