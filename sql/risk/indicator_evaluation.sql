-- Grain: one row per indicator and version.
-- Of each school year one day counts, the same for every pupil: the month's close that ends the first semester in most
-- schools. A pupil's weeks repeat each other; a day of the pupil's own would be chosen by the outcome. The whole country only:
-- indicators of health are counted, too, and smaller groups could be read back into children.
with last_close as (
    select
        semester.school_reg_no,
        semester.school_year,
        max(as_of_date.as_of) as as_of
    from core.school_semester as semester
    inner join risk.as_of_date
        on
            as_of_date.is_month_close
            and as_of_date.as_of > semester.starts_on
            and as_of_date.as_of <= semester.ends_on + 7
    where semester.starts_on = semester.year_starts_on
    group by semester.school_reg_no, semester.school_year
),

common_close as (
    select
        school_year,
        as_of,
        row_number() over (partition by school_year order by count(*) desc, as_of) as place
    from last_close
    group by school_year, as_of
),

pupil as (
    select
        outcome.pupil_key,
        outcome.as_of,
        outcome.left_early
    from risk.pupil_week_outcome as outcome
    inner join common_close on outcome.as_of = common_close.as_of and common_close.place = 1
    where outcome.left_early is not null
),

counted as (
    select
        verdict.indicator,
        verdict.version,
        count(distinct pupil.as_of) as as_of_days,
        min(pupil.as_of) as first_as_of,
        max(pupil.as_of) as last_as_of,
        count(case when verdict.is_raised and pupil.left_early then 1 end) as raised_left,
        count(case when verdict.is_raised and not pupil.left_early then 1 end) as raised_stayed,
        count(case when not verdict.is_raised and not verdict.is_no_data and pupil.left_early then 1 end) as not_raised_left,
        count(case when not verdict.is_raised and not verdict.is_no_data and not pupil.left_early then 1 end)
            as not_raised_stayed,
        count(case when verdict.is_no_data and pupil.left_early then 1 end) as no_data_left,
        count(case when verdict.is_no_data and not pupil.left_early then 1 end) as no_data_stayed
    from pupil
    inner join risk.pupil_week_indicator as verdict
        on pupil.pupil_key = verdict.pupil_key and pupil.as_of = verdict.as_of
    group by verdict.indicator, verdict.version
)

select
    rule.indicator,
    rule.version,
    rule.is_health,
    coalesce(counted.as_of_days, 0) as as_of_days,
    counted.first_as_of,
    counted.last_as_of,
    coalesce(counted.raised_left, 0) as raised_left,
    coalesce(counted.raised_stayed, 0) as raised_stayed,
    coalesce(counted.not_raised_left, 0) as not_raised_left,
    coalesce(counted.not_raised_stayed, 0) as not_raised_stayed,
    coalesce(counted.no_data_left, 0) as no_data_left,
    coalesce(counted.no_data_stayed, 0) as no_data_stayed,
    counted.raised_left / nullif(counted.raised_left + counted.not_raised_left, 0) as sensitivity,
    counted.not_raised_stayed / nullif(counted.raised_stayed + counted.not_raised_stayed, 0) as specificity,
    counted.raised_left / nullif(counted.raised_left + counted.raised_stayed, 0) as precision,
    (counted.raised_left + counted.not_raised_left)
    / nullif(counted.raised_left + counted.raised_stayed + counted.not_raised_left + counted.not_raised_stayed, 0)
        as base_rate
from risk.indicator_rule as rule
left join counted on rule.indicator = counted.indicator and rule.version = counted.version
order by rule.indicator, rule.version
