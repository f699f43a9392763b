-- Grain: one row per school, school year and semester.
-- The first and last school day of any grade count: grades 9 and 12 end later than the others.
with semester as (
    select
        school_reg_no,
        school_year,
        semester,
        min(day) as starts_on,
        max(day) as ends_on
    from core.school_day
    where kind = 'school_day'
    group by school_reg_no, school_year, semester
)

select
    school_reg_no,
    school_year,
    semester,
    starts_on,
    ends_on,
    min(starts_on) over (partition by school_reg_no, school_year) as year_starts_on,
    lag(starts_on) over (partition by school_reg_no order by starts_on) as previous_starts_on,
    lead(starts_on) over (partition by school_reg_no order by starts_on) as next_starts_on
from semester
order by school_reg_no, starts_on
