-- Grain: one row per delivering source and youth initiative project.
select
    source,
    project_id,
    atvk_code,
    call,
    organisation_kind,
    aim,
    programme,
    euro,
    pupils_reached,
    from_date,
    to_date
from raw.youth_project
order by source, project_id
