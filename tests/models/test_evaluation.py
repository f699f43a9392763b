import json
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.evaluation import Evaluation, Refusal, evaluate, report_text
from models.evaluation_result import DIFFERENCE, ORDERINGS
from models.leaving_risk import fit

HORIZON = 84
KEYS = ["pupil_key", "as_of"]


def planted(
    pupils: int = 600, dates: int = 15, seed: int = 0, gap: int = 14
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, date]:
    """Six schools, of which pupils leave for their unexcused lessons; indicators count something vaguer."""
    draw, rows = np.random.default_rng(seed), pupils * dates
    days = [date(2025, 9, 1) + timedelta(days=gap * step) for step in range(dates)]
    unexcused = draw.gamma(0.5, 8, rows)
    measures = pl.DataFrame(
        {
            "pupil_key": [f"p{pupil:04}" for pupil in range(pupils)] * dates,
            "as_of": np.repeat(days, pupils).tolist(),
            "school_reg_no": [str(pupil % 6) for pupil in range(pupils)] * dates,
            "atvk_code": "0001",
            "unexcused_lessons_semester": unexcused,
            "grade": draw.integers(1, 13, rows),
            "lessons_held_4w": draw.integers(1, 100, rows),
        }
    )
    left = draw.random(rows) < 1 / (1 + np.exp(4 - 0.25 * unexcused))
    outcomes = measures.select(KEYS).with_columns(left_early=pl.Series(left))
    counts = (unexcused + draw.normal(0, 6, rows) > 8).astype(int) + (draw.random(rows) < 0.2)
    raised = measures.select(KEYS).with_columns(indicators_raised=pl.Series(counts))
    return measures, outcomes, raised, days[-1] + timedelta(days=HORIZON)


MEASURES, OUTCOMES, RAISED, AS_OF = planted()


def run(
    measures: pl.DataFrame = MEASURES,
    outcomes: pl.DataFrame = OUTCOMES,
    raised: pl.DataFrame = RAISED,
    **options: object,
) -> Evaluation:
    result = evaluate(
        measures, outcomes, raised, **({"as_of": AS_OF, "horizon_days": HORIZON, "resamples": 40} | options)
    )
    assert isinstance(result, Evaluation), result
    return result


RESULT = run()


def test_the_model_beats_counting_and_counting_beats_chance():
    for metric in ("auc", "average_precision", "precision_at_capacity", "recall_at_capacity", "recall_at_top_share"):
        model, count, lots = (RESULT.value(ordering, metric) for ordering in ORDERINGS)
        assert model > count > lots, metric
    assert RESULT.value("model", "auc") > 0.8
    assert RESULT.value("random", "auc") == pytest.approx(0.5, abs=0.05)


def test_differences_lie_in_their_intervals():
    for metric in ("auc", "precision_at_capacity"):
        difference, low, high = (RESULT.value(DIFFERENCE, f"{metric}{end}") for end in ("", "_low", "_high"))
        model, count = (RESULT.value(ordering, metric) for ordering in ORDERINGS[:2])
        assert difference == pytest.approx(model - count, abs=2e-6)
        assert 0 < low < difference < high


def test_shuffled_outcomes_teach_nothing():
    shuffled = OUTCOMES.with_columns(pl.col("left_early").shuffle(seed=5))
    assert run(outcomes=shuffled).value("model", "auc") == pytest.approx(0.5, abs=0.05)


def test_an_indicator_count_that_knows_more_is_seen_to_win():
    knowing = OUTCOMES.select(*KEYS, indicators_raised=pl.col("left_early").cast(pl.Int64))
    result = run(raised=knowing)
    assert result.value("raised_count", "auc") == 1
    assert result.value(DIFFERENCE, "precision_at_capacity_high") < 0
    assert "found fewer leavers than counting" in report_text(result)


@settings(max_examples=25, deadline=None)
@given(
    dates=st.integers(6, 20),
    gap=st.integers(1, 40),
    horizon=st.integers(1, 120),
    late=st.integers(0, 60),
)
def test_every_training_outcome_is_known_by_the_first_test_date(dates, gap, horizon, late):
    measures, outcomes, raised, _ = planted(120, dates, gap=gap)
    as_of = measures["as_of"].max() + timedelta(days=late)
    result = evaluate(measures, outcomes, raised, as_of, horizon, min_leavers=3, resamples=2)
    if isinstance(result, Evaluation):
        assert max(result.train_dates) + timedelta(days=horizon) <= min(result.test_dates)
        assert max(result.test_dates) + timedelta(days=horizon) <= as_of
        assert (result.n_train, result.n_test) == (120 * len(result.train_dates), 120 * len(result.test_dates))


def test_the_last_third_of_dates_is_tested_and_the_model_is_the_one_of_that_day():
    days = sorted(MEASURES["as_of"].unique())
    assert RESULT.test_dates == tuple(days[-5:])
    assert RESULT.train_dates == tuple(days[:5])
    assert RESULT.model == fit(MEASURES, OUTCOMES, days[-5], HORIZON)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_outcomes_not_known_on_the_day_change_nothing(seed):
    day = AS_OF - timedelta(days=28)
    after = pl.col("as_of") + pl.duration(days=HORIZON) > day
    noise = pl.Series(np.random.default_rng(seed).random(OUTCOMES.height) < 0.5)
    changed = OUTCOMES.with_columns(left_early=pl.when(after).then(noise).otherwise("left_early"))
    moved = MEASURES.with_columns(grade=pl.when(after).then(0).otherwise("grade"))
    assert run(moved, changed, as_of=day, resamples=3) == run(as_of=day, resamples=3)


def test_the_order_of_rows_does_not_matter_and_the_same_input_gives_the_same_numbers():
    shuffled = (frame.sample(fraction=1, shuffle=True, seed=4) for frame in (MEASURES, OUTCOMES, RAISED))
    assert run(*shuffled) == RESULT == run()


def test_a_count_that_tells_nobody_apart_is_as_good_as_a_lot_and_not_as_good_as_the_key_order():
    same = RAISED.with_columns(indicators_raised=1)
    leavers_first = OUTCOMES.with_columns(
        left_early=(pl.col("pupil_key") < "p0100") & (pl.col("as_of").rank("dense") % 2 == 1)
    )
    result = run(outcomes=leavers_first, raised=same)
    share = result.n_test_left / result.n_test
    assert result.value("raised_count", "auc") == 0.5
    assert result.value("raised_count", "precision_at_capacity") == pytest.approx(share, abs=1e-6)
    assert result.value("raised_count", "recall_at_capacity") == pytest.approx(10 / 100, abs=1e-6)
    assert result.value("raised_count", "precision_at_top_share") == pytest.approx(share, abs=1e-6)
    assert result.value("raised_count", "recall_at_top_share") == pytest.approx(0.05, abs=1e-6)


def test_capacity_is_places_per_school_and_date():
    hits = {k: run(capacity=k).value("model", "recall_at_capacity") for k in (1, 10, 100)}
    assert hits[1] < hits[10] < hits[100] == 1
    best = run(capacity=1, raised=OUTCOMES.select(*KEYS, indicators_raised=pl.col("left_early").cast(pl.Int8)))
    assert best.value("raised_count", "precision_at_capacity") == 1
    assert best.value("raised_count", "recall_at_capacity") == pytest.approx(6 * 5 / best.n_test_left, abs=1e-6)


def test_leavers_without_measures_stay_in_the_denominators():
    lost = (pl.col("pupil_key") < "p0150") & (pl.col("as_of") >= RESULT.test_dates[0])
    result = run(measures=MEASURES.filter(~lost), capacity=600)
    gone = OUTCOMES.filter(lost)
    assert (result.n_test, result.n_test_left, result.n_abstained) == (RESULT.n_test, RESULT.n_test_left, gone.height)
    found = 1 - gone["left_early"].sum() / result.n_test_left
    assert result.value("model", "recall_at_capacity") == pytest.approx(found, abs=1e-6)
    assert result.value("raised_count", "recall_at_capacity") == pytest.approx(found, abs=1e-6)


def test_pupils_whom_the_model_abstains_from_stand_last_in_its_order():
    gone = (pl.col("pupil_key") < "p0150") & (pl.col("as_of") >= RESULT.test_dates[0])
    silent = MEASURES.with_columns(lessons_held_4w=pl.when(~gone).then("lessons_held_4w"))
    result = run(measures=silent, coverage=["lessons_held_4w"])
    assert (result.n_abstained, result.n_test) == (150 * 5, RESULT.n_test)
    assert result.value("model", "auc") < RESULT.value("model", "auc")
    assert result.value("raised_count", "auc") == RESULT.value("raised_count", "auc")


def test_a_pupil_without_a_count_stands_below_one_without_indicators():
    left = OUTCOMES.filter("left_early").select(KEYS)
    result = run(raised=RAISED.with_columns(indicators_raised=0).join(left, on=KEYS, how="anti"))
    assert result.value("raised_count", "auc") == 0


def test_intervals_do_not_narrow_when_the_same_pupils_are_seen_more_often():
    def width(every: int) -> float:
        days = sorted(MEASURES["as_of"].unique())[::every]
        first, keep = days[0], pl.col("as_of").is_in(days)
        same = [frame.filter(pl.col("as_of") == first).drop("as_of") for frame in (MEASURES, OUTCOMES, RAISED)]
        frames = [MEASURES.filter(keep).select(KEYS).join(frame, on="pupil_key") for frame in same]
        result = run(*frames, min_leavers=5, resamples=200)
        return result.value(DIFFERENCE, "auc_high") - result.value(DIFFERENCE, "auc_low")

    assert width(1) == pytest.approx(width(3), rel=0.25)


def test_calibration_is_of_the_model_and_of_every_scored_row():
    counts = [metric for metric in RESULT.metrics if metric.metric == "calibration_count"]
    assert sum(metric.value for metric in counts) == RESULT.n_test
    assert RESULT.value("model", "calibration_slope") == pytest.approx(1, abs=0.2)
    assert RESULT.value("model", "brier") < RESULT.value("model", "brier_of_base_rate")


def test_the_table_holds_every_number_once():
    table = RESULT.table()
    assert table.columns == ["model_version", "ordering", "metric", "value", "detail"]
    assert table["model_version"].unique().to_list() == [RESULT.model.version]
    assert table.select("ordering", "metric", "detail").is_unique().all()
    assert table["value"].is_finite().all()
    assert set(table["ordering"]) == {*ORDERINGS, DIFFERENCE}


def test_the_dictionary_survives_json():
    plain = RESULT.as_dict()
    assert json.loads(json.dumps(plain)) == plain
    assert plain["metrics"][0]["metric"] == "auc"
    assert (plain["reason"], plain["n_test"], plain["test_dates"][0]) == (None, 3000, str(RESULT.test_dates[0]))


EARLY = sorted(MEASURES["as_of"].unique())[1]
REFUSED = {
    "known for 2 dates": {"as_of": EARLY + timedelta(days=HORIZON)},
    "known for 0 dates": {"as_of": EARLY},
    "No model could be trained": {"horizon_days": 190, "as_of": AS_OF + timedelta(days=190)},
    "fewer than 5000 pupils left": {"min_leavers": 5000},
    "too few to compare": {
        "outcomes": OUTCOMES.with_columns(pl.col("left_early") & (pl.col("as_of") < RESULT.test_dates[0]))
    },
    "whom the model scores": {
        "measures": MEASURES.with_columns(
            pl.when((pl.col("as_of") < RESULT.test_dates[0]) | ~OUTCOMES["left_early"]).then("lessons_held_4w")
        ),
        "coverage": ["lessons_held_4w"],
    },
    "all of them did": {
        "outcomes": OUTCOMES.with_columns(pl.col("left_early") | (pl.col("as_of") >= RESULT.test_dates[0]))
    },
}


@pytest.mark.parametrize("reason", REFUSED)
def test_without_enough_to_go_on_there_is_a_sentence_and_no_number(reason):
    frames = {"measures": MEASURES, "outcomes": OUTCOMES, "raised": RAISED}
    result = evaluate(**(frames | {"as_of": AS_OF, "horizon_days": HORIZON} | REFUSED[reason]))
    assert isinstance(result, Refusal)
    assert reason in result.reason
    assert result.reason.endswith(".")
    assert result.table().schema == RESULT.table().schema
    assert result.table()["value"].to_list() == [None]
    assert json.loads(json.dumps(result.as_dict()))["reason"] == result.reason
    assert result.reason in report_text(result)
    assert "|" not in report_text(result)


def test_the_report_says_first_what_the_score_is_and_is_not():
    text = report_text(RESULT)
    first = text.split("\n## ")[0]
    assert f"`{RESULT.model.version}` is a logistic regression on 3 measures" in first
    assert "does not order the coordinators' list" in first
    assert "found more leavers than counting" in first
    assert [line for line in text.splitlines() if line.startswith("## ")] == [
        "## Trained and tested on",
        "## Beside counting and chance",
        "## Are the chances right?",
        "## What weighs most",
        "## What it cannot see",
    ]


def test_the_report_shows_dates_comparison_and_calibration():
    text = report_text(RESULT)
    assert f"| test | 5 | {RESULT.test_dates[0]} | {RESULT.test_dates[-1]} | 3,000 |" in text
    assert f"| drawing lots | {RESULT.value('random', 'auc'):.3f} |" in text
    assert text.count("| bin ") == 10
    assert "nan" not in text.lower().split()
    assert text == report_text(run())


def test_the_report_does_not_claim_a_difference_that_the_interval_does_not_show():
    same_order = MEASURES.select(*KEYS, indicators_raised=(pl.col("unexcused_lessons_semester") * 1000).cast(pl.Int64))
    assert "cannot be told apart from counting" in report_text(run(raised=same_order))
