-- Grain: one row per delivering source, plan and measure number.
select
    source,
    plan_id,
    measure_no,
    risk_group,
    risk_code,
    measure_code,
    provider_role,
    amount,
    unit,
    from_date,
    to_date
from raw.support_measure
order by source, plan_id, measure_no
