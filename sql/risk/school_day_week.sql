-- Grain: one row per school and day before the stand, from the school's first semester on, lessons or not.
-- Which week and semester a day lies in, told once: large tables find it by equality of school and day.
with day as (
    select
        school_semester.school_reg_no,
        school_semester.starts_on as semester_starts_on,
        school_semester.year_starts_on,
        unnest(
            generate_series(
                school_semester.starts_on,
                least(coalesce(school_semester.next_starts_on, stand.as_of), stand.as_of) - 1,
                interval 1 day
            )
        )::date as day,
        stand.week_anchor
    from core.school_semester
    cross join risk.stand
    where school_semester.starts_on < stand.as_of
)

select
    school_reg_no,
    day,
    (day - week_anchor) // 7 as week_no,
    (day - week_anchor) % 7 as day_of_seven,
    semester_starts_on,
    year_starts_on
from day
order by school_reg_no, day
