-- Grain: one row per school, week that began before the stand, and dataset.
-- A school is compared with itself: rows per pupil and school day, and days of delay, of its last weeks that had both
-- school and records. Nothing recorded is missing only when the week is due; it is never absence.
with policy as (
    select
        max(case when parameter = 'completeness_weeks' then value end) as weeks,
        max(case when parameter = 'completeness_least_weeks' then value end) as least_weeks,
        max(case when parameter = 'completeness_least_rows' then value end) as least_rows,
        max(case when parameter = 'completeness_small_share' then value end) as small_share,
        max(case when parameter = 'completeness_large_share' then value end) as large_share,
        max(case when parameter = 'delivery_due' then value end)::integer as due,
        max(case when parameter = 'delivery_grace' then value end)::integer as grace,
        max(case when parameter = 'delivery_longest' then value end)::integer as longest
    from risk.policy_parameter
    cross join risk.stand
    where stand.as_of between policy_parameter.valid_from and coalesce(policy_parameter.valid_to, date '9999-12-31')
),

week as (
    select
        delivery.school_reg_no,
        delivery.week_starts_on,
        delivery.dataset,
        delivery.school_days,
        delivery.days_recorded,
        delivery.rows_recorded,
        delivery.pupils_enrolled,
        delivery.pupils_expected,
        delivery.pupil_days,
        delivery.pupils_recorded,
        delivery.is_roll,
        delivery.first_known_from,
        delivery.days_after,
        stand.known_on,
        delivery.week_starts_on + 7 <= stand.as_of as is_over,
        delivery.rows_recorded > 0 and delivery.pupil_days > 0 as is_comparable,
        count(case when delivery.rows_recorded > 0 and delivery.pupil_days > 0 then 1 end) over (
            partition by delivery.school_reg_no, delivery.dataset order by delivery.week_starts_on
        ) as turn,
        max(case when delivery.dataset = 'lesson' then delivery.rows_recorded else 0 end) over (
            partition by delivery.school_reg_no, delivery.week_starts_on
        ) as lessons_recorded,
        bool_or(delivery.rows_recorded > 0 and (delivery.dataset = 'lesson' or not delivery.is_roll)) over (
            partition by delivery.school_reg_no
        ) as is_lesson_expected
    from core.school_week_delivery as delivery
    inner join risk.stand on delivery.week_starts_on < stand.as_of
),

compared as (
    select
        week.school_reg_no,
        week.week_starts_on,
        week.dataset,
        count(*) as weeks,
        median(earlier.rows_recorded / earlier.pupil_days) as rate,
        max(earlier.days_after) as days_after
    from week
    cross join policy
    inner join week as earlier
        on
            week.school_reg_no = earlier.school_reg_no
            and week.dataset = earlier.dataset
            and week.week_starts_on > earlier.week_starts_on
            and earlier.is_comparable
            and earlier.turn > week.turn - case when week.is_comparable then 1 else 0 end - policy.weeks
    group by week.school_reg_no, week.week_starts_on, week.dataset
),

judged as (
    select
        week.school_reg_no,
        week.week_starts_on,
        week.dataset,
        week.school_days,
        week.days_recorded,
        week.rows_recorded,
        week.pupils_enrolled,
        week.pupils_expected,
        week.pupils_recorded,
        week.first_known_from,
        week.days_after,
        case when compared.weeks >= policy.least_weeks then round(compared.rate * week.pupil_days) end as rows_usual,
        week.week_starts_on + 6 + least(
            case when compared.weeks >= policy.least_weeks then compared.days_after + policy.grace else policy.due end,
            policy.longest
        ) as due_on,
        week.is_over,
        week.known_on,
        week.dataset <> 'lesson' or coalesce(week.is_lesson_expected, false) as is_expected,
        week.dataset = 'attendance' and week.lessons_recorded > 0 as is_exceptions,
        (week.is_roll or week.dataset = 'lesson')
        and week.days_recorded < policy.small_share * week.school_days as is_few_days,
        week.dataset = 'attendance'
        and week.pupils_recorded < policy.small_share * week.pupils_expected as is_few_pupils,
        policy.least_rows,
        policy.small_share,
        policy.large_share
    from week
    cross join policy
    left join compared
        on
            week.school_reg_no = compared.school_reg_no
            and week.week_starts_on = compared.week_starts_on
            and week.dataset = compared.dataset
)

select
    school_reg_no,
    week_starts_on,
    dataset,
    school_days,
    days_recorded,
    rows_recorded,
    rows_usual::bigint as rows_usual,
    pupils_expected,
    pupils_recorded,
    first_known_from,
    days_after,
    due_on,
    case
        when pupils_enrolled = 0 then 'no_pupils'
        when school_days is null then 'no_calendar'
        when school_days = 0 or pupils_expected = 0 then 'no_school_days'
        when rows_recorded = 0 and not is_expected then 'not_expected'
        when not is_over or (rows_recorded = 0 and known_on <= due_on) then 'too_early'
        when rows_recorded = 0 and is_exceptions and rows_usual < least_rows then 'complete'
        when rows_recorded = 0 then 'missing'
        when is_few_days or is_few_pupils or (rows_usual >= least_rows and rows_recorded < small_share * rows_usual)
            then case when known_on <= due_on then 'too_early' else 'small' end
        when rows_usual >= least_rows and rows_recorded > large_share * rows_usual then 'large'
        when first_known_from > due_on then 'late'
        else 'complete'
    end as state
from judged
