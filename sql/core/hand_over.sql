-- Grain: one row per delivering source and hand-over.
-- Open until it was answered, whatever the answer.
select
    hand_over.source,
    hand_over.hand_over_id,
    coalesce(identity.standing_pupil_key, hand_over.pupil_key) as pupil_key,
    hand_over.school_reg_no,
    hand_over.basis,
    hand_over.from_party,
    hand_over.to_party,
    hand_over.sent_on,
    hand_over.answered_on,
    hand_over.answer,
    hand_over.answered_on - hand_over.sent_on as days_to_answer
from raw.hand_over
left join core.pupil_identity as identity on hand_over.pupil_key = identity.pupil_key
order by hand_over.source, hand_over.hand_over_id
