-- Grain: one row per month and school.
-- Raw counts: they leave only through the disclosure code. Where of nobody enough is known, the count is empty, not 0.
select
    as_of_date.month as period,
    as_of_date.as_of,
    counted.school_reg_no,
    max(counted.school_name) as name,
    counted.atvk_code,
    counted.school_kind as kind,
    sum(counted.pupils) as pupils,
    case when sum(counted.pupils_known) > 0 then sum(counted.pupils_at_risk) end as pupils_at_risk
from risk.group_week_count as counted
inner join risk.as_of_date on counted.as_of = as_of_date.as_of and as_of_date.is_month_close
group by as_of_date.month, as_of_date.as_of, counted.atvk_code, counted.school_kind, counted.school_reg_no
order by as_of_date.month, as_of_date.as_of, counted.school_reg_no
