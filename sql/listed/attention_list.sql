-- Grain: one row per as-of day, clock of knowledge, school and pupil.
-- Only raised risk puts a pupil here; missing data is shown elsewhere, what only informs stands beside other reasons.
-- Reasons of health stand in columns of their own and have no part in order, weight or change: door two shows them to the
-- school alone. Who has no other reason has no `reasons`, comes last, and is on no municipality's list.
-- The learned score has no part in the order.
with day as (
    select
        as_of_date.as_of,
        stand.known_on
    from risk.as_of_date
    cross join risk.stand
    where as_of_date.is_listed
),

step as (
    select
        indicator.pupil_key,
        indicator.as_of,
        rule.indicator,
        rule.indicator_group,
        rule.severity,
        rule.is_health,
        case rule.unit
            when 'percent' then round(100 * indicator.value)::integer::varchar || ' %'
            when 'points'
                then round(case when rule.family = 'marks' then 1 else 100 end * indicator.value, 1)::varchar
            -- A change by the week is small: -0.15 must not read as -0.2.
            when 'points a week' then round(indicator.value, 2)::varchar
            else round(indicator.value)::integer::varchar
        end as value_text,
        -- A share alone does not say whom to ask.
        coalesce(
            case rule.measure
                when 'weekday_share_12w'
                    then ': ' || [
                        'pirmdiena', 'otrdiena', 'trešdiena', 'ceturtdiena', 'piektdiena', 'sestdiena', 'svētdiena'
                    ][pattern.weekday_12w]
                when 'subject_share_12w' then ': ' || subject.subject_code
            end,
            ''
        ) as which_lv,
        coalesce(
            case rule.measure
                when 'weekday_share_12w'
                    then ': ' || [
                        'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'
                    ][pattern.weekday_12w]
                when 'subject_share_12w' then ': ' || subject.subject_code
            end,
            ''
        ) as which_en,
        rule.reason_lv,
        rule.reason_en,
        row_number() over (
            partition by indicator.pupil_key, indicator.as_of, rule.indicator_group
            order by rule.severity desc, rule.indicator
        ) as step_rank
    from risk.pupil_week_indicator as indicator
    inner join day on indicator.as_of = day.as_of
    inner join risk.indicator_rule as rule
        on indicator.indicator = rule.indicator and indicator.version = rule.version
    left join risk.pupil_week_absence_pattern as pattern
        on indicator.pupil_key = pattern.pupil_key and indicator.as_of = pattern.as_of
    left join risk.pupil_week_subject_pattern as subject
        on indicator.pupil_key = subject.pupil_key and indicator.as_of = subject.as_of
    where indicator.is_raised and rule.family <> 'coverage'
),

reason as (
    select
        pupil_key,
        as_of,
        is_health,
        string_agg(indicator, '; ' order by severity desc, indicator) as reasons,
        string_agg(
            replace(replace(reason_lv, '{value}', replace(value_text, '.', ',')), '{which}', which_lv),
            '; ' order by severity desc, indicator
        ) as reasons_lv,
        string_agg(
            replace(replace(reason_en, '{value}', value_text), '{which}', which_en),
            '; ' order by severity desc, indicator
        ) as reasons_en,
        bool_or(indicator_group = 'unexcused') as is_unexcused
    from step
    where step_rank = 1
    group by pupil_key, as_of, is_health
    having max(severity) > 0
),

ill_before as (
    select distinct
        indicator.pupil_key,
        day.as_of
    from risk.pupil_week_indicator as indicator
    inner join day on indicator.as_of = day.as_of - 7
    inner join risk.indicator_rule as rule
        on indicator.indicator = rule.indicator and indicator.version = rule.version
    where indicator.is_raised and rule.is_health
),

before as (
    select
        summary.pupil_key,
        day.as_of,
        summary.severity,
        summary.groups_raised
    from risk.pupil_week_summary as summary
    inner join day on summary.as_of = day.as_of - 7
),

open_plan as (
    select
        plan_on_day.pupil_key,
        plan_on_day.as_of,
        plan_on_day.status,
        row_number() over (
            partition by plan_on_day.pupil_key, plan_on_day.as_of
            order by plan_on_day.opened_on desc, plan_on_day.plan_id desc, plan_on_day.source
        ) as precedence
    from risk.plan_on_day
    inner join day on plan_on_day.as_of = day.as_of
),

retention as (
    select
        day.as_of,
        policy_parameter.value::integer as days
    from risk.policy_parameter
    inner join day
        on
            day.as_of between policy_parameter.valid_from
            and coalesce(policy_parameter.valid_to, date '9999-12-31')
    where policy_parameter.parameter = 'list_retention'
)

select
    day.as_of,
    day.known_on,
    cohort.atvk_code,
    cohort.school_reg_no,
    row_number() over (
        partition by day.as_of, cohort.school_reg_no
        order by
            summary.is_legal_raised desc,
            summary.families_raised desc,
            summary.severity desc,
            coalesce(measure.absence_rate_4w, 0) desc,
            cohort.pupil_key
    ) as position,
    cohort.pupil_key,
    cohort.grade,
    cohort.class_label,
    reason.reasons,
    reason.reasons_lv
    || case
        when reason.is_unexcused and measure.unexcused_lessons_open > 0
            then '; no neattaisnotajām vēl attaisnojamas (pēdējās 7 dienas): ' || measure.unexcused_lessons_open
        else ''
    end as reasons_lv,
    reason.reasons_en
    || case
        when reason.is_unexcused and measure.unexcused_lessons_open > 0
            then '; of the unexcused, may still be excused (last 7 days): ' || measure.unexcused_lessons_open
        else ''
    end as reasons_en,
    health.reasons as reasons_health,
    health.reasons_lv as reasons_health_lv,
    health.reasons_en as reasons_health_en,
    case
        when reason.pupil_key is null and before.groups_raised > 0 then 'less'
        when reason.pupil_key is null and ill_before.pupil_key is not null then 'same'
        when coalesce(before.groups_raised, 0) = 0 then 'new'
        when summary.severity > before.severity then 'more'
        when summary.severity < before.severity then 'less'
        else 'same'
    end as change,
    coalesce(open_plan.status, 'no_plan') as plan_status,
    summary.severity,
    summary.families_raised,
    summary.is_legal_raised,
    measure.data_to,
    day.as_of + retention.days as expires_on
from risk.pupil_week_cohort as cohort
inner join day on cohort.as_of = day.as_of
inner join risk.pupil_week_summary as summary on cohort.pupil_key = summary.pupil_key and cohort.as_of = summary.as_of
inner join risk.pupil_week_measure as measure on cohort.pupil_key = measure.pupil_key and cohort.as_of = measure.as_of
inner join retention on cohort.as_of = retention.as_of
left join reason on cohort.pupil_key = reason.pupil_key and cohort.as_of = reason.as_of and not reason.is_health
left join reason as health on cohort.pupil_key = health.pupil_key and cohort.as_of = health.as_of and health.is_health
left join ill_before on cohort.pupil_key = ill_before.pupil_key and cohort.as_of = ill_before.as_of
left join before on cohort.pupil_key = before.pupil_key and cohort.as_of = before.as_of
left join open_plan
    on cohort.pupil_key = open_plan.pupil_key and cohort.as_of = open_plan.as_of and open_plan.precedence = 1
where reason.pupil_key is not null or health.pupil_key is not null
