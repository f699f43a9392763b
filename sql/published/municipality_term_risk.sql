-- Grain: one row per month, municipality or all, and kind of school or all.
-- The first month of a term is left out: it is that month itself, and told twice it would be told too exactly.
-- Raw counts: they leave only through the disclosure code. Where of nobody anything was known so far, the count is empty.
with counted as (
    select
        month as period,
        as_of,
        school_year,
        semester,
        coalesce(atvk_code, 'all') as atvk_code,
        coalesce(school_kind, 'all') as kind,
        sum(pupils) as pupils,
        case when sum(pupils_known_this_term) > 0 then sum(pupils_at_risk_this_term) end as pupils_at_risk_this_term
    from risk.group_month_so_far
    where month_of_term > 1
    group by month, as_of, school_year, semester, cube (atvk_code, school_kind)
)

select
    counted.period,
    counted.as_of,
    counted.school_year,
    counted.semester,
    counted.atvk_code,
    counted.kind,
    coalesce(municipality.name_lv, 'Latvija') as name_lv,
    coalesce(municipality.name_en, 'Latvia') as name_en,
    counted.pupils,
    counted.pupils_at_risk_this_term
from counted
left join core.municipality
    on
        counted.atvk_code = municipality.atvk_code
        and counted.as_of between municipality.valid_from and coalesce(municipality.valid_to, date '9999-12-31')
where counted.atvk_code = 'all' or municipality.atvk_code is not null
order by counted.period, counted.as_of, counted.atvk_code, counted.kind
