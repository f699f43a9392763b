"""Whether support helped: told only where it can be, near the truth, and never before-and-after taken for an effect."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from models.support_effect import ALL, SupportEffect, assess, table
from models.support_effect.estimate import interval
from models.support_effect.report import effect_text
from models.support_effect.result import NOT_TOLD, REASONS
from models.synthetic.support import build_plans
from models.synthetic.year_days import school_days
from tests.effort import effort
from tests.models.support_effect_world import Made, World, made
from tests.synthetic_world import country, daily, spells

SMALL = World(pupils=700, schools=30, supported_share=0.2, programmes=("own",))
DIPS, LEVEL = World(), World(on_dip=0, on_level=1)
BOTH = World(on_level=1)
HELPED = replace(BOTH, effect=-0.04)


def whole(one: Made) -> SupportEffect:
    """Assess all support, whatever the programme."""
    starts = one.starts.with_columns(programme=pl.lit(None, dtype=pl.String))
    (result,) = assess(one.panel, starts, "share_missed")
    return result


def refused(one: Made) -> str | None:
    result = whole(one)
    assert (result.effect, result.low, result.high, result.p_value) == (None,) * 4 or result.is_told
    return result.reason


WORLD = made(SMALL, 0)
RESULTS = assess(WORLD.panel, WORLD.starts, "share_missed")
RESULT = RESULTS[0]


def shifted(one: Made, since_week: int, by: float) -> Made:
    """Move the outcome of the supported from so many weeks after their start on."""
    since = (pl.col("week") - pl.col("started_on")).dt.total_days() / 7
    moved = pl.when(since >= since_week).then(pl.col("outcome") + by).otherwise("outcome")
    joined = one.panel.join(one.starts, on="pupil_key", how="left").with_columns(outcome=moved)
    return Made(joined.select(one.panel.columns), one.starts)


def test_where_nothing_helped_before_and_after_shows_a_great_effect_and_the_comparison_none():
    assert RESULT.is_told
    assert not RESULT.is_effect_told
    assert RESULT.naive < -0.1
    assert abs(RESULT.effect) < 0.03
    assert RESULT.at_start > RESULT.usual + 0.1


@pytest.mark.parametrize("world", [SMALL, replace(SMALL, on_dip=0, on_level=1), replace(SMALL, on_level=1)])
@pytest.mark.parametrize("effect", [0.0, -0.05])
def test_the_mean_of_some_worlds_is_near_the_truth_however_pupils_were_chosen(world: World, effect: float):
    worlds = [made(replace(world, effect=effect), seed) for seed in range(3)]
    results = [whole(one) for one in worlds]
    off = [result.effect - one.truth for result, one in zip(results, worlds, strict=True) if result.is_told]
    assert off
    assert abs(np.mean(off)) < 0.025


def test_an_effect_lies_in_the_series_after_the_start_and_not_long_before():
    one = made(replace(SMALL, effect=-0.08), 0)
    result = whole(one)
    gap = {week.week: week.gap for week in result.series}
    assert result.is_effect_told
    assert result.low < one.truth < result.high
    assert np.mean([gap[week] for week in range(4, 16)]) == pytest.approx(one.truth, abs=0.02)
    assert np.mean([gap[week] for week in range(-20, -8)]) == pytest.approx(0, abs=0.005)
    assert min(gap) >= -32
    assert max(gap) <= 15
    assert all(week.low < week.gap < week.high for week in result.series)


def test_a_smaller_effect_than_the_least_that_would_be_found_is_said_beside_it():
    assert RESULT.detectable > (RESULT.high - RESULT.low) / 2
    assert RESULT.detectable == pytest.approx(2.85 / 2.05 * (RESULT.high - RESULT.low) / 2, rel=0.1)


def test_no_number_of_pupils_makes_an_interval_narrower_than_what_the_method_leaves_behind():
    many = interval(0.01, 1e-9, 50.0, allowance=0.004)
    assert (many.low, many.high) == pytest.approx((0.006, 0.014))
    assert not many.is_zero
    assert interval(0.003, 1e-9, 50.0, allowance=0.004).is_zero
    assert interval(0.003, 1e-9, 50.0, allowance=0.004).p_value == 1
    assert interval(0.003, 0.0, 50.0) is None


def test_the_order_of_rows_does_not_matter_and_the_same_gives_the_same():
    other = Made(WORLD.panel.sample(fraction=1, shuffle=True, seed=3), WORLD.starts.reverse())
    assert assess(other.panel, other.starts, "share_missed") == RESULTS


def test_a_programme_is_judged_alone_and_all_together():
    both = made(replace(SMALL, supported_share=0.3, programmes=("own", "skola_kopiena")), 4)
    results = assess(both.panel, both.starts, "share_missed")
    assert [result.programme for result in results] == [ALL, "own", "skola_kopiena"]
    assert results[0].supported == results[1].supported + results[2].supported
    assert results[0].supported == whole(both).supported
    # Three questions share one chance in twenty.
    assert {result.confidence for result in results} == {round(1 - 0.05 / 3, 6)}
    assert results[0].high - results[0].low > whole(both).high - whole(both).low


def test_a_pupil_whose_support_began_before_the_panel_is_nobody_alike():
    earlier = WORLD.starts.with_columns(pl.col("started_on") - timedelta(weeks=200))
    assert assess(WORLD.panel, earlier, "share_missed")[0].supported == 0
    some = pl.concat([WORLD.starts.head(40).with_columns(earlier.head(40)["started_on"]), WORLD.starts[40:]])
    assert whole(Made(WORLD.panel, some)).supported == RESULT.supported - 40


def test_too_few_supported_pupils_are_refused():
    assert refused(Made(WORLD.panel, WORLD.starts.head(29))) == "too_few_supported"
    assert refused(Made(WORLD.panel.clear(), WORLD.starts)) == "too_few_supported"
    assert refused(Made(WORLD.panel, WORLD.starts.clear())) == "too_few_supported"


def test_starts_without_weeks_before_them_are_refused():
    assert refused(made(replace(SMALL, first_start=3, last_start=9), 0)) == "not_enough_weeks"


def test_starts_without_weeks_after_them_are_refused():
    assert refused(made(replace(SMALL, weeks=39, first_start=33, last_start=38), 0)) == "not_enough_weeks"


def test_supported_pupils_like_whom_nobody_is_are_refused():
    alone = pl.when(pl.col("pupil_key").is_in(WORLD.starts["pupil_key"].to_list())).then(12).otherwise("grade")
    assert refused(Made(WORLD.panel.with_columns(grade=alone), WORLD.starts)) == "too_few_matched"
    assert refused(shifted(WORLD, -300, 5.0)) == "too_few_matched"


def test_a_handful_of_schools_is_refused():
    assert refused(made(replace(SMALL, schools=6), 0)) == "too_few_schools"
    one = Made(WORLD.panel.with_columns(school_reg_no=pl.lit("1")), WORLD.starts)
    assert refused(one) == "too_few_schools"


def test_records_that_are_missing_of_the_supported_only_are_refused():
    assert refused(made(replace(SMALL, gone_if_supported=0.3), 0)) == "missing_not_alike"


def test_pupils_who_were_getting_worse_long_before_are_refused():
    assert refused(shifted(WORLD, -14, 0.1)) == "trends_differ"
    assert refused(made(replace(SMALL, drift_before=0.01), 0)) in {"trends_differ", "placebo_not_zero"}


def test_a_made_up_start_that_has_an_effect_is_refused():
    result = whole(shifted(WORLD, -21, 0.15))
    assert result.reason == "placebo_not_zero"
    assert result.placebo_low > 0
    assert result.naive is not None


def test_without_earlier_weeks_there_is_no_placebo_and_none_is_invented():
    one = made(World(weeks=39, last_start=23, programmes=("own",)), 0)
    result = whole(one)
    assert result.is_told
    assert (result.placebo, result.placebo_pupils) == (None, 0)
    assert result.trend is not None


def test_an_outcome_that_never_varies_is_refused_and_no_error():
    assert refused(Made(WORLD.panel.with_columns(outcome=pl.lit(0.1)), WORLD.starts)) is not None
    assert refused(Made(WORLD.panel.with_columns(outcome=pl.lit(None, pl.Float64)), WORLD.starts)) is not None


def test_the_table_has_a_row_each_and_every_reason_has_words_in_both_languages():
    rows = table(RESULTS)
    assert rows.height == len(RESULTS)
    assert rows["is_told"].to_list() == [result.is_told for result in RESULTS]
    assert all(english.endswith(".") and latvian.endswith(".") for english, latvian in REASONS.values())
    held = replace(RESULT, reason="trends_differ").as_dict()
    assert (held["reason_en"], held["reason_lv"]) == REASONS["trends_differ"]


def test_the_report_says_what_was_found_and_what_was_not_in_words():
    text = effect_text(RESULTS)
    assert "No effect on lessons missed is seen (95 % interval" in text
    assert text.count("\n| all |") == 1
    helped = replace(RESULT, effect=-0.034, low=-0.05, high=-0.02)
    assert "missed 3.4 fewer of 100 lessons than they would have without support" in effect_text([helped])
    assert "kavēts par 3.4 mazāk" in effect_text([helped])
    harmed = effect_text([replace(RESULT, effect=0.02, low=0.01, high=0.03)])
    assert "2.0 more of 100 lessons" in harmed
    bare = SupportEffect("share_missed", "own", "too_few_supported", 12)
    for words in (*REASONS["too_few_supported"], *NOT_TOLD, "| own | 12 | 0 |  |  |  | cannot be told |"):
        assert words in effect_text([bare])


SEEDS = effort(200, 1000)


@pytest.mark.slow
@pytest.mark.parametrize("world", [DIPS, LEVEL, BOTH], ids=["dips", "level", "both"])
def test_in_two_hundred_worlds_without_effect_one_is_told_in_one_of_twenty_at_most(world: World):
    results = [whole(made(world, seed)) for seed in range(SEEDS)]
    told = [result for result in results if result.is_told]
    assert len(told) >= 0.8 * SEEDS
    assert sum(result.is_effect_told for result in told) <= 0.05 * len(told)


@pytest.mark.slow
@pytest.mark.parametrize("world", [HELPED, replace(HELPED, on_level=0)], ids=["both", "dips"])
def test_in_two_hundred_worlds_the_planted_effect_lies_in_the_interval_in_nine_of_ten(world: World):
    pairs = [(one.truth, whole(one)) for one in (made(world, seed) for seed in range(SEEDS))]
    told = [(truth, result) for truth, result in pairs if result.is_told]
    assert len(told) >= 0.8 * SEEDS
    assert sum(result.low <= truth <= result.high for truth, result in told) >= 0.9 * len(told)
    assert sum(result.is_effect_told for _, result in told) >= 0.9 * len(told)


def invented() -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return panel and starts of two years of the invented country, whose plans change nothing."""
    made_up = country()
    days = []
    for number, year in enumerate(made_up.years):
        dates = pl.Series(school_days(year)).cast(pl.Date)
        days.append(daily(number).with_columns(week=dates.gather(daily(number)["day"]).dt.truncate("1w")))
    weeks = pl.concat(days).group_by("pupil", "week").agg(outcome=pl.col("missed").sum() / pl.col("held").sum())
    newest = spells().sort("pupil", "year", "start").group_by("pupil").last()
    about = newest.select("pupil", "school_reg_no", "grade", school_kind="kind", pupil_key="person_code")
    plans = [
        build_plans(made_up.parameters, year, spell) for year, spell in zip(made_up.years, made_up.spells, strict=True)
    ]
    first = pl.concat(plans).sort("opened_on", "plan_id").group_by("person_code").first()
    starts = first.select("programme", pupil_key="person_code", started_on="opened_on")
    return weeks.join(about, on="pupil").drop("pupil"), starts


@pytest.mark.slow
def test_in_the_invented_country_where_plans_change_nothing_nothing_is_told():
    results = assess(*invented(), "share_missed")
    assert [result.programme for result in results] == [ALL, "own", "skola_kopiena"]
    assert results[0].supported > 1000
    assert results[0].is_told
    assert not any(result.is_effect_told for result in results)
