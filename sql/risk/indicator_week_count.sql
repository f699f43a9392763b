-- Grain: one row per as-of day, indicator and version.
-- Of the days around the end of a first semester only, where it is known what became of the pupils: one of them will stand
-- for the school year. Counted once, when the horizon of the day is over, and not of all years again each week.
with ending as (
    select distinct as_of_date.as_of
    from core.school_semester as semester
    inner join risk.as_of_date
        on
            as_of_date.as_of > greatest(semester.starts_on, semester.ends_on - 28)
            and as_of_date.as_of <= semester.ends_on + 7
    where semester.starts_on = semester.year_starts_on
),

verdict as (
    -- Joined by the few days first: the engine then makes the verdicts of these days, and of no others.
    select
        indicator.pupil_key,
        indicator.as_of,
        indicator.indicator,
        indicator.version,
        indicator.is_raised,
        indicator.is_no_data
    from risk.pupil_week_indicator as indicator
    inner join ending on indicator.as_of = ending.as_of
)

select
    verdict.as_of,
    verdict.indicator,
    verdict.version,
    count(case when verdict.is_raised and outcome.left_early then 1 end) as raised_left,
    count(case when verdict.is_raised and not outcome.left_early then 1 end) as raised_stayed,
    count(case when not verdict.is_raised and not verdict.is_no_data and outcome.left_early then 1 end) as not_raised_left,
    count(case when not verdict.is_raised and not verdict.is_no_data and not outcome.left_early then 1 end)
        as not_raised_stayed,
    count(case when verdict.is_no_data and outcome.left_early then 1 end) as no_data_left,
    count(case when verdict.is_no_data and not outcome.left_early then 1 end) as no_data_stayed
from verdict
inner join risk.pupil_week_outcome as outcome
    on verdict.pupil_key = outcome.pupil_key and verdict.as_of = outcome.as_of and outcome.left_early is not null
group by verdict.as_of, verdict.indicator, verdict.version
