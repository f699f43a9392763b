-- Grain: one row per municipality and validity start.
-- A merged municipality stays with its end date; counts follow the code that was valid on the as-of day.
select
    atvk_code,
    valid_from,
    name_lv,
    coalesce(name_en, name_lv) as name_en,
    kind,
    valid_to,
    successor_atvk
from raw.municipality
order by atvk_code, valid_from
