-- Grain: one row per institution and validity start.
-- Where a municipality was merged and the register does not say so, its schools go on under the successor's code. A school
-- that the register no longer names goes on as it last was: what was recorded there still stands.
with no_longer_named as (
    select *
    from history.institution
    anti join raw.institution as named on institution.school_reg_no = named.school_reg_no
    qualify
        institution.known_to = max(institution.known_to) over (partition by institution.school_reg_no)
        and row_number() over (
            partition by institution.school_reg_no, institution.valid_from
            order by institution.known_to desc, institution.version desc
        ) = 1
),

told as (
    select * from raw.institution
    union all by name
    select * from no_longer_named
),

dated as (
    select
        told.school_reg_no,
        told.valid_from,
        told.name,
        told.atvk_code,
        told.kind,
        told.founder,
        least(
            told.valid_to, lead(told.valid_from) over (partition by told.school_reg_no order by told.valid_from) - 1
        ) as valid_to,
        municipality.valid_to as merged_on,
        municipality.successor_atvk
    from told
    left join core.municipality
        on told.atvk_code = municipality.atvk_code and municipality.successor_atvk is not null
)

select
    school_reg_no,
    valid_from,
    name,
    atvk_code,
    kind,
    founder,
    least(valid_to, merged_on) as valid_to
from dated
where merged_on is null or valid_from <= merged_on
union all
select
    school_reg_no,
    greatest(valid_from, merged_on + 1) as valid_from,
    name,
    successor_atvk as atvk_code,
    kind,
    founder,
    valid_to
from dated
where coalesce(valid_to, date '9999-12-31') > merged_on
order by school_reg_no, valid_from
