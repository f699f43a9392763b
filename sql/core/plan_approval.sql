-- Grain: one row per delivering source, plan, level of the chain and day of decision.
-- The chain: application, plan author, head of school, municipal coordinator, programme. On a day the newest decision of a
-- level counts. A municipality may tell of the plan of a school's system: plan_source is whose plan it is, if only one has
-- a plan of that code.
with owner as (
    select
        plan_id,
        min(source) as source
    from core.support_plan
    group by plan_id
    having count(distinct source) = 1
)

select
    approval.source,
    approval.plan_id,
    approval.level,
    case approval.level
        when 'application' then 1
        when 'plan_author' then 2
        when 'school_head' then 3
        when 'municipal_coordinator' then 4
        when 'programme' then 5
    end as level_no,
    approval.decided_on,
    approval.decision,
    coalesce(own.source, owner.source) as plan_source
from raw.plan_approval as approval
left join core.support_plan as own on approval.source = own.source and approval.plan_id = own.plan_id
left join owner on approval.plan_id = owner.plan_id
order by approval.source, approval.plan_id, level_no, approval.decided_on
