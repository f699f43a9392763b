-- Grain: one row per pupil, as-of day and indicator.
-- The rule is data: the version valid on the as-of day compares; an unknown measure raises nothing.
with valued as (
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
        end as value
    from risk.pupil_week_measure as measure
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
