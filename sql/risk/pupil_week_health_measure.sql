-- Grain: one row per pupil and as-of day.
-- Health data: the only table of measures that knows a reason of illness. It is for the school; no score, municipal list
-- or published count reads it. Lessons are counted, not rated: where only absences are delivered they are known as well.
select
    attendance.pupil_key,
    attendance.as_of,
    case when measure.data_to >= attendance.as_of - 28 then attendance.lessons_missed_ill_4w end as ill_lessons_4w,
    case when measure.data_to >= attendance.as_of - 84 then attendance.lessons_missed_ill_12w end as ill_lessons_12w
from risk.pupil_week_attendance_window as attendance
inner join risk.pupil_week_attendance_measure as measure
    on attendance.pupil_key = measure.pupil_key and attendance.as_of = measure.as_of
