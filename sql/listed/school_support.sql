-- Grain: one row per as-of day whose lists are made and school with pupils.
-- Noticed, spoken with, supported, with the time between; plans and pupils counted apart; staff support beside the load.
-- Exact counts of one school: they leave through door two alone.
with day as (
    select as_of
    from risk.as_of_date
    where is_listed
),

rolls as (
    select
        cohort.as_of,
        cohort.school_reg_no,
        any_value(cohort.atvk_code) as atvk_code,
        any_value(cohort.school_kind) as kind,
        count(*) as pupils,
        count(case when summary.is_at_risk then 1 end) as pupils_at_risk
    from risk.pupil_week_cohort as cohort
    inner join day on cohort.as_of = day.as_of
    inner join risk.pupil_week_summary as summary
        on cohort.pupil_key = summary.pupil_key and cohort.as_of = summary.as_of
    group by cohort.as_of, cohort.school_reg_no
),

country as (
    select
        as_of,
        sum(pupils_at_risk) / sum(pupils) as share_at_risk
    from rolls
    group by as_of
),

of_case as (
    -- A case stands where the pupil is now, whichever school told of it.
    select
        cohort.as_of,
        cohort.school_reg_no,
        support_case.pupil_key,
        support_case.closed_on is null or support_case.closed_on >= cohort.as_of as is_open,
        coalesce(support_case.spoken_on < cohort.as_of, false) as is_spoken_with,
        coalesce(support_case.supported_on < cohort.as_of, false) as is_supported,
        support_case.noticed_on >= cohort.as_of - 365 as is_recent,
        case when support_case.spoken_on < cohort.as_of then support_case.days_to_talk end as days_to_talk,
        case when support_case.supported_on < cohort.as_of then support_case.days_to_support end as days_to_support
    from core.support_case
    inner join risk.pupil_week_cohort as cohort
        on support_case.pupil_key = cohort.pupil_key and support_case.noticed_on < cohort.as_of
    inner join day on cohort.as_of = day.as_of
),

cases as (
    select
        as_of,
        school_reg_no,
        count(distinct case when is_open then pupil_key end) as pupils_noticed,
        count(distinct case when is_open and is_spoken_with then pupil_key end) as pupils_spoken_with,
        count(distinct case when is_open and is_spoken_with and is_supported then pupil_key end) as pupils_supported,
        median(days_to_talk) filter (where is_recent) as median_days_to_talk,
        median(days_to_support) filter (where is_recent) as median_days_to_support
    from of_case
    group by as_of, school_reg_no
),

plans as (
    select
        cohort.as_of,
        cohort.school_reg_no,
        count(*) as plans_open,
        count(distinct cohort.pupil_key) as pupils_with_plan
    from risk.plan_on_day
    inner join day on plan_on_day.as_of = day.as_of
    inner join risk.pupil_week_cohort as cohort
        on plan_on_day.pupil_key = cohort.pupil_key and plan_on_day.as_of = cohort.as_of
    group by cohort.as_of, cohort.school_reg_no
),

matters as (
    select
        as_of,
        school_reg_no,
        count(*) as matters,
        count(case when matter = 'report_owed' then 1 end) as reports_owed
    from listed.support_matter
    group by as_of, school_reg_no
),

hand_overs as (
    select
        day.as_of,
        hand_over.school_reg_no,
        count(case when hand_over.basis = 'unexcused_over_20' and hand_over.sent_on >= day.as_of - 365 then 1 end)
            as reports_sent,
        count(
            case
                when
                    hand_over.basis = 'unexcused_over_20'
                    and hand_over.sent_on >= day.as_of - 365
                    and hand_over.answered_on < day.as_of
                    then 1
            end
        ) as reports_answered,
        count(case when hand_over.answered_on is null or hand_over.answered_on >= day.as_of then 1 end)
            as hand_overs_open
    from core.hand_over
    inner join day on hand_over.sent_on < day.as_of
    group by day.as_of, hand_over.school_reg_no
)

select
    rolls.as_of,
    rolls.atvk_code,
    rolls.school_reg_no,
    rolls.kind,
    rolls.pupils,
    rolls.pupils_at_risk,
    coalesce(cases.pupils_noticed, 0) as pupils_noticed,
    coalesce(cases.pupils_spoken_with, 0) as pupils_spoken_with,
    coalesce(cases.pupils_supported, 0) as pupils_supported,
    cases.median_days_to_talk,
    cases.median_days_to_support,
    coalesce(plans.plans_open, 0) as plans_open,
    coalesce(plans.pupils_with_plan, 0) as pupils_with_plan,
    coalesce(matters.matters, 0) as matters,
    coalesce(matters.reports_owed, 0) as reports_owed,
    coalesce(hand_overs.reports_sent, 0) as reports_sent,
    coalesce(hand_overs.reports_answered, 0) as reports_answered,
    coalesce(hand_overs.hand_overs_open, 0) as hand_overs_open,
    staff.supervisions_planned,
    staff.supervisions_held,
    staff.supervisions_owed,
    round(100 * staff.events_held / nullif(rolls.pupils_at_risk, 0), 1) as staff_support_per_100_at_risk,
    rolls.pupils_at_risk / rolls.pupils > country.share_at_risk and staff.supervisions_held = 0
        as is_high_load_unsupported
from rolls
inner join country on rolls.as_of = country.as_of
inner join listed.school_staff_support as staff
    on rolls.as_of = staff.as_of and rolls.school_reg_no = staff.school_reg_no
left join cases on rolls.as_of = cases.as_of and rolls.school_reg_no = cases.school_reg_no
left join plans on rolls.as_of = plans.as_of and rolls.school_reg_no = plans.school_reg_no
left join matters on rolls.as_of = matters.as_of and rolls.school_reg_no = matters.school_reg_no
left join hand_overs on rolls.as_of = hand_overs.as_of and rolls.school_reg_no = hand_overs.school_reg_no
order by rolls.as_of, rolls.school_reg_no
