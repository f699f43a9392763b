-- Grain: one row per as-of day whose lists are made and school.
-- Support to staff in the last year, and what is missing to the least number of supervisions: events alone, no pupil is
-- near it.
with day as (
    select as_of
    from risk.as_of_date
    where is_listed
),

wanted as (
    select
        day.as_of,
        policy_parameter.value::integer as supervisions
    from risk.policy_parameter
    inner join day
        on
            day.as_of between policy_parameter.valid_from
            and coalesce(policy_parameter.valid_to, date '9999-12-31')
    where policy_parameter.parameter = 'supervisions_a_school'
),

school as (
    select distinct school_reg_no
    from core.institution
),

happened as (
    select
        wanted.as_of,
        staff_support.school_reg_no,
        count(
            case
                when
                    staff_support.kind = 'supervision'
                    and coalesce(staff_support.planned_on, staff_support.held_on) >= wanted.as_of - 365
                    and coalesce(staff_support.planned_on, staff_support.held_on) < wanted.as_of
                    then 1
            end
        ) as supervisions_planned,
        count(
            case
                when
                    staff_support.kind = 'supervision'
                    and staff_support.held_on >= wanted.as_of - 365
                    and staff_support.held_on < wanted.as_of
                    then 1
            end
        ) as supervisions_held,
        count(
            case when staff_support.held_on >= wanted.as_of - 365 and staff_support.held_on < wanted.as_of then 1 end
        ) as events_held
    from core.staff_support
    cross join wanted
    group by wanted.as_of, staff_support.school_reg_no
)

select
    wanted.as_of,
    school.school_reg_no,
    coalesce(happened.supervisions_planned, 0) as supervisions_planned,
    coalesce(happened.supervisions_held, 0) as supervisions_held,
    greatest(wanted.supervisions - coalesce(happened.supervisions_held, 0), 0) as supervisions_owed,
    coalesce(happened.events_held, 0) as events_held
from school
cross join wanted
left join happened on wanted.as_of = happened.as_of and school.school_reg_no = happened.school_reg_no
order by wanted.as_of, school.school_reg_no
