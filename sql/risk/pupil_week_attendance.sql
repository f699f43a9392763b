-- Grain: one row per pupil, week of seven days before the stand's weekday, and semester.
-- Weeks are cut where a semester begins; the pupil is followed across schools, so no school is in the key. Days are
-- bits of a mask: a day with two schools is one day, and counting distinct dates costs three times as much.
-- Ordered by pupil: what sums a pupil's weeks up finds them side by side, and takes a third of the time.
select
    attendance.pupil_key,
    day.week_no,
    day.semester_starts_on,
    min(day.year_starts_on) as year_starts_on,
    bit_count(bit_or(1 << day.day_of_seven)) as days_recorded,
    bit_count(bit_or(case when attendance.lessons_held is not null then 1 << day.day_of_seven else 0 end))
        as days_held_known,
    coalesce(sum(attendance.lessons_held), 0) as lessons_held,
    coalesce(sum(case when attendance.lessons_held is not null then attendance.lessons_missed end), 0)
        as lessons_missed_of_held,
    sum(attendance.lessons_missed_unexcused + attendance.lessons_missed_open) as lessons_missed_unexcused,
    sum(attendance.lessons_missed_ill) as lessons_missed_ill,
    sum(attendance.lessons_missed_other) as lessons_missed_other,
    sum(attendance.lessons_late) as lessons_late,
    max(attendance.lesson_date) as last_lesson_date
from core.pupil_day_attendance as attendance
inner join risk.school_day_week as day
    on attendance.school_reg_no = day.school_reg_no and attendance.lesson_date = day.day
group by attendance.pupil_key, day.week_no, day.semester_starts_on
order by attendance.pupil_key, day.week_no, day.semester_starts_on
