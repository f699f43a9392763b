-- Grain: one row per programme and validity start.
select
    programme,
    valid_from,
    name_lv,
    name_en,
    project_no,
    run_by,
    funding_lv,
    funding_en,
    valid_to
from raw.programme
order by programme, valid_from
