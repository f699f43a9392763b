-- Grain: one row per delivering source and plan: a plan's code is unique within its source only.
-- A pupil with support all year has two plans: count pupils and plans separately. The state of a past day stands in
-- core.support_plan_status.
select
    support_plan.source,
    support_plan.plan_id,
    coalesce(identity.standing_pupil_key, support_plan.pupil_key) as pupil_key,
    support_plan.school_reg_no,
    support_plan.programme,
    support_plan.status,
    support_plan.status_on,
    support_plan.opened_on,
    support_plan.closed_on
from raw.support_plan
left join core.pupil_identity as identity on support_plan.pupil_key = identity.pupil_key
order by support_plan.source, support_plan.plan_id
