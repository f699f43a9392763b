-- Grain: one row per pupil.
-- Names never come this far: they are in the vault, and only the case list opens it.
select
    pupil_key,
    birth_date,
    sex
from raw.pupil
order by pupil_key
