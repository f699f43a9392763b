-- Grain: one row per institution and validity start.
select
    school_reg_no,
    valid_from,
    name,
    atvk_code,
    kind,
    founder,
    valid_to
from raw.institution
order by school_reg_no, valid_from
