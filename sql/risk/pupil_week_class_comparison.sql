-- Grain: one row per pupil and as-of day.
-- The rest of the class is the others of the same school and class on that day, with the lessons they missed wherever
-- they were: without the pupil, or a small class would be compared with the pupil's own absence.
with least as (
    select
        as_of_date.as_of,
        policy_parameter.value as classmates
    from risk.policy_parameter
    inner join risk.as_of_date
        on
            as_of_date.as_of between policy_parameter.valid_from
            and coalesce(policy_parameter.valid_to, date '9999-12-31')
    where policy_parameter.parameter = 'least_classmates'
),

rated as (
    select
        cohort.pupil_key,
        cohort.as_of,
        cohort.school_reg_no,
        cohort.class_label,
        attendance.absence_rate_4w as rate,
        case when attendance.absence_rate_4w is not null then attendance.lessons_held_4w else 0 end as held,
        case when attendance.absence_rate_4w is not null then attendance.lessons_missed_4w else 0 end as missed,
        case when attendance.absence_rate_4w is not null then 1 else 0 end as is_rated
    from risk.pupil_week_cohort as cohort
    inner join risk.pupil_week_attendance_measure as attendance
        on cohort.pupil_key = attendance.pupil_key and cohort.as_of = attendance.as_of
),

class as (
    select
        school_reg_no,
        class_label,
        as_of,
        sum(held) as held,
        sum(missed) as missed,
        sum(is_rated) as pupils
    from rated
    group by school_reg_no, class_label, as_of
),

compared as (
    select
        rated.pupil_key,
        rated.as_of,
        rated.rate,
        class.pupils - rated.is_rated as classmates,
        (class.missed - rated.missed) / nullif(class.held - rated.held, 0) as classmates_rate
    from rated
    left join class
        on
            rated.school_reg_no = class.school_reg_no
            and rated.class_label = class.class_label
            and rated.as_of = class.as_of
)

select
    compared.pupil_key,
    compared.as_of,
    compared.classmates,
    case when compared.classmates >= least.classmates then compared.classmates_rate end as absence_rate_classmates,
    case when compared.classmates >= least.classmates then round(compared.rate - compared.classmates_rate, 9) end as absence_above_class
from compared
inner join least on compared.as_of = least.as_of
