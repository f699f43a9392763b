"""Test the score on later dates than it was trained on, beside counting raised indicators and beside chance."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from sklearn.metrics import average_precision_score

from models.calibration import Numbers, brier, calibration_bins, calibration_line
from models.leaving_risk import KEYS, MIN_LEAVERS, LeavingRiskModel, fit, known_by, leavers_in, score
from models.ranking import Ordering, chance_of_place, interval, precision, pupil_resamples, recall

ORDERINGS = ["model", "raised_count", "random"]
DIFFERENCE = "model_minus_raised_count"
MIN_DATES = 3
TEST_ONE_IN = 3  # the last third of the dates is for testing
TOP_SHARE = 0.05
CAPACITY = 10
RESAMPLES = 200
SEED = 20260901
LAST = -1.0  # a row that an ordering cannot place stands below every row that it can
TABLE = {
    "model_version": pl.String,
    "ordering": pl.String,
    "metric": pl.String,
    "value": pl.Float64,
    "detail": pl.String,
}


class Metric(NamedTuple):
    """One number of an evaluation; `detail` tells apart the bins of a calibration."""

    ordering: str
    metric: str
    value: float
    detail: str | None = None


@dataclass(frozen=True)
class Evaluation:
    """How the recipe of the score did on dates after its training; `model` was trained for this test alone."""

    model: LeavingRiskModel
    as_of: date
    horizon_days: int
    capacity: int
    n_train: int
    n_test: int
    n_train_left: int
    n_test_left: int
    test_leavers: int
    n_abstained: int
    train_dates: tuple[date, ...]
    test_dates: tuple[date, ...]
    metrics: tuple[Metric, ...]

    def value(self, ordering: str, metric: str, detail: str | None = None) -> float:
        """Return one number of the table."""
        return next(m.value for m in self.metrics if (m.ordering, m.metric, m.detail) == (ordering, metric, detail))

    def table(self) -> pl.DataFrame:
        """Return model_version, ordering, metric, value, detail; one row a number."""
        rows = [(self.model.version, *metric) for metric in self.metrics]
        return pl.DataFrame(rows, schema=TABLE, orient="row")

    def as_dict(self) -> dict[str, Any]:
        """Return the evaluation as plain values that JSON can hold, apart from dates."""
        return asdict(self) | {"metrics": [metric._asdict() for metric in self.metrics], "reason": None}


@dataclass(frozen=True)
class Refusal:
    """Why there is no evaluation, as a sentence."""

    reason: str
    as_of: date
    horizon_days: int

    def table(self) -> pl.DataFrame:
        """Return the table of an evaluation with one row, which holds the reason and no number."""
        return pl.DataFrame([("none", "none", "refused", None, self.reason)], schema=TABLE, orient="row")

    def as_dict(self) -> dict[str, Any]:
        """Return the refusal as plain values."""
        return asdict(self)


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
    return _evaluation(model, known, rows, as_of, capacity, resamples)


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
    model: LeavingRiskModel, known: pl.DataFrame, rows: pl.DataFrame, as_of: date, capacity: int, resamples: int
) -> Evaluation:
    placed = _with_chances(rows, capacity)
    metrics = [*_ordering_metrics(placed), *_differences(placed, resamples), *_calibration(rows, model.base_rate)]
    trained = known.filter(pl.col("as_of").is_between(model.trained_from, model.trained_to))
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
        train_dates=tuple(trained["as_of"].unique().sort()),
        test_dates=tuple(rows["as_of"].unique().sort()),
        metrics=tuple(metrics),
    )


def _numbers(rows: pl.DataFrame, column: str) -> Numbers:
    return rows[column].cast(pl.Float64).to_numpy()


def _ordering_metrics(rows: pl.DataFrame) -> Iterator[Metric]:
    left = _numbers(rows, "left_early")
    for ordering in ORDERINGS:
        values = _numbers(rows, ordering)
        yield Metric(ordering, "auc", Ordering.of(values, left).auc(np.ones_like(left)))
        yield Metric(ordering, "average_precision", float(average_precision_score(left, values)))
        for where in ("at_capacity", "at_top_share"):
            chance = _numbers(rows, f"{ordering}_{where}")
            yield Metric(ordering, f"precision_{where}", precision(chance, left))
            yield Metric(ordering, f"recall_{where}", recall(chance, left))


def _differences(rows: pl.DataFrame, resamples: int) -> Iterator[Metric]:
    """Yield model minus raised count, with 95 % intervals from drawing pupils; the lists stay as they were drawn up."""
    left, pupil = _numbers(rows, "left_early"), rows["pupil_key"].rank("dense").to_numpy().astype(np.intp) - 1
    aucs = [Ordering.of(_numbers(rows, name), left).auc for name in ORDERINGS[:2]]
    chances = [_numbers(rows, f"{name}_at_capacity") for name in ORDERINGS[:2]]
    draws: list[tuple[float, float]] = []
    for drawn in [np.ones(pupil.max() + 1), *pupil_resamples(int(pupil.max()) + 1, resamples, SEED)]:
        weight = drawn[pupil]
        auc = aucs[0](weight) - aucs[1](weight)
        found = [precision(chance * weight, left) for chance in chances]
        draws.append((auc, found[0] - found[1]))
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
