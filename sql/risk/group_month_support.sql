-- Grain: one row per month's close, school, grade and sex.
-- Pupils with an open case by how far it has come, and pupils with a plan. A stage lies in the one before: who is
-- supported and was not spoken with counts as noticed alone. Raw counts: they leave only through the disclosure code.
-- Of a school that has told of no case, or of no plan, by the day, nothing is known: empty, not 0.
with month_close as (
    select as_of
    from risk.as_of_date
    where is_month_close
),

of_case as (
    select
        support_case.pupil_key,
        month_close.as_of,
        true as is_noticed,
        coalesce(bool_or(support_case.spoken_on < month_close.as_of), false) as is_spoken_with,
        coalesce(
            bool_or(support_case.spoken_on < month_close.as_of and support_case.supported_on < month_close.as_of), false
        ) as is_supported
    from core.support_case
    inner join month_close
        on
            support_case.noticed_on < month_close.as_of
            and (support_case.closed_on is null or support_case.closed_on >= month_close.as_of)
    group by support_case.pupil_key, month_close.as_of
),

plan_state as (
    select
        status.source,
        status.plan_id,
        month_close.as_of,
        max_by(status.status, status.status_on) as status
    from core.support_plan_status as status
    inner join month_close on status.status_on < month_close.as_of
    group by status.source, status.plan_id, month_close.as_of
),

of_plan as (
    select distinct
        support_plan.pupil_key,
        plan_state.as_of
    from core.support_plan
    inner join plan_state
        on support_plan.source = plan_state.source and support_plan.plan_id = plan_state.plan_id
    where
        plan_state.status in ('approved', 'in_progress', 'under_revision')
        and support_plan.opened_on < plan_state.as_of
        and (support_plan.closed_on is null or support_plan.closed_on >= plan_state.as_of)
),

of_pupil as (
    select
        coalesce(of_case.pupil_key, of_plan.pupil_key) as pupil_key,
        coalesce(of_case.as_of, of_plan.as_of) as as_of,
        coalesce(of_case.is_noticed, false) as is_noticed,
        coalesce(of_case.is_spoken_with, false) as is_spoken_with,
        coalesce(of_case.is_supported, false) as is_supported,
        of_plan.pupil_key is not null as has_plan
    from of_case
    full join of_plan on of_case.pupil_key = of_plan.pupil_key and of_case.as_of = of_plan.as_of
),

grouped as (
    select
        placed.as_of,
        placed.school_reg_no,
        placed.grade,
        placed.sex,
        count(case when of_pupil.is_noticed then 1 end) as pupils_noticed,
        count(case when of_pupil.is_spoken_with then 1 end) as pupils_spoken_with,
        count(case when of_pupil.is_supported then 1 end) as pupils_supported,
        count(case when of_pupil.has_plan then 1 end) as pupils_with_plan
    from risk.pupil_week_group as placed
    inner join of_pupil on placed.pupil_key = of_pupil.pupil_key and placed.as_of = of_pupil.as_of
    group by placed.as_of, placed.school_reg_no, placed.grade, placed.sex
),

tells_cases as (
    select
        school_reg_no,
        min(noticed_on) as since_on
    from core.support_case
    group by school_reg_no
),

tells_plans as (
    select
        school_reg_no,
        min(opened_on) as since_on
    from core.support_plan
    group by school_reg_no
)

select
    counted.as_of,
    counted.school_reg_no,
    counted.grade,
    counted.sex,
    counted.atvk_code,
    counted.school_kind,
    counted.pupils,
    case when tells_cases.since_on < counted.as_of then coalesce(grouped.pupils_noticed, 0) end as pupils_noticed,
    case when tells_cases.since_on < counted.as_of then coalesce(grouped.pupils_spoken_with, 0) end
        as pupils_spoken_with,
    case when tells_cases.since_on < counted.as_of then coalesce(grouped.pupils_supported, 0) end as pupils_supported,
    case when tells_plans.since_on < counted.as_of then coalesce(grouped.pupils_with_plan, 0) end as pupils_with_plan
from risk.group_week_count as counted
inner join month_close on counted.as_of = month_close.as_of
left join grouped
    on
        counted.as_of = grouped.as_of
        and counted.school_reg_no = grouped.school_reg_no
        and counted.grade = grouped.grade
        and counted.sex = grouped.sex
left join tells_cases on counted.school_reg_no = tells_cases.school_reg_no
left join tells_plans on counted.school_reg_no = tells_plans.school_reg_no
