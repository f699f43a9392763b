-- Grain: one row per pupil, as-of day and indicator.
-- The rule is data: the version valid on the as-of day compares; an unknown measure raises nothing.
-- Indicators of health stand here, too: whoever carries rows on asks the rule's is_health first.
with known as (
    -- Before the rules: a pupil's day is looked up once, and not once for every rule.
    select
        measure.*,
        health.ill_lessons_4w,
        health.ill_lessons_12w
    from risk.pupil_week_measure as measure
    left join risk.pupil_week_health_measure as health
        on measure.pupil_key = health.pupil_key and measure.as_of = health.as_of
),

valued as (
    select
        measure.pupil_key,
        measure.as_of,
        rule.indicator,
        rule.version,
        rule.comparison,
        rule.threshold,
        case rule.measure
            when 'unexcused_lessons_semester' then measure.unexcused_lessons_semester
            when 'absence_rate_4w' then measure.absence_rate_4w
            when 'absence_rate_rise' then measure.absence_rate_rise
            when 'absence_rate_year' then measure.absence_rate_year
            when 'unrecorded_share_4w' then measure.unrecorded_share_4w
            when 'subjects_below_4' then measure.subjects_below_4
            when 'open_nv' then measure.open_nv
            when 'mark_fall' then measure.mark_fall
            when 'over_age_years' then measure.over_age_years
            when 'repeats_grade' then measure.repeats_grade
            when 'school_changes_year' then measure.school_changes_year
            when 'absence_rate_2w' then measure.absence_rate_2w
            when 'absence_rate_12w' then measure.absence_rate_12w
            when 'absence_slope_12w' then measure.absence_slope_12w
            when 'late_rate_4w' then measure.late_rate_4w
            when 'absence_above_class' then measure.absence_above_class
            when 'full_days_missed_4w' then measure.full_days_missed_4w
            when 'full_days_missed_in_row' then measure.full_days_missed_in_row
            when 'edge_days_missed_4w' then measure.edge_days_missed_4w
            when 'weekday_share_12w' then measure.weekday_share_12w
            when 'subject_share_12w' then measure.subject_share_12w
            when 'unexcused_lessons_confirmed' then measure.unexcused_lessons_confirmed
            when 'unexcused_lessons_projected' then measure.unexcused_lessons_projected
            when 'mark_mean_12w' then measure.mark_mean_12w
            when 'mark_spread_12w' then measure.mark_spread_12w
            when 'mark_slope_12w' then measure.mark_slope_12w
            when 'works_missed' then measure.works_missed
            when 'subjects_below_4_beyond_allowed' then measure.subjects_below_4_beyond_allowed
            when 'exam_subjects_at_3_to_4' then measure.exam_subjects_at_3_to_4
            when 'period_mark_gap_largest' then measure.period_mark_gap_largest
            when 'is_transition_year' then measure.is_transition_year
            when 'is_vocational_first_year' then measure.is_vocational_first_year
            when 'school_days_since_data' then measure.school_days_since_data
            when 'days_recorded_year' then measure.days_recorded_year
            when 'ill_lessons_4w' then measure.ill_lessons_4w
            when 'ill_lessons_12w' then measure.ill_lessons_12w
        end as value
    from known as measure
    inner join risk.indicator_rule as rule
        on measure.as_of between rule.valid_from and coalesce(rule.valid_to, date '9999-12-31')
)

select
    pupil_key,
    as_of,
    indicator,
    version,
    value,
    threshold,
    coalesce(
        case comparison
            when '>' then value > threshold
            when '>=' then value >= threshold
            when '<' then value < threshold
            when '<=' then value <= threshold
        end,
        false
    ) as is_raised,
    value is null as is_no_data
from valued
