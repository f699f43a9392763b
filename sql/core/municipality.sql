-- Grain: one row per municipality and validity start.
-- A merged municipality stays with its end date; counts follow the code that was valid on the as-of day.
select
    atvk_code,
    valid_from,
    name_lv,
    coalesce(name_en, name_lv) as name_en,
    kind,
    least(valid_to, lead(valid_from) over (partition by atvk_code order by valid_from) - 1) as valid_to,
    successor_atvk
from raw.municipality
order by atvk_code, valid_from
