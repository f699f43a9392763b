"""Test the score on later dates than it was trained on, beside counting raised indicators and beside chance."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import chain

import numpy as np
import polars as pl

from models.calibration import Numbers, brier, calibration_bins, calibration_line
from models.evaluation_report import report_text
from models.evaluation_result import DIFFERENCE, ORDERINGS, TOP_SHARE, Evaluation, Metric, Refusal
from models.leaving_risk import KEYS, MIN_LEAVERS, LeavingRiskModel, fit, known_by, leavers_in, score
from models.ranking import Ordering, chance_of_place, interval, precision, pupil_resamples, recall

__all__ = ["Evaluation", "Refusal", "evaluate", "report_text"]

MIN_DATES = 3
TEST_ONE_IN = 3  # the last third of the dates is for testing
CAPACITY = 10
RESAMPLES = 200
SEED = 20260901
LAST = -1.0  # a row that an ordering cannot place stands below every row that it can


def evaluate(
    measures: pl.DataFrame,
    outcomes: pl.DataFrame,
    raised: pl.DataFrame,
    as_of: date,
    horizon_days: int,
    capacity: int = CAPACITY,
    coverage: Sequence[str] = (),
    min_leavers: int = MIN_LEAVERS,
    resamples: int = RESAMPLES,
) -> Evaluation | Refusal:
    """Train on outcomes known before the first test date, test on the last third of the dates known on `as_of`."""
    known = known_by(outcomes, as_of, horizon_days).filter(pl.col("left_early").is_not_null())
    dates = sorted(set(known["as_of"].unique()) & set(measures["as_of"].unique()))
    if len(dates) < MIN_DATES:
        return Refusal(_too_few_dates(len(dates), as_of), as_of, horizon_days)
    test_dates = dates[-(len(dates) // TEST_ONE_IN) :]
    model = fit(measures, known, test_dates[0], horizon_days, min_leavers)
    if model is None:
        return Refusal(_no_model(test_dates[0], horizon_days, min_leavers), as_of, horizon_days)
    rows = _test_rows(model, measures, known.filter(pl.col("as_of").is_in(test_dates)), raised, coverage)
    scored = rows.filter(pl.col("probability").is_not_null())
    if leavers_in(scored) < min_leavers or scored["left_early"].all():
        return Refusal(_no_test(test_dates, min_leavers), as_of, horizon_days)
    return _evaluation(model, dates, rows, as_of, capacity, resamples)


def _too_few_dates(dates: int, as_of: date) -> str:
    return (
        f"Outcomes are known for {dates} dates on {as_of}, and an evaluation needs {MIN_DATES}: "
        "add earlier dates, or wait until more outcome windows are over."
    )


def _no_model(first_test: date, horizon_days: int, min_leavers: int) -> str:
    return (
        f"No model could be trained on what was known on {first_test}, the first test date: among the dates at least "
        f"{horizon_days} days before it fewer than {min_leavers} pupils left, everyone left, or no measure varies. "
        "Add earlier dates."
    )


def _no_test(test_dates: list[date], min_leavers: int) -> str:
    return (
        f"Between {test_dates[0]} and {test_dates[-1]} fewer than {min_leavers} of the pupils whom the model scores "
        "left, or all of them did: too few to compare orderings. Wait until more outcome windows are over."
    )


def _test_rows(
    model: LeavingRiskModel, measures: pl.DataFrame, known: pl.DataFrame, raised: pl.DataFrame, coverage: Sequence[str]
) -> pl.DataFrame:
    """Put the three orderings beside each known outcome; a pupil without measures stays, and stands last."""
    of_test = measures.join(known, on=KEYS, how="semi")
    scored = score(model, of_test, coverage).with_columns(of_test["school_reg_no"])
    counts = raised.select(*KEYS, raised_count=pl.col("indicators_raised").cast(pl.Float64))
    rows = known.select(*KEYS, "left_early").join(scored, on=KEYS, how="left", validate="1:1")
    rows = rows.join(counts, on=KEYS, how="left", validate="1:1").sort("as_of", "pupil_key")
    lot = np.random.default_rng(SEED).random(rows.height)
    return rows.with_columns(
        pl.col("raised_count").fill_null(LAST), model=pl.col("probability").fill_null(LAST)
    ).with_columns(random=pl.Series(lot))


def _with_chances(rows: pl.DataFrame, capacity: int) -> pl.DataFrame:
    """Add each ordering's chance of a place per school and date, and among the top share of the country per date."""
    top = (pl.len().over("as_of") * TOP_SHARE).ceil()
    is_placed = pl.col("school_reg_no").is_not_null()  # who has no measures is on nobody's list
    school = [chance_of_place(o, pl.lit(capacity), ["school_reg_no", "as_of"]) * is_placed for o in ORDERINGS]
    country = [chance_of_place(o, top, ["as_of"]) * is_placed for o in ORDERINGS]
    return rows.with_columns(
        *(chance.alias(f"{o}_at_capacity") for o, chance in zip(ORDERINGS, school, strict=True)),
        *(chance.alias(f"{o}_at_top_share") for o, chance in zip(ORDERINGS, country, strict=True)),
    )


def _evaluation(
    model: LeavingRiskModel, dates: list[date], rows: pl.DataFrame, as_of: date, capacity: int, resamples: int
) -> Evaluation:
    placed = _with_chances(rows, capacity)
    metrics = [*_ordering_metrics(placed), *_differences(placed, resamples), *_calibration(rows, model.base_rate)]
    return Evaluation(
        model=model,
        as_of=as_of,
        horizon_days=model.horizon_days,
        capacity=capacity,
        n_train=model.rows,
        n_test=rows.height,
        n_train_left=round(model.rows * model.base_rate),
        n_test_left=int(rows["left_early"].sum()),
        test_leavers=leavers_in(rows),
        n_abstained=rows["probability"].null_count(),
        train_dates=tuple(day for day in dates if model.trained_from <= day <= model.trained_to),
        test_dates=tuple(rows["as_of"].unique().sort()),
        metrics=tuple(metric._replace(value=round(metric.value, 6)) for metric in metrics),
    )


def _numbers(rows: pl.DataFrame, column: str) -> Numbers:
    return rows[column].cast(pl.Float64).to_numpy()


def _ordering_metrics(rows: pl.DataFrame) -> Iterator[Metric]:
    left = _numbers(rows, "left_early")
    for ordering in ORDERINGS:
        order = Ordering.of(_numbers(rows, ordering), left)
        yield Metric(ordering, "auc", order.auc(np.ones_like(left)))
        yield Metric(ordering, "average_precision", order.average_precision())
        for where in ("at_capacity", "at_top_share"):
            chance = _numbers(rows, f"{ordering}_{where}")
            yield Metric(ordering, f"precision_{where}", precision(chance, left))
            yield Metric(ordering, f"recall_{where}", recall(chance, left))


def _differences(rows: pl.DataFrame, resamples: int) -> Iterator[Metric]:
    """Yield model minus raised count, with 95 % intervals from drawing pupils; the lists stay as they were drawn up."""
    left, pupil = _numbers(rows, "left_early"), rows["pupil_key"].rank("dense").to_numpy().astype(np.intp) - 1
    aucs = [Ordering.of(_numbers(rows, name), left).auc for name in ORDERINGS[:2]]
    chances = [_numbers(rows, f"{name}_at_capacity") for name in ORDERINGS[:2]]
    pupils = int(pupil.max()) + 1
    draws: list[tuple[float, float]] = []
    for drawn in chain([np.ones(pupils)], pupil_resamples(pupils, resamples, SEED)):
        weight = drawn[pupil]
        found = [precision(chance * weight, left) for chance in chances]
        draws.append((aucs[0](weight) - aucs[1](weight), found[0] - found[1]))
    for metric, values in zip(("auc", "precision_at_capacity"), zip(*draws, strict=True), strict=True):
        low, high = interval(values[1:])
        yield from (Metric(DIFFERENCE, metric, values[0]), Metric(DIFFERENCE, f"{metric}_low", low))
        yield Metric(DIFFERENCE, f"{metric}_high", high)


def _calibration(rows: pl.DataFrame, base_rate: float) -> Iterator[Metric]:
    scored = rows.filter(pl.col("probability").is_not_null())
    chance, left = _numbers(scored, "probability"), _numbers(scored, "left_early")
    line = calibration_line(chance, left)
    yield Metric("model", "brier", brier(chance, left))
    yield Metric("model", "brier_of_base_rate", brier(base_rate, left))
    yield Metric("model", "calibration_intercept", line.intercept)
    yield Metric("model", "calibration_slope", line.slope)
    for tenth in calibration_bins(chance, left).iter_rows(named=True):
        detail = f"bin {tenth['bin']}"
        for name in ("mean_predicted", "observed_rate", "count"):
            yield Metric("model", f"calibration_{name}", float(tenth[name]), detail)
