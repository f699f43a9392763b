"""What was learnt stays learnt while it would be learnt from the same, and is learnt anew when it would not."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

import models.evaluation
import models.leaving_risk
from assets import scoring
from assets.home import Home
from assets.warehouse import Warehouse
from data_contracts.contract import load

HORIZON, PUPILS = 84, 400
CLOSES = [date(2025, 9, 29) + timedelta(days=28 * month) for month in range(8)]
AS_OF = CLOSES[-1] + timedelta(days=7)
KNOWN = [day for day in CLOSES if day <= AS_OF - timedelta(days=HORIZON)]


@pytest.fixture
def warehouse(home: Home) -> Warehouse:
    """Give a warehouse with no more in it than scores are made from: pupils with much absence leave more often."""
    draw, days = np.random.default_rng(3), [*CLOSES, AS_OF]
    rows = PUPILS * len(days)
    absent = draw.gamma(0.7, 0.1, rows)
    keys = {"pupil_key": [f"{n:012}" for n in range(PUPILS)] * len(days), "as_of": np.repeat(days, PUPILS).tolist()}
    measures = pl.DataFrame(keys).with_columns(
        school_reg_no=pl.lit("9900000001"), atvk_code=pl.lit("LV0001000"), grade=9,
        **{name: pl.lit(1.0) for name in scoring.MEASURES},
    ).with_columns(absence_rate_4w=pl.Series(absent))  # fmt: skip
    left = pl.Series(draw.random(rows) < 0.02 + np.minimum(absent, 0.5))
    made = {
        "risk.pupil_week_measure": measures,
        "risk.pupil_week_outcome": pl.DataFrame(keys).with_columns(left_early=left),
        "risk.pupil_week_summary": pl.DataFrame(keys).with_columns(groups_raised=pl.Series(absent > 0.1).cast(int)),
        "risk.policy_parameter": pl.DataFrame({"parameter": ["outcome_horizon"], "value": [HORIZON]}),
        "risk.as_of_date": pl.DataFrame({"as_of": days, "is_month_close": [True] * len(CLOSES) + [False]}),
        "risk.stand": pl.DataFrame({"as_of": [AS_OF]}),
        "core.pupil": pl.DataFrame({"pupil_key": keys["pupil_key"][:PUPILS]}),
        "raw.built_slice": pl.DataFrame(
            [(f"risk.pupil_week_{name}", day, "made of this") for name in ("measure", "summary") for day in days],
            schema=["table_key", "starts_on", "content"], orient="row",
        ),
    }  # fmt: skip
    made_in = Warehouse(home)
    with made_in.connect() as connection:
        for key, frame in made.items():
            connection.register("frame", frame)
            connection.execute(f"create schema if not exists {key.split('.')[0]}; create table {key} as from frame")
    return made_in


@pytest.fixture
def fits(monkeypatch: pytest.MonkeyPatch) -> list[date]:
    """Write down each training, of scores and of evaluations."""
    noted: list[date] = []
    fit = models.leaving_risk.fit

    def noting(measures, outcomes, as_of, *others):
        noted.append(as_of)
        return fit(measures, outcomes, as_of, *others)

    for module in (models.leaving_risk, models.evaluation):
        monkeypatch.setattr(module, "fit", noting)
    return noted


def tables(warehouse: Warehouse) -> list[pl.DataFrame]:
    """Make both tables and read them."""
    scoring.score_pupils(warehouse)
    scoring.evaluate_score(warehouse)
    keys = ("risk.pupil_week_score", "risk.model_evaluation")
    return [warehouse.query(f"from {key}").sort(list(load(key).natural_key)) for key in keys]


def change(warehouse: Warehouse, statement: str, day: date) -> None:
    with warehouse.connect() as connection:
        connection.execute(statement, {"day": day})


def test_the_second_run_learns_nothing_and_says_the_same(warehouse: Warehouse, fits: list[date]):
    before = tables(warehouse)
    assert len(fits) == 2
    assert before[0]["probability"].n_unique() > 20
    again = tables(warehouse)
    assert len(fits) == 2
    assert all(one.equals(other) for one, other in zip(before, again, strict=True))


CHANGES = {
    "measures": "update raw.built_slice set content = 'another' where table_key like '%measure' and starts_on = $day",
    "raised": "update raw.built_slice set content = 'another' where table_key like '%summary' and starts_on = $day",
    "outcomes": "update risk.pupil_week_outcome set left_early = not left_early where as_of = $day"
    " and pupil_key = '000000000007'",
    "horizon": "update risk.policy_parameter set value = 56 where $day is not null",
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_is_learnt_from_something_else_is_learnt_anew(what: str, warehouse: Warehouse, fits: list[date]):
    tables(warehouse)
    change(warehouse, CHANGES[what], KNOWN[0])
    anew = tables(warehouse)
    # The score knows nothing of what is raised: it is compared with in the evaluation.
    assert len(fits) == (3 if what == "raised" else 4)
    change(warehouse, "delete from raw.learnt where $day is not null", KNOWN[0])
    assert all(one.equals(other) for one, other in zip(anew, tables(warehouse), strict=True))


@pytest.mark.parametrize("what", ["measures", "raised", "outcomes"])
def test_of_days_whose_outcome_is_not_known_nothing_is_learnt(what: str, warehouse: Warehouse, fits: list[date]):
    tables(warehouse)
    change(warehouse, CHANGES[what], CLOSES[-1])
    tables(warehouse)
    assert len(fits) == 2


def test_a_refusal_is_not_remembered(warehouse: Warehouse, fits: list[date]):
    change(warehouse, "update risk.pupil_week_outcome set left_early = false where $day is not null", KNOWN[0])
    tables(warehouse)
    tables(warehouse)
    assert len(fits) == 4
    assert warehouse.query("from risk.model_evaluation")["metric"].to_list() == ["refused"]


def test_an_evaluation_that_was_refused_on_another_day_is_made_again(warehouse: Warehouse, fits: list[date]):
    before = tables(warehouse)[1]
    change(warehouse, "update risk.stand set as_of = $day", CLOSES[3])
    assert tables(warehouse)[1]["metric"].to_list() == ["refused"]
    change(warehouse, "update risk.stand set as_of = $day", AS_OF)
    assert tables(warehouse)[1].equals(before)
