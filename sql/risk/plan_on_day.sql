-- Grain: one row per as-of day and plan that is open on it.
-- A plan is open from the day of its opening up to the day before its closing, unless it is void. Before its first state
-- was told it is open, too, unless it is void by now: that it never was used.
with state as (
    select
        status.source,
        status.plan_id,
        as_of_date.as_of,
        max_by(status.status, status.status_on) as status,
        max(status.status_on) as status_on
    from core.support_plan_status as status
    inner join risk.as_of_date on status.status_on <= as_of_date.as_of
    group by status.source, status.plan_id, as_of_date.as_of
)

select
    as_of_date.as_of,
    support_plan.source,
    support_plan.plan_id,
    support_plan.pupil_key,
    support_plan.school_reg_no,
    support_plan.opened_on,
    coalesce(state.status, 'unknown') as status,
    coalesce(state.status_on, support_plan.opened_on) as status_on
from core.support_plan
inner join risk.as_of_date
    on
        support_plan.opened_on <= as_of_date.as_of
        and (support_plan.closed_on is null or support_plan.closed_on > as_of_date.as_of)
left join state
    on
        support_plan.source = state.source
        and support_plan.plan_id = state.plan_id
        and as_of_date.as_of = state.as_of
where coalesce(state.status, support_plan.status) <> 'void'
