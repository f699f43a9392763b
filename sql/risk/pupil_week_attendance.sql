-- Grain: one row per pupil, week of seven days before the stand's weekday, and semester.
-- Weeks are cut where a semester begins; the pupil is followed across schools, so no school is in the key.
with dated as (
    select
        pupil_day_attendance.pupil_key,
        (pupil_day_attendance.lesson_date - stand.week_anchor) // 7 as week_no,
        school_semester.starts_on as semester_starts_on,
        school_semester.year_starts_on,
        pupil_day_attendance.lesson_date,
        pupil_day_attendance.lessons_held,
        pupil_day_attendance.lessons_missed,
        pupil_day_attendance.lessons_missed_unexcused + pupil_day_attendance.lessons_missed_open as unexcused,
        pupil_day_attendance.lessons_late
    from core.pupil_day_attendance
    cross join risk.stand
    inner join core.school_semester
        on
            pupil_day_attendance.school_reg_no = school_semester.school_reg_no
            and pupil_day_attendance.lesson_date >= school_semester.starts_on
            and pupil_day_attendance.lesson_date < coalesce(school_semester.next_starts_on, date '9999-12-31')
    where pupil_day_attendance.lesson_date < stand.as_of
)

select
    pupil_key,
    week_no,
    semester_starts_on,
    min(year_starts_on) as year_starts_on,
    count(distinct lesson_date) as days_recorded,
    count(distinct case when lessons_held is not null then lesson_date end) as days_held_known,
    coalesce(sum(lessons_held), 0) as lessons_held,
    coalesce(sum(case when lessons_held is not null then lessons_missed end), 0) as lessons_missed_of_held,
    sum(unexcused) as lessons_missed_unexcused,
    sum(lessons_late) as lessons_late,
    max(lesson_date) as last_lesson_date
from dated
group by pupil_key, week_no, semester_starts_on
