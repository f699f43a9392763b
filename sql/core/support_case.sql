-- Grain: one row per delivering source and case.
-- Noticed, spoken with, supported: three days, each empty until it comes.
select
    support_case.source,
    support_case.case_id,
    coalesce(identity.standing_pupil_key, support_case.pupil_key) as pupil_key,
    support_case.school_reg_no,
    support_case.noticed_on,
    support_case.noticed_by,
    support_case.basis,
    support_case.spoken_on,
    support_case.supported_on,
    support_case.closed_on,
    support_case.outcome,
    support_case.spoken_on - support_case.noticed_on as days_to_talk,
    support_case.supported_on - support_case.noticed_on as days_to_support
from raw.support_case
left join core.pupil_identity as identity on support_case.pupil_key = identity.pupil_key
order by support_case.source, support_case.case_id
