-- Grain: one row per delivering source, plan and level of the chain: its newest decision.
-- The chain: application, plan author, head of school, municipal coordinator, programme.
with leveled as (
    select
        source,
        plan_id,
        level,
        case level
            when 'application' then 1
            when 'plan_author' then 2
            when 'school_head' then 3
            when 'municipal_coordinator' then 4
            when 'programme' then 5
        end as level_no,
        max(decided_on) as decided_on,
        max_by(decision, decided_on) as decision
    from raw.plan_approval
    group by source, plan_id, level
)

select
    source,
    plan_id,
    level,
    level_no,
    decided_on,
    decision,
    max(decided_on) over (
        partition by source, plan_id order by level_no rows between unbounded preceding and 1 preceding
    ) <= decided_on as is_after_level_before
from leveled
order by source, plan_id, level_no
