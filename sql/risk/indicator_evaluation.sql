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
            and as_of_date.as_of > greatest(semester.starts_on, semester.ends_on - 28)
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

counted as (
    select
        day.indicator,
        day.version,
        count(*) as as_of_days,
        min(day.as_of) as first_as_of,
        max(day.as_of) as last_as_of,
        sum(day.raised_left) as raised_left,
        sum(day.raised_stayed) as raised_stayed,
        sum(day.not_raised_left) as not_raised_left,
        sum(day.not_raised_stayed) as not_raised_stayed,
        sum(day.no_data_left) as no_data_left,
        sum(day.no_data_stayed) as no_data_stayed
    from risk.indicator_week_count as day
    inner join common_close on day.as_of = common_close.as_of and common_close.place = 1
    group by day.indicator, day.version
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
