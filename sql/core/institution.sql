-- Grain: one row per institution and validity start.
-- Where a municipality was merged and the register does not say so, its schools go on under the successor's code.
with dated as (
    select
        institution.school_reg_no,
        institution.valid_from,
        institution.name,
        institution.atvk_code,
        institution.kind,
        institution.founder,
        least(
            institution.valid_to,
            lead(institution.valid_from) over (
                partition by institution.school_reg_no order by institution.valid_from
            ) - 1
        ) as valid_to,
        municipality.valid_to as merged_on,
        municipality.successor_atvk
    from raw.institution
    left join core.municipality
        on institution.atvk_code = municipality.atvk_code and municipality.successor_atvk is not null
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
