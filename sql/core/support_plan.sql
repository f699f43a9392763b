-- Grain: one row per plan.
-- A pupil with support all year has two plans: count pupils and plans separately.
select
    plan_id,
    pupil_key,
    school_reg_no,
    programme,
    status,
    status_on,
    opened_on,
    closed_on
from raw.support_plan
order by plan_id
