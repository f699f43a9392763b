-- Grain: one row per municipality and validity start.
-- A merged municipality stays with its end date; counts follow the code that was valid on the as-of day. One that the
-- register no longer names, though schools belong to it, goes on as it last was.
with no_longer_named as (
    select *
    from history.municipality
    anti join raw.municipality as named on municipality.atvk_code = named.atvk_code
    semi join history.institution on municipality.atvk_code = institution.atvk_code
    qualify
        municipality.known_to = max(municipality.known_to) over (partition by municipality.atvk_code)
        and row_number() over (
            partition by municipality.atvk_code, municipality.valid_from
            order by municipality.known_to desc, municipality.version desc
        ) = 1
),

told as (
    select * from raw.municipality
    union all by name
    select * from no_longer_named
)

select
    atvk_code,
    valid_from,
    name_lv,
    coalesce(name_en, name_lv) as name_en,
    kind,
    least(valid_to, lead(valid_from) over (partition by atvk_code order by valid_from) - 1) as valid_to,
    successor_atvk
from told
order by atvk_code, valid_from
