-- Grain: one row per pupil and as-of day.
-- Fresh and long records, not few absences: of a pupil without any record both are empty, which is its own verdict.
-- Where a school has no calendar nothing is said of freshness. School days are counted once per school, grade and last
-- day of data: the pupils of a class share it.
with dated as (
    select
        cohort.pupil_key,
        cohort.as_of,
        cohort.school_reg_no,
        coalesce(cohort.grade, 1) as grade,
        case when cohort.semester_starts_on is not null then attendance.data_to end as data_to,
        pattern.days_recorded_year
    from risk.pupil_week_cohort as cohort
    inner join risk.pupil_week_attendance_measure as attendance
        on cohort.pupil_key = attendance.pupil_key and cohort.as_of = attendance.as_of
    inner join risk.pupil_week_absence_pattern as pattern
        on cohort.pupil_key = pattern.pupil_key and cohort.as_of = pattern.as_of
),

gap as (
    select distinct
        school_reg_no,
        grade,
        data_to,
        as_of
    from dated
    where data_to is not null
),

counted as (
    select
        gap.school_reg_no,
        gap.grade,
        gap.data_to,
        gap.as_of,
        count(case when school_day.kind = 'school_day' then 1 end) as days
    from gap
    left join core.school_day
        on
            gap.school_reg_no = school_day.school_reg_no
            and gap.grade = school_day.grade
            and school_day.day > gap.data_to
            and school_day.day < gap.as_of
    group by gap.school_reg_no, gap.grade, gap.data_to, gap.as_of
)

select
    dated.pupil_key,
    dated.as_of,
    counted.days as school_days_since_data,
    dated.days_recorded_year
from dated
left join counted
    on
        dated.school_reg_no = counted.school_reg_no
        and dated.grade = counted.grade
        and dated.data_to = counted.data_to
        and dated.as_of = counted.as_of
