-- Grain: one row per pupil, school, week from its Monday and dataset in which something of the pupil is recorded.
-- Small enough to be asked of all years at once: who is recorded where, and from when to when.
with day as (
    select
        'attendance' as dataset,
        pupil_key,
        school_reg_no,
        lesson_date as day,
        date_trunc('week', lesson_date)::date as week_starts_on
    from core.pupil_day_attendance
    union all
    select
        'mark' as dataset,
        pupil_key,
        school_reg_no,
        mark_date as day,
        date_trunc('week', mark_date)::date as week_starts_on
    from core.pupil_subject_mark
)

select
    dataset,
    pupil_key,
    school_reg_no,
    week_starts_on,
    min(day) as first_on,
    max(day) as last_on
from day
group by dataset, pupil_key, school_reg_no, week_starts_on
