-- Grain: one row per school, grade and calendar day.
-- A school's own calendar row stands before the common one; a day neither mentions is absent, not free.
with school as (
    select distinct institution.school_reg_no
    from core.institution
),

grade as (
    select unnest(generate_series(1, 13)) as grade
),

ranked as (
    select
        school.school_reg_no,
        grade.grade,
        calendar_day.date as day,
        calendar_day.school_year,
        calendar_day.semester,
        calendar_day.kind,
        row_number() over (
            partition by school.school_reg_no, grade.grade, calendar_day.date
            order by
                case when calendar_day.school_reg_no is null then 1 else 0 end,
                calendar_day.grade_to - calendar_day.grade_from,
                calendar_day.school_year desc
        ) as precedence
    from raw.calendar_day
    inner join grade on grade.grade between calendar_day.grade_from and calendar_day.grade_to
    inner join school
        on calendar_day.school_reg_no is null or calendar_day.school_reg_no = school.school_reg_no
)

select
    school_reg_no,
    grade,
    day,
    school_year,
    semester,
    kind
from ranked
where precedence = 1
