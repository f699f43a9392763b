-- Grain: one row per as-of day of the run.
-- The days whose lists are made (one, or those of a backfill), the week before the first of them, and each month's close.
-- All days share the stand's weekday, so that windows of whole weeks are exact. A month with lessons closes on its last
-- such day in school time, at most a week after them: December closes before the break, not in it.
with week as (
    -- Five weeks ahead tell whether the month has such a day still to come.
    select unnest(generate_series(-5, 520)) as weeks_back
),

day as (
    select
        stand.as_of - 7 * week.weeks_back::integer as as_of,
        stand.week_anchor,
        week.weeks_back,
        (stand.as_of - stand.first_as_of) // 7 as weeks_listed
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

month_close as (
    select max(day.as_of) as as_of
    from day
    inner join school_time
        on
            day.as_of > school_time.starts_on
            and day.as_of <= school_time.ends_on + 7
            and strftime(day.as_of, '%Y-%m') <= strftime(school_time.ends_on, '%Y-%m')
    group by strftime(day.as_of, '%Y-%m')
)

select
    day.as_of,
    (day.as_of - day.week_anchor) // 7 as week_no,
    strftime(day.as_of, '%Y-%m') as month,
    day.weeks_back between 0 and day.weeks_listed as is_listed,
    month_close.as_of is not null as is_month_close
from day
left join month_close on day.as_of = month_close.as_of
where day.weeks_back >= 0 and (day.weeks_back <= day.weeks_listed + 1 or month_close.as_of is not null)
order by day.as_of
