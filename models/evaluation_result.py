"""What an evaluation found, or why it was refused."""

import json
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, NamedTuple

import polars as pl

from models.leaving_risk import LeavingRiskModel

ORDERINGS = ["model", "raised_count", "random"]
DIFFERENCE = "model_minus_raised_count"
TOP_SHARE = 0.05
TABLE = {
    "model_version": pl.String,
    "ordering": pl.String,
    "metric": pl.String,
    "value": pl.Float64,
    "detail": pl.String,
}


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return json.loads(json.dumps(values, default=str))


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
        """Return the evaluation as values that JSON can hold."""
        return _plain(asdict(self) | {"metrics": [metric._asdict() for metric in self.metrics], "reason": None})


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
        """Return the refusal as values that JSON can hold."""
        return _plain(asdict(self))
