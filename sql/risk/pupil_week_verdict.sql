-- Grain: one row per pupil and as-of day of whom anything is known.
-- The verdicts that are published, side by side: two publications count them over all months, and a run makes one day's.
-- Empty where the measure is not known.
select
    pupil_key,
    as_of,
    bool_or(case when indicator = 'unexcused_10' then is_raised end) as unexcused_10,
    bool_or(case when indicator = 'unexcused_15' then is_raised end) as unexcused_15,
    bool_or(case when indicator = 'unexcused_over_20' then is_raised end) as unexcused_over_20,
    bool_or(case when indicator = 'absence_4w' then is_raised end) as absence_4w,
    bool_or(case when indicator = 'absence_rise' then is_raised end) as absence_rise,
    bool_or(case when indicator = 'chronic_absence' then is_raised end) as chronic_absence,
    bool_or(case when indicator = 'subjects_below_4' then is_raised end) as subjects_below_4,
    bool_or(case when indicator = 'open_nv' then is_raised end) as open_nv,
    bool_or(case when indicator = 'mark_fall' then is_raised end) as mark_fall,
    bool_or(case when indicator = 'over_age' then is_raised end) as over_age,
    bool_or(case when indicator = 'repeating' then is_raised end) as repeating,
    bool_or(case when indicator = 'school_change' then is_raised end) as school_change,
    bool_or(case when indicator = 'no_data' then is_raised end) as no_data
from risk.pupil_week_indicator
where not coalesce(is_no_data, false)
group by pupil_key, as_of
