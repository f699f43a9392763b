-- Grain: one row per month and kind of school.
-- Raw counts: this query's rows leave only through the disclosure code; nobody stores them.
with raised as (
    select
        pupil_key,
        as_of,
        bool_or(is_raised and indicator = 'unexcused_10') as unexcused_10,
        bool_or(is_raised and indicator = 'unexcused_15') as unexcused_15,
        bool_or(is_raised and indicator = 'unexcused_over_20') as unexcused_over_20,
        bool_or(is_raised and indicator = 'absence_4w') as absence_4w,
        bool_or(is_raised and indicator = 'absence_rise') as absence_rise,
        bool_or(is_raised and indicator = 'chronic_absence') as chronic_absence,
        bool_or(is_raised and indicator = 'subjects_below_4') as subjects_below_4,
        bool_or(is_raised and indicator = 'open_nv') as open_nv,
        bool_or(is_raised and indicator = 'mark_fall') as mark_fall,
        bool_or(is_raised and indicator = 'over_age') as over_age,
        bool_or(is_raised and indicator = 'repeating') as repeating,
        bool_or(is_raised and indicator = 'school_change') as school_change,
        bool_or(is_raised and indicator = 'no_data') as no_data
    from risk.pupil_week_indicator
    group by pupil_key, as_of
)

select
    as_of_date.month as period,
    as_of_date.as_of,
    cohort.school_kind as kind,
    max(
        case cohort.school_kind
            when 'general' then 'vispārējā izglītība'
            when 'vocational' then 'profesionālā izglītība'
            else 'speciālā izglītība'
        end
    ) as name_lv,
    max(
        case cohort.school_kind
            when 'general' then 'general education'
            when 'vocational' then 'vocational education'
            else 'special education'
        end
    ) as name_en,
    count(*) as pupils,
    count(case when summary.is_at_risk then 1 end) as pupils_at_risk,
    count(case when raised.unexcused_10 then 1 end) as pupils_raised_unexcused_10,
    count(case when raised.unexcused_15 then 1 end) as pupils_raised_unexcused_15,
    count(case when raised.unexcused_over_20 then 1 end) as pupils_raised_unexcused_over_20,
    count(case when raised.absence_4w then 1 end) as pupils_raised_absence_4w,
    count(case when raised.absence_rise then 1 end) as pupils_raised_absence_rise,
    count(case when raised.chronic_absence then 1 end) as pupils_raised_chronic_absence,
    count(case when raised.subjects_below_4 then 1 end) as pupils_raised_subjects_below_4,
    count(case when raised.open_nv then 1 end) as pupils_raised_open_nv,
    count(case when raised.mark_fall then 1 end) as pupils_raised_mark_fall,
    count(case when raised.over_age then 1 end) as pupils_raised_over_age,
    count(case when raised.repeating then 1 end) as pupils_raised_repeating,
    count(case when raised.school_change then 1 end) as pupils_raised_school_change,
    count(case when raised.no_data then 1 end) as pupils_raised_no_data
from risk.pupil_week_cohort as cohort
inner join risk.as_of_date on cohort.as_of = as_of_date.as_of and as_of_date.is_month_close
inner join risk.pupil_week_summary as summary on cohort.pupil_key = summary.pupil_key and cohort.as_of = summary.as_of
inner join raised on cohort.pupil_key = raised.pupil_key and cohort.as_of = raised.as_of
group by as_of_date.month, as_of_date.as_of, cohort.school_kind
order by as_of_date.month, as_of_date.as_of, cohort.school_kind
