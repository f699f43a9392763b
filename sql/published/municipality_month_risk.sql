-- Grain: one row per month and municipality.
-- Raw counts: they leave only through the disclosure code. Where nobody's measure is known, the count is empty, not 0.
select
    as_of_date.month as period,
    as_of_date.as_of,
    counted.atvk_code,
    max(municipality.name_lv) as name_lv,
    max(municipality.name_en) as name_en,
    sum(counted.pupils) as pupils,
    case when sum(counted.pupils_known) > 0 then sum(counted.pupils_at_risk) end as pupils_at_risk,
    sum(counted.pupils_raised_unexcused_10) as pupils_raised_unexcused_10,
    sum(counted.pupils_raised_unexcused_15) as pupils_raised_unexcused_15,
    sum(counted.pupils_raised_unexcused_over_20) as pupils_raised_unexcused_over_20,
    sum(counted.pupils_raised_absence_4w) as pupils_raised_absence_4w,
    sum(counted.pupils_raised_absence_rise) as pupils_raised_absence_rise,
    sum(counted.pupils_raised_chronic_absence) as pupils_raised_chronic_absence,
    sum(counted.pupils_raised_subjects_below_4) as pupils_raised_subjects_below_4,
    sum(counted.pupils_raised_open_nv) as pupils_raised_open_nv,
    sum(counted.pupils_raised_mark_fall) as pupils_raised_mark_fall,
    sum(counted.pupils_raised_over_age) as pupils_raised_over_age,
    sum(counted.pupils_raised_repeating) as pupils_raised_repeating,
    sum(counted.pupils_raised_school_change) as pupils_raised_school_change
from risk.group_week_count as counted
inner join risk.as_of_date on counted.as_of = as_of_date.as_of and as_of_date.is_month_close
inner join core.municipality
    on
        counted.atvk_code = municipality.atvk_code
        and as_of_date.as_of between municipality.valid_from and coalesce(municipality.valid_to, date '9999-12-31')
group by as_of_date.month, as_of_date.as_of, counted.atvk_code
order by as_of_date.month, as_of_date.as_of, counted.atvk_code
