-- Grain: one row per month's close, school, grade and sex.
-- Pupils with an open case by how far it has come, and pupils with a plan. A stage lies in the one before: who is
-- supported and was not spoken with counts as noticed alone. Raw counts: they leave only through the disclosure code.
-- Where no school of the country has told of a case, or of a plan, by the day, nothing is known: empty, not 0.
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

of_plan as (
    select distinct
        plan_on_day.pupil_key,
        plan_on_day.as_of
    from risk.plan_on_day
    inner join month_close on plan_on_day.as_of = month_close.as_of
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

-- Which school tells of cases is itself known by its cases: a group's count is empty only while no school does.
register as (
    select
        (select min(noticed_on) from core.support_case) as cases_since,
        (select min(opened_on) from core.support_plan) as plans_since
)

select
    counted.as_of,
    counted.school_reg_no,
    counted.grade,
    counted.sex,
    counted.atvk_code,
    counted.school_kind,
    counted.pupils,
    case when register.cases_since < counted.as_of then coalesce(grouped.pupils_noticed, 0) end as pupils_noticed,
    case when register.cases_since < counted.as_of then coalesce(grouped.pupils_spoken_with, 0) end
        as pupils_spoken_with,
    case when register.cases_since < counted.as_of then coalesce(grouped.pupils_supported, 0) end as pupils_supported,
    case when register.plans_since < counted.as_of then coalesce(grouped.pupils_with_plan, 0) end as pupils_with_plan
from risk.group_week_count as counted
inner join month_close on counted.as_of = month_close.as_of
left join grouped
    on
        counted.as_of = grouped.as_of
        and counted.school_reg_no = grouped.school_reg_no
        and counted.grade = grouped.grade
        and counted.sex = grouped.sex
cross join register
