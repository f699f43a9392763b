-- Grain: one row per month, municipality or all, grade or all, and sex or all.
-- Raw counts: they leave only through the disclosure code. Where of nobody enough is known, the count is empty, not 0.
with counted as (
    select
        as_of_date.month as period,
        as_of_date.as_of,
        coalesce(counted.atvk_code, 'all') as atvk_code,
        coalesce(counted.grade, 'all') as grade,
        coalesce(counted.sex, 'all') as sex,
        sum(counted.pupils) as pupils,
        case when sum(counted.pupils_known) > 0 then sum(counted.pupils_at_risk) end as pupils_at_risk
    from risk.group_week_count as counted
    inner join risk.as_of_date on counted.as_of = as_of_date.as_of and as_of_date.is_month_close
    group by as_of_date.month, as_of_date.as_of, cube (counted.atvk_code, counted.grade, counted.sex)
)

select
    counted.period,
    counted.as_of,
    counted.atvk_code,
    counted.grade,
    counted.sex,
    coalesce(municipality.name_lv, 'Latvija') as name_lv,
    coalesce(municipality.name_en, 'Latvia') as name_en,
    counted.pupils,
    counted.pupils_at_risk
from counted
left join core.municipality
    on
        counted.atvk_code = municipality.atvk_code
        and counted.as_of between municipality.valid_from and coalesce(municipality.valid_to, date '9999-12-31')
where counted.atvk_code = 'all' or municipality.atvk_code is not null
order by counted.period, counted.as_of, counted.atvk_code, counted.grade, counted.sex
