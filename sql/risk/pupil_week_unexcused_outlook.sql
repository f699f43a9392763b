-- Grain: one row per pupil and as-of day.
-- The outlook is a proportion, not a forecast: if the rest of the semester is like its beginning. Absence of the last
-- seven days may still be excused: confirmed counts without it, the outlook with it, as the law does.
with least as (
    select
        as_of_date.as_of,
        policy_parameter.value as days
    from risk.policy_parameter
    inner join risk.as_of_date
        on
            as_of_date.as_of between policy_parameter.valid_from
            and coalesce(policy_parameter.valid_to, date '9999-12-31')
    where policy_parameter.parameter = 'least_days_outlook'
),

place as (
    select distinct
        school_reg_no,
        coalesce(grade, 1) as grade,
        as_of,
        semester_starts_on
    from risk.pupil_week_cohort
),

calendar as (
    select
        place.school_reg_no,
        place.grade,
        place.as_of,
        count(*) as days,
        count(case when school_day.day < place.as_of then 1 end) as passed
    from place
    inner join core.school_semester
        on place.school_reg_no = school_semester.school_reg_no and place.semester_starts_on = school_semester.starts_on
    inner join core.school_day
        on
            place.school_reg_no = school_day.school_reg_no
            and place.grade = school_day.grade
            and school_day.day between school_semester.starts_on and school_semester.ends_on
    where school_day.kind = 'school_day'
    group by place.school_reg_no, place.grade, place.as_of
)

select
    cohort.pupil_key,
    cohort.as_of,
    calendar.days as school_days_semester,
    calendar.passed as school_days_passed,
    attendance.unexcused_lessons_semester - attendance.unexcused_lessons_open as unexcused_lessons_confirmed,
    case
        when calendar.passed >= least.days
            then round(attendance.unexcused_lessons_semester / calendar.passed * calendar.days, 9)
    end as unexcused_lessons_projected
from risk.pupil_week_cohort as cohort
inner join least on cohort.as_of = least.as_of
inner join risk.pupil_week_attendance_measure as attendance
    on cohort.pupil_key = attendance.pupil_key and cohort.as_of = attendance.as_of
left join calendar
    on
        cohort.school_reg_no = calendar.school_reg_no
        and cohort.as_of = calendar.as_of
        and coalesce(cohort.grade, 1) = calendar.grade
