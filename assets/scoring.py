"""The learned score as tables: who gets which chance, and how well the recipe did on later days."""

from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from assets.learnt import content_of, forget, recall, remember
from assets.opening import step_back
from assets.warehouse import Built, Warehouse

if TYPE_CHECKING:
    from models.evaluation import Evaluation, Refusal
    from models.leaving_risk import LeavingRiskModel

COVERAGE = ("lessons_held_4w",)
LEARNT_FROM = (
    "risk.pupil_week_measure", "risk.pupil_week_outcome", "risk.pupil_week_summary", "risk.policy_parameter",
    "risk.as_of_date",
)  # fmt: skip
JUDGED_BY = ("risk.indicator_evaluation", "risk.published_indicator", "risk.indicator_rule")
_HORIZON = "select max(value)::integer as days from risk.policy_parameter where parameter = 'outcome_horizon'"
# A model learns from these alone: a new measure is no silent new input, and one that tells of health is never one.
MEASURES = (
    "lessons_held_4w", "lessons_missed_4w", "absence_rate_4w", "absence_rate_before", "absence_rate_rise",
    "lessons_held_year", "absence_rate_year", "unexcused_lessons_semester", "unexcused_lessons_open",
    "late_lessons_4w", "unrecorded_share_4w", "subjects_below_4", "subjects_marked", "mark_mean_semester",
    "mark_fall", "percent_mean_semester", "open_nv", "over_age_years", "repeats_grade", "school_changes_year",
)  # fmt: skip
_MEASURED = (
    f"select pupil_key, as_of, school_reg_no, atvk_code, grade, {', '.join(MEASURES)} from risk.pupil_week_measure"
)
# A backfill adds weeks; what is learnt must not depend on how many there are.
_MEASURES = (
    f"{_MEASURED} where as_of in"
    " (select as_of from risk.as_of_date where is_month_close union select as_of from risk.stand)"
)
_TODAY = f"{_MEASURED} where as_of in (select as_of from risk.stand)"
_JUDGED = (
    "select evaluation.*, published.study, published.study_year, published.measured, published.nearness,"
    " published.sensitivity as published_sensitivity, published.specificity as published_specificity,"
    " published.precision as published_precision, published.base_rate as published_base_rate"
    " from risk.indicator_evaluation as evaluation"
    " inner join risk.indicator_rule as rule"
    " on evaluation.indicator = rule.indicator and evaluation.version = rule.version"
    " left join risk.published_indicator as published on evaluation.indicator = published.indicator"
    " order by array_position(['absence', 'marks', 'path', 'coverage', 'health'], rule.family),"
    " rule.severity desc, rule.indicator, rule.version"
)
_OUTCOMES = "select pupil_key, as_of, left_early from risk.pupil_week_outcome"
_RAISED = "select pupil_key, as_of, groups_raised as indicators_raised from risk.pupil_week_summary"


def _stand(warehouse: Warehouse) -> tuple[date, int]:
    as_of = warehouse.query("select as_of from risk.stand")["as_of"][0]
    return as_of, int(warehouse.query(_HORIZON)["days"][0])


def _model(warehouse: Warehouse, as_of: date, horizon: int) -> "LeavingRiskModel | None":
    """Train on outcomes known on the day we stand on; what was learnt from the same stays learnt."""
    from models.leaving_risk import LeavingRiskModel, fit

    # Not what is raised: the summary may be built later in the same run.
    content = content_of(warehouse, as_of, horizon, ("risk.pupil_week_measure",))
    told = recall(warehouse, "risk.pupil_week_score", content)
    if told:
        return LeavingRiskModel.read(told)
    measures, outcomes = warehouse.query(_MEASURES), warehouse.query(_OUTCOMES)
    step_back()
    model = fit(measures, outcomes, as_of, horizon)
    if model:
        remember(warehouse, "risk.pupil_week_score", content, model.told())
    return model


def score_pupils(warehouse: Warehouse) -> Built:
    """Score the pupils enrolled on the day we stand on."""
    # scikit-learn takes a second to import, which the code location must not pay each time it is loaded.
    from models.leaving_risk import score

    model = _model(warehouse, *_stand(warehouse))
    today = warehouse.query(_TODAY).sort("pupil_key")
    return warehouse.store("risk.pupil_week_score", score(model, today, COVERAGE))


def evaluation_of(warehouse: Warehouse) -> "Evaluation | Refusal":
    """Test the recipe on later days than it was trained on, as known on the day we stand on."""
    from models.evaluation import evaluate

    as_of, horizon = _stand(warehouse)
    frames = [warehouse.query(sql) for sql in (_MEASURES, _OUTCOMES, _RAISED)]
    step_back()
    return evaluate(*frames, as_of=as_of, horizon_days=horizon, coverage=COVERAGE)


def indicators_of(warehouse: Warehouse) -> tuple[pl.DataFrame, int]:
    """Return how each indicator did, beside its nearest relative in the literature, and the outcome horizon in days."""
    from models.indicator_report import without_small_health_counts

    return without_small_health_counts(warehouse.query(_JUDGED)), _stand(warehouse)[1]


def evaluate_score(warehouse: Warehouse) -> Built:
    """Store the evaluation's numbers; those of the same days and outcomes stand."""
    from models.evaluation import Refusal

    content = content_of(warehouse, *_stand(warehouse), ("risk.pupil_week_measure", "risk.pupil_week_summary"))
    if recall(warehouse, "risk.model_evaluation", content):
        return warehouse.leave("risk.model_evaluation")
    forget(warehouse, "risk.model_evaluation")
    evaluation = evaluation_of(warehouse)
    built = warehouse.store("risk.model_evaluation", evaluation.table().with_columns(pl.col("detail").fill_null("")))
    # A refusal names the day we stand on.
    if not isinstance(evaluation, Refusal):
        remember(warehouse, "risk.model_evaluation", content, evaluation.model.version)
    return built
