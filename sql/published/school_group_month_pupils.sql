-- Grain: one row per month, school, grade and sex.
-- The groups that all published tables are sums of: how many pupils they have can be counted in a school yard.
select
    as_of_date.month as period,
    as_of_date.as_of,
    counted.school_reg_no,
    max(counted.school_name) as name,
    counted.atvk_code,
    counted.school_kind as kind,
    counted.grade,
    counted.band,
    counted.sex,
    sum(counted.pupils) as pupils
from risk.group_week_count as counted
inner join risk.as_of_date on counted.as_of = as_of_date.as_of and as_of_date.is_month_close
group by as_of_date.month, as_of_date.as_of, counted.atvk_code, counted.school_kind, counted.school_reg_no, counted.grade, counted.band, counted.sex
order by as_of_date.month, as_of_date.as_of, counted.school_reg_no, counted.grade, counted.band, counted.sex
