-- Grain: one row per as-of day of the run.
-- All days share the stand's weekday, so that windows of whole weeks are exact; a month closes on its last such day.
with week as (
    select unnest(generate_series(0, 520)) as weeks_back
),

day as (
    select
        stand.as_of - 7 * week.weeks_back::integer as as_of,
        stand.as_of as stood_on,
        stand.week_anchor,
        week.weeks_back
    from risk.stand
    cross join week
),

school_time as (
    select
        starts_on,
        max(ends_on) as ends_on
    from core.school_semester
    group by starts_on
),

taught as (
    select distinct day.as_of
    from day
    inner join school_time on day.as_of > school_time.starts_on and day.as_of <= school_time.ends_on + 7
)

select
    day.as_of,
    (day.as_of - day.week_anchor) // 7 as week_no,
    strftime(day.as_of, '%Y-%m') as month,
    day.weeks_back = 0 as is_current,
    day.weeks_back = 1 as is_previous_week,
    taught.as_of is not null and month(day.as_of + 7) <> month(day.as_of) as is_month_close
from day
left join taught on day.as_of = taught.as_of
where
    day.weeks_back in (0, 1)
    or (taught.as_of is not null and month(day.as_of + 7) <> month(day.as_of))
order by day.as_of
