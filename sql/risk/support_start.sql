-- Grain: one row per pupil with a plan opened before the stand that is not void.
-- The first plan of all programmes: a later one is no beginning. A void plan was struck out before it was used.
with plan as (
    select
        support_plan.pupil_key,
        support_plan.opened_on,
        support_plan.programme,
        row_number() over (
            partition by support_plan.pupil_key
            order by support_plan.opened_on, support_plan.source, support_plan.plan_id
        ) as place
    from core.support_plan
    inner join risk.stand on support_plan.opened_on < stand.as_of
    where support_plan.status <> 'void'
)

select
    pupil_key,
    opened_on as started_on,
    programme
from plan
where place = 1
order by pupil_key
