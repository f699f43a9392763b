-- Grain: one row per delivering source and request.
-- Who asks need not be a partner. A request is open until it was held, declined or withdrawn; where a register does not
-- say what is asked for, it is a consultation. Refused and offered on the day of the answer; where none is told, at once.
select
    source,
    request_id,
    organisation,
    atvk_code,
    asker_role,
    topic,
    asked_on,
    held_on,
    coalesce(
        outcome,
        case when held_on is not null then 'held' when planned_on is not null then 'offered' else 'waiting' end
    ) as outcome,
    coalesce(answered_on, held_on) - asked_on as days_to_answer,
    coalesce(kind, 'consultation') as kind,
    case when outcome in ('declined', 'withdrawn') then coalesce(answered_on, asked_on) end as refused_on,
    case when planned_on is not null then coalesce(answered_on, asked_on) end as offered_on,
    answered_on,
    planned_on,
    programme,
    case
        when
            topic in (
                'T1',
                'T2',
                'T3',
                'T4',
                'T5',
                'P1',
                'P2',
                'P3',
                'work_with_parents',
                'support_plan',
                'attendance',
                'conflict',
                'special_needs',
                'motivation'
            )
            then topic
        else 'other'
    end as topic_code
from raw.consultation_request
order by source, request_id
