-- Grain: one row per pupil and as-of day.
-- Empty means not known; a model or a rule may never read it as zero. What tells of health is not here: it has a table of
-- its own, for the school only.
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
    path.school_changes_year,
    trend.absence_rate_2w,
    trend.absence_rate_12w,
    trend.absence_slope_12w,
    trend.late_rate_4w,
    class.absence_above_class,
    pattern.full_days_missed_4w,
    pattern.full_days_missed_in_row,
    pattern.edge_days_missed_4w,
    pattern.weekday_share_12w,
    subject.subject_share_12w,
    outlook.unexcused_lessons_confirmed,
    outlook.unexcused_lessons_projected,
    mark_trend.mark_mean_12w,
    mark_trend.mark_spread_12w,
    mark_trend.mark_slope_12w,
    mark.works_missed,
    promotion.subjects_below_4_beyond_allowed,
    promotion.exam_subjects_at_3_to_4,
    period.period_mark_gap_largest,
    path.is_transition_year,
    path.is_vocational_first_year,
    coverage.school_days_since_data,
    coverage.days_recorded_year
from risk.pupil_week_cohort as cohort
inner join risk.pupil_week_attendance_measure as attendance
    on cohort.pupil_key = attendance.pupil_key and cohort.as_of = attendance.as_of
inner join risk.pupil_week_mark_measure as mark
    on cohort.pupil_key = mark.pupil_key and cohort.as_of = mark.as_of
inner join risk.pupil_week_path_measure as path
    on cohort.pupil_key = path.pupil_key and cohort.as_of = path.as_of
left join risk.pupil_week_absence_trend as trend
    on cohort.pupil_key = trend.pupil_key and cohort.as_of = trend.as_of
left join risk.pupil_week_class_comparison as class
    on cohort.pupil_key = class.pupil_key and cohort.as_of = class.as_of
left join risk.pupil_week_absence_pattern as pattern
    on cohort.pupil_key = pattern.pupil_key and cohort.as_of = pattern.as_of
left join risk.pupil_week_subject_pattern as subject
    on cohort.pupil_key = subject.pupil_key and cohort.as_of = subject.as_of
left join risk.pupil_week_unexcused_outlook as outlook
    on cohort.pupil_key = outlook.pupil_key and cohort.as_of = outlook.as_of
left join risk.pupil_week_mark_trend as mark_trend
    on cohort.pupil_key = mark_trend.pupil_key and cohort.as_of = mark_trend.as_of
left join risk.pupil_week_promotion_measure as promotion
    on cohort.pupil_key = promotion.pupil_key and cohort.as_of = promotion.as_of
left join risk.pupil_week_period_mark_gap as period
    on cohort.pupil_key = period.pupil_key and cohort.as_of = period.as_of
left join risk.pupil_week_coverage_measure as coverage
    on cohort.pupil_key = coverage.pupil_key and cohort.as_of = coverage.as_of
