-- Grain: one row per pupil, week and subject with a lesson missed without excuse.
-- Unexcused or not yet clarified, as the law counts; the pupil is followed across schools.
select
    absence.pupil_key,
    day.week_no,
    absence.subject_code,
    sum(absence.lessons_missed_unexcused) as lessons_missed_unexcused,
    max(absence.lesson_date) as last_lesson_date
from core.pupil_day_subject_absence as absence
inner join risk.day_week as day on absence.lesson_date = day.day
group by absence.pupil_key, day.week_no, absence.subject_code
order by absence.pupil_key, day.week_no, absence.subject_code
