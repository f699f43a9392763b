from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from models import leaving_risk
from models.leaving_risk import fit, known_by, labelled, measure_names, score

HORIZON = 84
DATES = [date(2025, 9, 1) + timedelta(days=14 * step) for step in range(8)]
ALL_KNOWN = DATES[-1] + timedelta(days=HORIZON)
FIVE_KNOWN = DATES[4] + timedelta(days=HORIZON)


def planted(pupils: int = 300, seed: int = 0) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Pupils who leave because of unexcused lessons, and because nobody knows their marks; the rest is noise."""
    draw = np.random.default_rng(seed)
    rows = pupils * len(DATES)
    unexcused, no_marks = draw.gamma(0.5, 8, rows), draw.random(rows) < 0.2
    log_odds = -4 + 0.25 * unexcused + 1.5 * no_marks
    marks = pl.Series(draw.normal(6, 1, rows)).scatter(np.flatnonzero(no_marks), None)
    measures = pl.DataFrame(
        {
            "pupil_key": [f"p{pupil:04}" for pupil in range(pupils)] * len(DATES),
            "as_of": np.repeat(DATES, pupils).tolist(),
            "school_reg_no": [str(pupil % 6) for pupil in range(pupils)] * len(DATES),
            "atvk_code": "0001",
            "unexcused_lessons_semester": unexcused,
            "mark_fall": marks,
            "repeats_grade": draw.random(rows) < 0.1,
            "grade": draw.integers(1, 13, rows),
            "lessons_held_4w": draw.integers(0, 100, rows),
            "never_varies": 1.0,
            "never_known": pl.Series([None] * rows, dtype=pl.Float64),
        }
    )
    left = draw.random(rows) < 1 / (1 + np.exp(-log_odds))
    return measures, measures.select("pupil_key", "as_of").with_columns(left_early=pl.Series(left))


MEASURES, OUTCOMES = planted()
MODEL = fit(MEASURES, OUTCOMES, ALL_KNOWN, HORIZON)
assert MODEL is not None


def row(**values: object) -> pl.DataFrame:
    """One pupil about whom everything is usual, except what is given."""
    usual = MEASURES.select(pl.col(name).cast(pl.Float64).median() for name in measure_names(MEASURES))
    keys = pl.DataFrame({"pupil_key": ["p"], "as_of": [DATES[0]]})
    given_values = [pl.lit(value, dtype=pl.Float64).alias(name) for name, value in values.items()]
    return pl.concat([keys, usual], how="horizontal").with_columns(given_values)


def chance(**values: object) -> float:
    return score(MODEL, row(**values))["probability"].item()


def test_an_outcome_is_known_on_the_day_its_window_ends_and_not_before():
    rows = pl.DataFrame({"as_of": [date(2026, 1, 1)]})
    assert known_by(rows, date(2026, 3, 26), HORIZON).height == 1
    assert known_by(rows, date(2026, 3, 25), HORIZON).height == 0


def test_features_are_the_measures_that_vary_and_never_keys_places_or_outcomes():
    as_numbers = MEASURES.with_columns(pl.col("school_reg_no", "atvk_code").cast(pl.Int64))
    leaky = as_numbers.join(OUTCOMES, on=["pupil_key", "as_of"]).with_columns(
        pl.col("left_early").cast(pl.Int64), days_to_exit=pl.col("left_early").cast(pl.Int64)
    )
    model = fit(leaky, OUTCOMES.with_columns(days_to_exit=1), ALL_KNOWN, HORIZON)
    assert model is not None
    assert " ".join(model.measures) == "grade lessons_held_4w mark_fall repeats_grade unexcused_lessons_semester"
    assert model == MODEL


def test_training_counts_rows_and_pupils_apart():
    assert (MODEL.rows, MODEL.trained_from, MODEL.trained_to) == (MEASURES.height, DATES[0], DATES[-1])
    assert MODEL.leavers == OUTCOMES.filter("left_early")["pupil_key"].n_unique()
    assert pytest.approx(OUTCOMES["left_early"].mean()) == MODEL.base_rate
    assert MODEL.leavers < OUTCOMES["left_early"].sum()


def test_a_planted_signal_is_recovered():
    weights = dict(zip(MODEL.measures, MODEL.value_weights, strict=True))
    signal = weights.pop("unexcused_lessons_semester")
    assert signal > 5 * max(abs(weight) for weight in weights.values())
    assert chance(unexcused_lessons_semester=40) > 0.5 > 0.1 > chance(unexcused_lessons_semester=0)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_outcomes_and_measures_after_the_day_cannot_move_the_model(seed):
    draw = np.random.default_rng(seed)
    after = pl.col("as_of") > DATES[4]
    noise = pl.Series([[True, False, None][pick] for pick in draw.integers(3, size=OUTCOMES.height)])
    changed = OUTCOMES.with_columns(left_early=pl.when(after).then(noise).otherwise("left_early"))
    moved = MEASURES.with_columns(grade=pl.when(after).then(pl.lit(draw.integers(1, 13))).otherwise("grade"))
    assert fit(moved, changed, FIVE_KNOWN, HORIZON) == fit(MEASURES, OUTCOMES, FIVE_KNOWN, HORIZON)


def test_an_outcome_that_became_known_early_waits_for_its_window_to_end():
    # Who leaves is known at once, who stays only after the window: taking the first early would overstate risk.
    after = pl.col("as_of") > DATES[4]
    only_leavers = OUTCOMES.filter(~after | pl.col("left_early"))
    assert fit(MEASURES, only_leavers, FIVE_KNOWN, HORIZON) == fit(MEASURES, OUTCOMES, FIVE_KNOWN, HORIZON)


def test_unknown_outcomes_are_left_out_and_not_read_as_staying():
    early_stay = ~pl.col("left_early") & (pl.col("as_of") < DATES[4])
    unknown = OUTCOMES.with_columns(left_early=pl.when(~early_stay).then("left_early"))
    model = fit(MEASURES, unknown, ALL_KNOWN, HORIZON)
    assert model is not None
    assert model.rows == OUTCOMES.filter(~early_stay).height


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_order_of_rows_and_columns_does_not_matter(seed):
    shuffled = MEASURES.sample(fraction=1, shuffle=True, seed=seed).select(reversed(MEASURES.columns))
    model = fit(shuffled, OUTCOMES.sample(fraction=1, shuffle=True, seed=seed + 9), ALL_KNOWN, HORIZON)
    assert model == MODEL
    keys = ["as_of", "pupil_key"]
    assert_frame_equal(score(model, shuffled).sort(keys), score(MODEL, MEASURES).sort(keys), check_exact=True)


def test_the_version_names_the_model():
    changed = OUTCOMES.with_columns(left_early=pl.col("left_early") & (pl.int_range(pl.len()) != 40))
    flipped = OUTCOMES.with_columns(left_early=pl.col("left_early") ^ (pl.int_range(pl.len()) == 40))
    again = fit(MEASURES, OUTCOMES, ALL_KNOWN, HORIZON)
    later_without_news = fit(MEASURES, OUTCOMES, ALL_KNOWN + timedelta(days=7), HORIZON)
    assert {again.version, later_without_news.version} == {MODEL.version}
    assert fit(MEASURES, flipped, ALL_KNOWN, HORIZON).version != MODEL.version
    assert fit(MEASURES, changed, FIVE_KNOWN, HORIZON).version != MODEL.version


def test_a_missing_value_is_neither_zero_nor_usual():
    missing, zero, usual = chance(mark_fall=None), chance(mark_fall=0), chance()
    assert missing > 1.8 * usual
    assert missing != zero
    assert dict(zip(MODEL.measures, MODEL.missing_weights, strict=True))["mark_fall"] > 0.5


@pytest.mark.parametrize("nothing", [float("nan"), float("inf"), None])
def test_a_rate_over_nothing_is_missing(nothing):
    assert chance(mark_fall=nothing) == chance(mark_fall=None)


@pytest.mark.parametrize(
    ("outcomes", "why"),
    [
        (OUTCOMES.with_columns(left_early=False), "nobody left"),
        (OUTCOMES.with_columns(left_early=True), "everyone left"),
        (OUTCOMES.with_columns(left_early=pl.lit(None, dtype=pl.Boolean)), "no outcome is known"),
        (OUTCOMES.with_columns(left_early=pl.col("pupil_key") < "p0019"), "nineteen pupils left, on many dates"),
        (OUTCOMES.clear(), "no rows"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_it_abstains_from_learning_without_leavers_and_stayers(outcomes, why):
    assert fit(MEASURES, outcomes, ALL_KNOWN, HORIZON) is None


def test_twenty_leavers_are_enough_and_the_number_is_a_parameter():
    twenty = OUTCOMES.with_columns(left_early=pl.col("pupil_key") < "p0020")
    assert fit(MEASURES, twenty, ALL_KNOWN, HORIZON) is not None
    assert fit(MEASURES, twenty, ALL_KNOWN, HORIZON, min_leavers=21) is None


def test_it_abstains_from_learning_when_no_measure_differs():
    alike = MEASURES.select("pupil_key", "as_of", "school_reg_no", "never_varies", "never_known")
    assert fit(alike, OUTCOMES, ALL_KNOWN, HORIZON) is None


def test_a_repeated_pupil_and_date_is_refused():
    with pytest.raises(pl.exceptions.ComputeError):
        fit(pl.concat([MEASURES, MEASURES.head(1)]), OUTCOMES, ALL_KNOWN, HORIZON)


SCHEMA = {"pupil_key": pl.String, "as_of": pl.Date, "model_version": pl.String, "probability": pl.Float64}
SCHEMA |= {"band": pl.String, "is_abstained": pl.Boolean}
SCHEMA |= {"reason_1": pl.String, "reason_2": pl.String, "reason_3": pl.String}


@pytest.mark.parametrize("model", [MODEL, None], ids=["fitted", "none"])
@pytest.mark.parametrize("measures", [MEASURES, MEASURES.clear()], ids=["rows", "empty"])
def test_the_table_of_scores_always_has_the_same_shape(model, measures):
    scored = score(model, measures, ["lessons_held_4w"])
    assert dict(scored.schema) == SCHEMA
    assert_frame_equal(scored.select("pupil_key", "as_of"), measures.select("pupil_key", "as_of"))


def test_without_a_model_every_row_is_abstained_from():
    scored = score(None, MEASURES)
    assert scored["is_abstained"].all()
    assert scored["model_version"].unique().to_list() == ["none"]
    assert scored.select("probability", "band", "reason_1", "reason_2", "reason_3").null_count().row(0) == (
        (MEASURES.height,) * 5
    )


@pytest.mark.parametrize(
    ("four_weeks", "year", "abstained"),
    [(0, 0, True), (None, None, True), (0, None, True), (float("nan"), 0, True), (0, 5, False), (7, None, False)],
)
def test_a_row_without_any_lesson_data_gets_no_score(four_weeks, year, abstained):
    pupil = row(lessons_held_4w=four_weeks, lessons_year=year, unexcused_lessons_semester=90)
    scored = score(MODEL, pupil, ["lessons_held_4w", "lessons_year"])
    assert scored["is_abstained"].to_list() == [abstained]
    assert scored.select("probability", "band", "reason_1").null_count().row(0) == (abstained,) * 3


def test_a_missing_column_is_an_error_that_names_it():
    with pytest.raises(ValueError, match=r"lack 2 columns, grade, lessons_year: rebuild"):
        score(MODEL, MEASURES.drop("grade"), ["lessons_year"])


def test_a_score_does_not_depend_on_the_rows_beside_it():
    together = score(MODEL, MEASURES)
    alone = pl.concat([score(MODEL, MEASURES.slice(start, 1)) for start in range(50)])
    assert_frame_equal(alone, together.head(50), check_exact=True)


def test_scoring_in_slices_is_scoring_at_once(monkeypatch):
    at_once = score(MODEL, MEASURES, ["lessons_held_4w"])
    monkeypatch.setattr(leaving_risk, "SLICE_ROWS", 700)
    assert_frame_equal(score(MODEL, MEASURES, ["lessons_held_4w"]), at_once, check_exact=True)


def test_probabilities_carry_six_decimals():
    given_chances = score(MODEL, MEASURES)["probability"]
    assert given_chances.equals(given_chances.round(6))


def test_a_value_far_outside_training_is_scored_quietly():
    assert chance(unexcused_lessons_semester=1e9) == 1
    assert chance(unexcused_lessons_semester=-1e9) == 0


def test_the_first_reason_is_the_planted_one_and_unremarkable_pupils_have_none():
    assert score(MODEL, row(unexcused_lessons_semester=40))["reason_1"].to_list() == ["unexcused_lessons_semester"]
    assert score(MODEL, row(unexcused_lessons_semester=0))["reason_1"].to_list() == [None]


def test_a_reason_that_is_an_absence_says_so():
    scored = score(MODEL, row(mark_fall=None, unexcused_lessons_semester=40))
    assert scored.select("reason_1", "reason_2").row(0) == ("unexcused_lessons_semester", "mark_fall_missing")


def test_reasons_are_what_adds_most_and_never_what_lowers_the_chance():
    noise = replace(MODEL, value_weights=(0.3, -0.2, 0.1, 0.0, 0.2), missing_weights=(0.0,) * 5)
    high = {name: m + 2 * s for name, m, s in zip(noise.measures, noise.mean, noise.scale, strict=True)}
    scored = score(noise, row(**high)).select("reason_1", "reason_2", "reason_3").row(0)
    assert leaving_risk.REASON_MIN_LOG_ODDS < 0.2
    assert scored == ("grade", "unexcused_lessons_semester", "mark_fall")


def test_fewer_than_three_measures_leave_reasons_empty():
    narrow = MEASURES.select("pupil_key", "as_of", "unexcused_lessons_semester")
    scored = score(fit(narrow, OUTCOMES, ALL_KNOWN, HORIZON), row(unexcused_lessons_semester=40))
    assert scored.select("reason_1", "reason_2", "reason_3").row(0) == ("unexcused_lessons_semester", None, None)


def test_bands_are_multiples_of_the_training_share():
    scored = score(MODEL, MEASURES).with_columns(times=pl.col("probability") / MODEL.base_rate)
    bounds = scored.group_by("band").agg(low=pl.col("times").min(), high=pl.col("times").max())
    bound = {band: (low, high) for band, low, high in bounds.iter_rows()}
    assert bound["low"][1] < leaving_risk.MEDIUM_TIMES_BASE <= bound["medium"][0]
    assert bound["medium"][1] < leaving_risk.HIGH_TIMES_BASE <= bound["high"][0]


@pytest.mark.parametrize("pupils", [40, 400])
def test_measures_that_repeat_each_other_or_separate_perfectly_fit_quietly(pupils):
    measures, _ = planted(pupils)
    twins = measures.with_columns(
        twice=pl.col("unexcused_lessons_semester") * 2,
        marks_again=pl.col("mark_fall") - 1,
        one_value=pl.when(pl.col("mark_fall").is_not_null()).then(0.123456789012),
    )
    outcomes = measures.select("pupil_key", "as_of", left_early=pl.col("unexcused_lessons_semester") > 12)
    model = fit(twins, outcomes, ALL_KNOWN, HORIZON, min_leavers=5)
    assert model is not None
    assert max(abs(weight) for weight in (*model.value_weights, *model.missing_weights)) < 10


def test_a_constant_that_is_sometimes_missing_weighs_by_its_absence_alone():
    measures = MEASURES.with_columns(one_value=pl.when(pl.col("mark_fall").is_not_null()).then(0.123456789012))
    model = fit(measures.drop("mark_fall"), OUTCOMES, ALL_KNOWN, HORIZON)
    place = model.measures.index("one_value")
    assert abs(model.value_weights[place]) < 1e-3
    assert model.missing_weights[place] > 0.5


def test_an_absence_that_is_almost_never_seen_gets_little_weight():
    left_in = OUTCOMES.with_row_index().filter("left_early")["index"].head(2)
    rare = pl.when(~pl.int_range(pl.len()).is_in(left_in.implode())).then(pl.col("grade"))
    model = fit(MEASURES.with_columns(grade=rare), OUTCOMES, ALL_KNOWN, HORIZON)
    assert 0 < model.missing_weights[model.measures.index("grade")] < 3


def test_of_many_who_stay_a_sample_is_learnt_from_and_says_nearly_the_same(monkeypatch):
    measures, outcomes = planted(3_000, seed=5)
    outcomes = outcomes.with_columns(pl.col("left_early") & pl.col("pupil_key").str.ends_with("0"))
    whole = fit(measures, outcomes, ALL_KNOWN, HORIZON)
    monkeypatch.setattr(leaving_risk, "LEARNT_ROWS", 6_000)
    learnt, stands_for = leaving_risk._thinned(labelled(measures, outcomes))
    assert learnt.height < measures.height / 2
    assert stands_for is not None
    assert stands_for.sum() == pytest.approx(measures.height)
    assert learnt.filter("left_early").height == outcomes.filter("left_early").height
    sampled = fit(measures, outcomes, ALL_KNOWN, HORIZON)
    assert (sampled.rows, sampled.leavers, sampled.base_rate) == (whole.rows, whole.leavers, whole.base_rate)
    chances = [score(model, measures)["probability"].to_numpy() for model in (whole, sampled)]
    assert np.abs(chances[0] - chances[1]).max() < 0.05
    assert np.corrcoef(*chances)[0, 1] > 0.995


def test_a_model_is_read_as_it_was_written_down():
    assert leaving_risk.LeavingRiskModel.read(MODEL.told()) == MODEL


def test_what_no_pupil_of_the_sample_has_is_not_learnt_from(monkeypatch):
    measures, outcomes = planted(3_000, seed=5)
    outcomes = outcomes.with_columns(pl.col("left_early") & pl.col("pupil_key").str.ends_with("0"))
    leaver = outcomes.filter("left_early")["pupil_key"][0]
    known = measures.with_columns(never_known=pl.when(pl.col("pupil_key") == leaver).then(pl.col("mark_fall")))
    assert "never_known" in fit(known, outcomes, ALL_KNOWN, HORIZON).measures
    monkeypatch.setattr(leaving_risk, "LEARNT_ROWS", 6_000)
    sampled = fit(known, outcomes, ALL_KNOWN, HORIZON)
    assert "never_known" not in sampled.measures
    assert score(sampled, known)["probability"].null_count() == 0
