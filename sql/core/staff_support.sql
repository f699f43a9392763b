-- Grain: one row per delivering source and event of support to staff.
-- An event for a school stands where the school is on its day. Never content, never a person; no pupil is near it.
with event as (
    select
        source,
        support_id,
        kind,
        topic,
        school_reg_no,
        atvk_code,
        planned_on,
        held_on,
        coalesce(held_on, planned_on) as event_on,
        hours,
        mode,
        seats,
        risk_stage,
        run,
        led_by,
        material,
        follow_up_on,
        programme
    from raw.staff_support
),

placed as (
    -- Of a day before the register knew the school, its first entry is the best we know.
    select
        event.source,
        event.support_id,
        coalesce(
            max_by(
                institution.atvk_code, case when institution.valid_from <= event.event_on then institution.valid_from end
            ),
            min_by(institution.atvk_code, institution.valid_from)
        ) as atvk_code,
        coalesce(
            max_by(institution.kind, case when institution.valid_from <= event.event_on then institution.valid_from end),
            min_by(institution.kind, institution.valid_from)
        ) as school_kind
    from event
    inner join core.institution on event.school_reg_no = institution.school_reg_no
    group by event.source, event.support_id
)

select
    event.source,
    event.support_id,
    event.kind,
    event.topic,
    event.school_reg_no,
    coalesce(event.atvk_code, placed.atvk_code) as atvk_code,
    placed.school_kind,
    event.planned_on,
    event.held_on,
    event.event_on,
    event.hours,
    event.mode,
    event.seats,
    event.risk_stage,
    event.run,
    event.led_by,
    event.material,
    event.follow_up_on,
    event.programme
from event
left join placed on event.source = placed.source and event.support_id = placed.support_id
order by event.source, event.support_id
