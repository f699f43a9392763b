-- Grain: one row per delivering source and request for a consultation.
-- Who asks need not be a partner. A request is open until it was held, declined or withdrawn.
select
    source,
    request_id,
    organisation,
    atvk_code,
    asker_role,
    topic,
    asked_on,
    held_on,
    coalesce(outcome, case when held_on is null then 'waiting' else 'held' end) as outcome,
    held_on - asked_on as days_to_answer
from raw.consultation_request
order by source, request_id
