-- Grain: one row per delivering source, plan and day since when it was in a state.
-- Read from all versions of a plan, not the newest alone. A later version that goes back in time corrects what stood
-- after its day: that state never was.
with told as (
    select
        source,
        plan_id,
        status_on,
        status,
        min(status_on) over (
            partition by source, plan_id order by version desc rows between unbounded preceding and 1 preceding
        ) as later_told_on
    from history.support_plan
)

select
    told.source,
    told.plan_id,
    told.status_on,
    told.status
from told
inner join raw.support_plan on told.source = support_plan.source and told.plan_id = support_plan.plan_id
where told.later_told_on is null or told.later_told_on > told.status_on
order by told.source, told.plan_id, told.status_on
