-- Grain: one row per month's close and municipality of that day, or all.
select
    month_term.month,
    month_term.as_of,
    month_term.school_year,
    month_term.semester,
    month_term.term_starts_on,
    month_term.year_starts_on,
    municipality.atvk_code,
    municipality.name_lv,
    coalesce(municipality.name_en, municipality.name_lv) as name_en
from risk.month_term
inner join core.municipality
    on month_term.as_of between municipality.valid_from and coalesce(municipality.valid_to, date '9999-12-31')
union all
select
    month,
    as_of,
    school_year,
    semester,
    term_starts_on,
    year_starts_on,
    'all' as atvk_code,
    'Latvija' as name_lv,
    'Latvia' as name_en
from risk.month_term
