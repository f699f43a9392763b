-- Grain: one row per delivering source, plan and day since when it was in a state.
-- Moves as the programme's questions and answers give them. A register tells of a plan now and then: states between two
-- that were told may be missing, so a move that is not direct is no fault by itself. What no missing state explains is: a
-- void plan stays void, has no measures, and a paused plan is resumed within its semester alone.
with allowed as (
    select
        from_status,
        status
    from (
        values
        ('draft', 'in_approval'),
        ('draft', 'void'),
        ('in_approval', 'draft'),
        ('in_approval', 'approved'),
        ('in_approval', 'void'),
        ('approved', 'in_progress'),
        ('approved', 'under_revision'),
        ('approved', 'paused'),
        ('approved', 'void'),
        ('in_progress', 'under_revision'),
        ('in_progress', 'paused'),
        ('under_revision', 'in_approval'),
        ('under_revision', 'approved'),
        ('under_revision', 'paused'),
        ('under_revision', 'void'),
        ('paused', 'under_revision'),
        ('paused', 'void')
    ) as move (from_status, status)
),

semester as (
    select
        support_plan.source,
        support_plan.plan_id,
        min(school_semester.ends_on) as ends_on
    from core.support_plan
    inner join core.school_semester
        on
            support_plan.school_reg_no = school_semester.school_reg_no
            and support_plan.opened_on <= school_semester.ends_on
    group by support_plan.source, support_plan.plan_id
),

measured as (
    select distinct
        source,
        plan_id
    from core.support_measure
),

move as (
    select
        source,
        plan_id,
        status_on,
        lag(status) over (partition by source, plan_id order by status_on) as from_status,
        status
    from core.support_plan_status
)

select
    move.source,
    move.plan_id,
    move.status_on,
    move.from_status,
    move.status,
    case when move.from_status is not null then allowed.status is not null or move.from_status = move.status end
        as is_direct,
    case
        when move.status = 'void' then measured.plan_id is null
        when move.from_status = 'void' then false
        when move.from_status = 'paused' and move.status <> 'paused' then coalesce(move.status_on <= semester.ends_on, true)
        when move.from_status is not null then true
    end as is_legal
from move
left join allowed on move.from_status = allowed.from_status and move.status = allowed.status
left join semester on move.source = semester.source and move.plan_id = semester.plan_id
left join measured on move.source = measured.source and move.plan_id = measured.plan_id
order by move.source, move.plan_id, move.status_on
