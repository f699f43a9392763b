-- Grain: one row per pupil and as-of day.
-- Empty means not known; a model or a rule may never read it as zero.
select
    cohort.pupil_key,
    cohort.as_of,
    cohort.school_reg_no,
    cohort.atvk_code,
    cohort.grade,
    attendance.lessons_held_4w,
    attendance.lessons_missed_4w,
    attendance.absence_rate_4w,
    attendance.absence_rate_before,
    attendance.absence_rate_rise,
    attendance.lessons_held_year,
    attendance.absence_rate_year,
    attendance.unexcused_lessons_semester,
    attendance.unexcused_lessons_open,
    attendance.late_lessons_4w,
    attendance.unrecorded_share_4w,
    attendance.data_to,
    mark.subjects_below_4,
    mark.subjects_marked,
    mark.mark_mean_semester,
    mark.mark_fall,
    mark.percent_mean_semester,
    mark.open_nv,
    path.over_age_years,
    path.repeats_grade,
    path.school_changes_year
from risk.pupil_week_cohort as cohort
inner join risk.pupil_week_attendance_measure as attendance
    on cohort.pupil_key = attendance.pupil_key and cohort.as_of = attendance.as_of
inner join risk.pupil_week_mark_measure as mark
    on cohort.pupil_key = mark.pupil_key and cohort.as_of = mark.as_of
inner join risk.pupil_week_path_measure as path
    on cohort.pupil_key = path.pupil_key and cohort.as_of = path.as_of
