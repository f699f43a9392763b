"""Estimate how likely it is that a pupil leaves school early within the horizon, and say from which measures."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]

KEYS = ["pupil_key", "as_of"]
NOT_MEASURES = {*KEYS, "school_reg_no", "atvk_code"}
MIN_LEAVERS = 20  # below this many pupils who left, weights would describe those pupils and not a risk
PENALTY_C = 0.03  # inverse strength of L2: with some sixty leavers to learn from, the calibration slope is then near 1
RARE_SPREAD = 0.1  # the spread of an absence in one row of a hundred: a rarer one is not given more weight for it
MEDIUM_TIMES_BASE = 2.0  # a band starts at this many times the share that left early in training
HIGH_TIMES_BASE = 5.0
REASONS = 3
REASON_MIN_LOG_ODDS = 0.1  # a measure that raises the odds by less than a tenth explains nothing
MISSING = "_missing"  # suffix of a reason that is the absence of a value
LEARNT_ROWS = (
    400_000  # of pupils who stay a sample is learnt from, counted more: of a country's millions no more is learnt
)
SLICE_ROWS = 65_536  # scoring holds a few dense matrices of this many rows, whatever the country's size


@dataclass(frozen=True)
class LeavingRiskModel:
    """A fitted logistic regression as plain numbers; one weight for a value, one for its absence, per measure."""

    version: str
    measures: tuple[str, ...]
    median: tuple[float, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    value_weights: tuple[float, ...]
    missing_weights: tuple[float, ...]
    intercept: float
    base_rate: float
    rows: int
    leavers: int
    trained_from: date
    trained_to: date
    horizon_days: int

    def told(self) -> str:
        """Write the model down as JSON."""
        return json.dumps(asdict(self), default=str, sort_keys=True)

    @classmethod
    def read(cls, told: str) -> "LeavingRiskModel":
        """Read a model that was written down."""
        values: dict[str, Any] = json.loads(told)
        for name, value in values.items():
            values[name] = tuple(value) if isinstance(value, list) else value
        for name in ("trained_from", "trained_to"):
            values[name] = date.fromisoformat(values[name])
        return cls(**values)


def known_by(frame: pl.DataFrame, as_of: date, horizon_days: int) -> pl.DataFrame:
    """Keep the rows whose outcome window, `horizon_days` from their own `as_of`, ended on or before the day given."""
    return frame.filter(pl.col("as_of") <= as_of - timedelta(days=horizon_days))


def labelled(measures: pl.DataFrame, outcomes: pl.DataFrame) -> pl.DataFrame:
    """Join `left_early` where it is known to measured rows, by date and pupil; no other outcome column survives."""
    known = outcomes.filter(pl.col("left_early").is_not_null()).select(*KEYS, "left_early")
    outcome_columns = set(outcomes.columns) - set(KEYS)
    clean = measures.drop(outcome_columns & set(measures.columns))
    # Sorted, because sums of floats depend on their order: the same rows must make the same model.
    return clean.join(known, on=KEYS, validate="1:1").sort("as_of", "pupil_key")


def measure_names(frame: pl.DataFrame) -> list[str]:
    """Name the numeric and true-or-false columns that describe a pupil, in alphabetical order."""
    kinds = {name: kind for name, kind in frame.schema.items() if name not in NOT_MEASURES | {"left_early"}}
    return sorted(name for name, kind in kinds.items() if kind.is_numeric() or kind == pl.Boolean)


def fit(
    measures: pl.DataFrame, outcomes: pl.DataFrame, as_of: date, horizon_days: int, min_leavers: int = MIN_LEAVERS
) -> LeavingRiskModel | None:
    """Fit on what was known on the day `as_of`; None when fewer than `min_leavers` pupils left or nothing differs."""
    training = labelled(measures, known_by(outcomes, as_of, horizon_days))
    if leavers_in(training) < min_leavers or training["left_early"].all():
        return None
    learnt, stands_for = _thinned(training)
    names = _varying(_usual(learnt, stands_for), measure_names(training))
    return _fitted(training, learnt, stands_for, names, horizon_days) if names else None


def leavers_in(rows: pl.DataFrame) -> int:
    """Count the pupils, not the rows, that left early."""
    return rows.filter("left_early")["pupil_key"].n_unique()


def score(model: LeavingRiskModel | None, measures: pl.DataFrame, coverage: Sequence[str] = ()) -> pl.DataFrame:
    """Score each row in its given order; a row where every `coverage` column is null or zero is abstained from."""
    _require(measures, [*coverage, *(model.measures if model else ())])
    if model is None:
        return _abstained(measures, "none", pl.lit(True))
    starts = range(0, max(measures.height, 1), SLICE_ROWS)
    slices = (measures.slice(start, SLICE_ROWS) for start in starts)
    return pl.concat([_score_slice(model, piece, coverage) for piece in slices])


def _require(frame: pl.DataFrame, columns: list[str]) -> None:
    absent = sorted(set(columns) - set(frame.columns))
    if absent:
        raise ValueError(
            f"measures lack {len(absent)} columns, {', '.join(absent)}: rebuild them or fit the model anew"
        )


def _finite(name: str) -> pl.Expr:
    number = pl.col(name).cast(pl.Float64)
    return pl.when(number.is_finite()).then(number)  # a rate over nothing is no value


def _varying(frame: pl.DataFrame, names: list[str]) -> list[str]:
    """Keep the measures that differ between rows, in value or in having one."""
    kinds = frame.select(_finite(name).n_unique().alias(name) for name in names)
    return [name for name in names if kinds[name].item() > 1]


def _matrix(frame: pl.DataFrame, names: Sequence[str]) -> Numbers:
    """Return float64 (rows, measures), NaN where there is no value."""
    return frame.select(_finite(name).alias(name) for name in names).to_numpy(order="c")


def _stable(numbers: Numbers) -> Numbers:
    """Round to nine significant digits, which do not depend on how a machine adds up."""
    return np.array([float(f"{number:.9g}") for number in numbers])


def _thinned(training: pl.DataFrame) -> tuple[pl.DataFrame, Numbers | None]:
    """Keep whoever left and, of a large country, every so many of the others, each for as many as it stands for."""
    leavers = training.filter("left_early")["pupil_key"].unique()
    others = training.join(leavers.to_frame(), on="pupil_key", how="anti")
    if others.height <= LEARNT_ROWS:
        return training, None
    # Keys are pseudonyms: their order has to do with nothing, and is the same on every machine.
    kept = others["pupil_key"].unique().sort().gather_every(-(-others.height // LEARNT_ROWS))
    learnt = training.join(pl.concat([leavers, kept]).to_frame(), on="pupil_key", how="semi", maintain_order="left")
    stays = ~learnt["pupil_key"].is_in(leavers.implode()).to_numpy()
    return learnt, np.where(stays, others.height / int(stays.sum()), 1.0)


def _usual(learnt: pl.DataFrame, stands_for: Numbers | None) -> pl.DataFrame:
    """Keep the rows that show what is usual: all, or of a sample those of who stays, who are nearly all."""
    return learnt if stands_for is None else learnt.filter(stands_for == stands_for.max())


def _fitted(
    training: pl.DataFrame, learnt: pl.DataFrame, stands_for: Numbers | None, names: list[str], horizon_days: int
) -> LeavingRiskModel:
    values, left = _matrix(learnt, names), learnt["left_early"].to_numpy()
    usual = slice(None) if stands_for is None else stands_for == stands_for.max()
    missing, median = np.isnan(values), _stable(np.nanmedian(values[usual], axis=0))
    np.copyto(values, median, where=missing)  # in place: this matrix is the largest thing held
    mean, scale = _stable(values[usual].mean(axis=0)), _stable(values[usual].std(axis=0))
    scale[scale <= 1e-9 * np.abs(mean)] = 1.0  # one value and otherwise missing: only its absence can weigh
    values -= mean
    values /= scale
    value_weights, missing_weights, intercept = _weights(values, missing, left, stands_for)
    model = LeavingRiskModel(
        version="",
        measures=tuple(names),
        median=tuple(median.tolist()),
        mean=tuple(mean.tolist()),
        scale=tuple(scale.tolist()),
        value_weights=value_weights,
        missing_weights=missing_weights,
        intercept=intercept,
        base_rate=float(training["left_early"].to_numpy().mean()),
        rows=training.height,
        leavers=leavers_in(training),
        trained_from=training["as_of"][0],
        trained_to=training["as_of"][-1],
        horizon_days=horizon_days,
    )
    return replace(model, version=_version(model))


def _weights(
    values: Numbers, missing: Flags, left: Flags, stands_for: Numbers | None
) -> tuple[tuple[float, ...], tuple[float, ...], float]:
    """Return the weights of each measure's value and of its absence, and the intercept, in log-odds."""
    sometimes = np.flatnonzero(missing.any(axis=0))
    spread = np.maximum(_stable(missing[:, sometimes].std(axis=0)), RARE_SPREAD)
    features = np.hstack([values, missing[:, sometimes] / spread])
    # Newton in float64: lbfgs, or float32, stops near the optimum at a point that depends on the number of threads.
    # Six decimals hold, so the same data gives the same version.
    solver: Any = LogisticRegression(C=PENALTY_C, solver="newton-cholesky", tol=1e-9)
    weights = solver.fit(features, left, sample_weight=stands_for).coef_[0]
    absent = np.zeros(values.shape[1])
    absent[sometimes] = weights[values.shape[1] :] / spread
    return _six(weights[: values.shape[1]]), _six(absent), round(float(solver.intercept_[0]), 6)


def _six(weights: Numbers) -> tuple[float, ...]:
    return tuple((np.round(weights, 6) + 0.0).tolist())  # + 0.0: no minus zero, which would be another version


def _version(model: LeavingRiskModel) -> str:
    """Hash everything that a score depends on."""
    return "lr-" + hashlib.sha256(model.told().encode()).hexdigest()[:12]


def _score_slice(model: LeavingRiskModel, rows: pl.DataFrame, coverage: Sequence[str]) -> pl.DataFrame:
    values = _matrix(rows, model.measures)
    missing = np.isnan(values)
    filled = np.where(missing, model.median, values)
    standard = (filled - np.array(model.mean)) / np.array(model.scale)
    added = standard * np.array(model.value_weights) + missing * np.array(model.missing_weights)
    # Row sums, not a matrix product: a row's score must not depend on the rows beside it.
    chance = 0.5 + 0.5 * np.tanh((model.intercept + added.sum(axis=1)) / 2)  # the logistic curve, without overflow
    scored = _abstained(rows, model.version, ~_covered(coverage))
    found = [pl.Series("probability", chance.round(6)), *_reasons(model.measures, added, missing)]
    given = [pl.when(~pl.col("is_abstained")).then(series).alias(series.name) for series in found]
    return scored.with_columns(given).with_columns(_band(model.base_rate))


def _abstained(rows: pl.DataFrame, version: str, is_abstained: pl.Expr) -> pl.DataFrame:
    """Lay out the table of scores without any score in it."""
    nothing = pl.lit(None, dtype=pl.String)
    return rows.select(
        *KEYS,
        pl.lit(version).alias("model_version"),
        pl.lit(None, dtype=pl.Float64).alias("probability"),
        nothing.alias("band"),
        is_abstained.alias("is_abstained"),
        *(nothing.alias(f"reason_{place + 1}") for place in range(REASONS)),
    )


def _covered(coverage: Sequence[str]) -> pl.Expr:
    if not coverage:
        return pl.lit(True)
    return pl.any_horizontal(_finite(name).fill_null(0) != 0 for name in coverage)


def _band(base_rate: float) -> pl.Expr:
    chance = pl.col("probability")
    high = pl.when(chance >= HIGH_TIMES_BASE * base_rate).then(pl.lit("high"))
    medium = high.when(chance >= MEDIUM_TIMES_BASE * base_rate).then(pl.lit("medium"))
    return medium.when(chance.is_not_null()).then(pl.lit("low")).alias("band")


def _reasons(names: Sequence[str], added: Numbers, missing: Flags) -> list[pl.Series]:
    """Name for each row the measures that add most to its log-odds, at least `REASON_MIN_LOG_ODDS`."""
    labels = pl.Series([*names, *(name + MISSING for name in names), None], dtype=pl.String)
    order = np.argsort(-added, axis=1, kind="stable")[:, :REASONS]
    label = order + len(names) * np.take_along_axis(missing, order, axis=1)
    label[np.take_along_axis(added, order, axis=1) < REASON_MIN_LOG_ODDS] = len(labels) - 1
    spare = np.full((len(added), REASONS - label.shape[1]), len(labels) - 1)
    chosen = np.hstack([label, spare])
    return [labels.gather(chosen[:, place]).alias(f"reason_{place + 1}") for place in range(REASONS)]
