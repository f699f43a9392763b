-- Grain: one row per day before the stand, from the first semester of any school on.
-- Which seven a day lies in, told once: large tables find it by equality, and then read only the days asked for.
with first_semester as (
    select min(starts_on) as starts_on
    from core.school_semester
),

day as (
    select
        unnest(generate_series(first_semester.starts_on, stand.as_of - 1, interval 1 day))::date as day,
        stand.week_anchor
    from risk.stand
    cross join first_semester
)

select
    day,
    (day - week_anchor) // 7 as week_no,
    (day - week_anchor) % 7 as day_of_seven
from day
order by day
