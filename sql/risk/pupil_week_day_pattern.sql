-- Grain: one row per pupil and week of seven days before the stand's weekday.
-- A day counts as missed whole only where it is known what was held; with two schools on a day, only if both were missed.
-- Of lesson bits: `attended & -attended` is the first lesson attended, so what is missed and not before it is `& -(that)`.
with dated as (
    select
        attendance.pupil_key,
        day.week_no,
        attendance.lesson_date,
        1 << day.day_of_seven as weekday,
        attendance.lessons_held is not null as is_held_known,
        attendance.missed_lessons::integer as missed,
        attendance.held_lessons::integer & ~attendance.missed_lessons::integer as attended
    from core.pupil_day_attendance as attendance
    inner join risk.day_week as day on attendance.lesson_date = day.day
),

edged as (
    select
        pupil_key,
        week_no,
        lesson_date,
        weekday,
        is_held_known,
        is_held_known and attended = 0 as is_whole,
        attended,
        missed,
        missed & -(attended & -attended) as missed_after_first
    from dated
),

week as (
    select
        pupil_key,
        week_no,
        bit_or(weekday) as recorded,
        bit_or(case when is_held_known then weekday else 0 end) as held_known,
        bit_or(case when is_whole then weekday else 0 end) & ~bit_or(case when is_whole then 0 else weekday end) as whole,
        bit_or(
            case
                when
                    is_held_known and attended <> 0 and missed <> 0
                    and (missed_after_first = 0 or (missed_after_first & -missed_after_first) > attended)
                    then weekday
                else 0
            end
        ) as edge,
        max(lesson_date) as last_lesson_date
    from edged
    group by pupil_key, week_no
),

came as (
    select
        week.*,
        recorded & ~whole as present
    from week
)

select
    pupil_key,
    week_no,
    bit_count(recorded) as days_recorded,
    bit_count(held_known) as days_held_known,
    bit_count(whole) as full_days_missed,
    bit_count(
        whole & ~(
            present | (present >> 1) | (present >> 2) | (present >> 3) | (present >> 4) | (present >> 5) | (present >> 6)
        )
    ) as full_days_missed_last,
    bit_count(edge) as edge_days_missed,
    whole as full_days_mask,
    last_lesson_date
from came
order by pupil_key, week_no
