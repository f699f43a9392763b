-- Grain: one row per pupil and as-of day.
-- Excused lessons say nothing of a subject: who is ill misses them all. No lesson missed without excuse is no share.
with least as (
    select
        as_of_date.as_of,
        policy_parameter.value as lessons
    from risk.policy_parameter
    inner join risk.as_of_date
        on
            as_of_date.as_of between policy_parameter.valid_from
            and coalesce(policy_parameter.valid_to, date '9999-12-31')
    where policy_parameter.parameter = 'least_lessons_subject'
),

subject as (
    select
        cohort.pupil_key,
        cohort.as_of,
        week.subject_code,
        sum(week.lessons_missed_unexcused) as lessons
    from risk.pupil_week_cohort as cohort
    inner join risk.pupil_subject_week_absence as week
        on
            cohort.pupil_key = week.pupil_key
            and week.week_no >= cohort.week_no - 12
            and week.week_no < cohort.week_no
            and week.last_lesson_date > cohort.year_starts_on - 60
    group by cohort.pupil_key, cohort.as_of, week.subject_code
),

most as (
    select
        pupil_key,
        as_of,
        subject_code,
        lessons,
        sum(lessons) over (partition by pupil_key, as_of) as all_lessons,
        row_number() over (partition by pupil_key, as_of order by lessons desc, subject_code) as place
    from subject
)

select
    cohort.pupil_key,
    cohort.as_of,
    most.subject_code,
    most.lessons as subject_lessons_12w,
    case when most.all_lessons >= least.lessons then round(most.lessons / most.all_lessons, 9) end as subject_share_12w
from risk.pupil_week_cohort as cohort
inner join least on cohort.as_of = least.as_of
left join most on cohort.pupil_key = most.pupil_key and cohort.as_of = most.as_of and most.place = 1
