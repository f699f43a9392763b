-- Grain: one row per delivering source, event, municipality, sector and role. Counts of staff, never a person.
select
    place.source,
    place.support_id,
    place.atvk_code,
    place.sector,
    place.role,
    staff_support.kind,
    staff_support.topic,
    place.enrolled,
    place.completed,
    place.certificates
from raw.programme_place as place
inner join core.staff_support on place.source = staff_support.source and place.support_id = staff_support.support_id
order by place.source, place.support_id, place.atvk_code, place.sector, place.role
