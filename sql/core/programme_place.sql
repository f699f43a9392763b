-- Grain: one row per delivering source, event, municipality, sector and role. Counts of staff, never a person.
-- Another source may tell of the places of an event: the event is its own or, if it has none of that code, the only other.
with owner as (
    select
        support_id,
        min(source) as source
    from core.staff_support
    group by support_id
    having count(distinct source) = 1
)

select
    place.source,
    place.support_id,
    place.atvk_code,
    place.sector,
    place.role,
    coalesce(own.kind, other.kind) as kind,
    coalesce(own.topic, other.topic) as topic,
    place.enrolled,
    place.completed,
    place.certificates,
    coalesce(own.held_on, other.held_on) as held_on
from raw.programme_place as place
left join core.staff_support as own on place.source = own.source and place.support_id = own.support_id
left join owner on place.support_id = owner.support_id
left join core.staff_support as other on owner.source = other.source and owner.support_id = other.support_id
order by place.source, place.support_id, place.atvk_code, place.sector, place.role
