-- Grain: one row per month and municipality.
-- Raw counts: this query's rows leave only through the disclosure code; nobody stores them. Where nobody's measure is
-- known, the count is empty, not 0.
select
    as_of_date.month as period,
    as_of_date.as_of,
    cohort.atvk_code,
    max(municipality.name_lv) as name_lv,
    max(municipality.name_en) as name_en,
    count(*) as pupils,
    case
        when bool_or(summary.is_at_risk) or not bool_and(coalesce(summary.is_no_data, false))
            then count(case when summary.is_at_risk then 1 end)
    end as pupils_at_risk,
    sum(raised.unexcused_10::integer) as pupils_raised_unexcused_10,
    sum(raised.unexcused_15::integer) as pupils_raised_unexcused_15,
    sum(raised.unexcused_over_20::integer) as pupils_raised_unexcused_over_20,
    sum(raised.absence_4w::integer) as pupils_raised_absence_4w,
    sum(raised.absence_rise::integer) as pupils_raised_absence_rise,
    sum(raised.chronic_absence::integer) as pupils_raised_chronic_absence,
    sum(raised.subjects_below_4::integer) as pupils_raised_subjects_below_4,
    sum(raised.open_nv::integer) as pupils_raised_open_nv,
    sum(raised.mark_fall::integer) as pupils_raised_mark_fall,
    sum(raised.over_age::integer) as pupils_raised_over_age,
    sum(raised.repeating::integer) as pupils_raised_repeating,
    sum(raised.school_change::integer) as pupils_raised_school_change,
    sum(raised.no_data::integer) as pupils_raised_no_data
from risk.pupil_week_cohort as cohort
inner join risk.as_of_date on cohort.as_of = as_of_date.as_of and as_of_date.is_month_close
inner join risk.pupil_week_summary as summary on cohort.pupil_key = summary.pupil_key and cohort.as_of = summary.as_of
left join risk.pupil_week_verdict as raised on cohort.pupil_key = raised.pupil_key and cohort.as_of = raised.as_of
inner join core.municipality
    on
        cohort.atvk_code = municipality.atvk_code
        and as_of_date.as_of between municipality.valid_from and coalesce(municipality.valid_to, date '9999-12-31')
group by as_of_date.month, as_of_date.as_of, cohort.atvk_code
order by as_of_date.month, as_of_date.as_of, cohort.atvk_code
