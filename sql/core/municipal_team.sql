-- Grain: one row per municipality, seat and first day: roles and parties, never a name.
select
    atvk_code,
    seat_no,
    valid_from,
    party,
    role,
    valid_to
from raw.municipal_team
order by atvk_code, seat_no, valid_from
