-- Grain: one row per pupil, under the key that stands.
-- Names never come this far: they are in the vault, and only the case list opens it. A pupil whom the register no longer
-- names stays, without birth date and sex: what was recorded of the pupil still stands.
with told as (
    select pupil_key
    from history.pupil
    union
    select pupil_key
    from history.person_code_change
    union
    select former_pupil_key as pupil_key
    from history.person_code_change
),

person as (
    select distinct coalesce(identity.standing_pupil_key, told.pupil_key) as pupil_key
    from told
    left join core.pupil_identity as identity on told.pupil_key = identity.pupil_key
),

registered as (
    select
        coalesce(identity.standing_pupil_key, pupil.pupil_key) as pupil_key,
        pupil.birth_date,
        pupil.sex
    from raw.pupil
    left join core.pupil_identity as identity on pupil.pupil_key = identity.pupil_key
)

select
    person.pupil_key,
    registered.birth_date,
    registered.sex
from person
left join registered on person.pupil_key = registered.pupil_key
order by person.pupil_key
