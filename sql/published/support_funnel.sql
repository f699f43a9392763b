-- Grain: one row per month, municipality and kind of school.
-- Raw counts, which leave only through the disclosure code. While no school of the country has told of a case, or of a
-- plan, the count is empty, not 0.
select
    as_of_date.month as period,
    as_of_date.as_of,
    counted.atvk_code,
    counted.school_kind as kind,
    max(municipality.name_lv) as name_lv,
    max(municipality.name_en) as name_en,
    sum(counted.pupils) as pupils,
    sum(counted.pupils_noticed) as pupils_noticed,
    sum(counted.pupils_spoken_with) as pupils_spoken_with,
    sum(counted.pupils_supported) as pupils_supported,
    sum(counted.pupils_with_plan) as pupils_with_plan
from risk.group_month_support as counted
inner join risk.as_of_date on counted.as_of = as_of_date.as_of and as_of_date.is_month_close
inner join core.municipality
    on
        counted.atvk_code = municipality.atvk_code
        and as_of_date.as_of between municipality.valid_from and coalesce(municipality.valid_to, date '9999-12-31')
group by as_of_date.month, as_of_date.as_of, counted.atvk_code, counted.school_kind
order by as_of_date.month, as_of_date.as_of, counted.atvk_code, counted.school_kind
