-- Grain: one row per as-of day whose lists are made, pupil, matter and what it is about.
-- What waits: a question to people, not a fault of theirs. Nothing on or after the day is used. Risks of health and family
-- stand in the detail, which door two shows to the school alone.
with limits as (
    select
        as_of_date.as_of,
        max(case when parameter = 'days_to_talk' then value end)::integer as days_to_talk,
        max(case when parameter = 'days_to_support' then value end)::integer as days_to_support,
        max(case when parameter = 'days_to_plan' then value end)::integer as days_to_plan,
        max(case when parameter = 'days_to_report' then value end)::integer as days_to_report,
        max(case when parameter = 'days_to_reply' then value end)::integer as days_to_reply,
        max(case when parameter = 'days_for_parties' then value end)::integer as days_for_parties
    from risk.policy_parameter
    inner join risk.as_of_date
        on
            as_of_date.as_of between policy_parameter.valid_from
            and coalesce(policy_parameter.valid_to, date '9999-12-31')
    where as_of_date.is_listed
    group by as_of_date.as_of
),

open_case as (
    select
        limits.as_of,
        support_case.source,
        support_case.case_id,
        support_case.pupil_key,
        support_case.noticed_on,
        coalesce(support_case.spoken_on < limits.as_of, false) as is_spoken_with,
        coalesce(support_case.supported_on < limits.as_of, false) as is_supported,
        limits.as_of - support_case.noticed_on as days,
        limits.days_to_talk,
        limits.days_to_support,
        limits.days_for_parties
    from core.support_case
    inner join limits
        on
            support_case.noticed_on < limits.as_of
            and (support_case.closed_on is null or support_case.closed_on >= limits.as_of)
),

joined_by as (
    select distinct
        open_case.as_of,
        open_case.source,
        open_case.case_id
    from open_case
    inner join core.case_party
        on
            open_case.source = case_party.case_source
            and open_case.case_id = case_party.case_id
            and case_party.party <> 'school'
            and case_party.since_on < open_case.as_of
            and (case_party.until_on is null or case_party.until_on >= open_case.as_of)
),

open_plan as (
    select plan_on_day.*
    from risk.plan_on_day
    inner join limits on plan_on_day.as_of = limits.as_of
),

running_plan as (
    select *
    from open_plan
    where status in ('approved', 'in_progress')
),

given as (
    -- A measure answers while it runs; without days it runs as long as its plan.
    select
        running_plan.as_of,
        running_plan.source,
        running_plan.plan_id,
        list(distinct measure.risk_group) as groups,
        list(distinct measure.measure_code) filter (where measure.risk_group = 'economic') as economic_measures
    from running_plan
    inner join core.support_measure as measure
        on running_plan.source = measure.source and running_plan.plan_id = measure.plan_id
    where
        (measure.from_date is null or measure.from_date < running_plan.as_of)
        and (measure.to_date is null or measure.to_date >= running_plan.as_of)
    group by running_plan.as_of, running_plan.source, running_plan.plan_id
),

stated as (
    select
        limits.as_of,
        pupil_risk.pupil_key,
        pupil_risk.school_reg_no,
        pupil_risk.risk_group,
        min(pupil_risk.identified_on) as identified_on
    from core.pupil_risk
    inner join limits
        on
            pupil_risk.identified_on < limits.as_of
            and (pupil_risk.ended_on is null or pupil_risk.ended_on >= limits.as_of)
    group by limits.as_of, pupil_risk.pupil_key, pupil_risk.school_reg_no, pupil_risk.risk_group
),

answered_group as (
    -- A pupil's plans together answer the risks: which of two plans does is nobody's question.
    select
        running_plan.as_of,
        running_plan.pupil_key,
        min(running_plan.status_on) as status_on,
        flatten(list(coalesce(given.groups, []))) as groups
    from running_plan
    left join given
        on
            running_plan.as_of = given.as_of
            and running_plan.source = given.source
            and running_plan.plan_id = given.plan_id
    group by running_plan.as_of, running_plan.pupil_key
),

decided as (
    select
        running_plan.as_of,
        running_plan.source,
        running_plan.plan_id,
        plan_approval.level,
        max_by(plan_approval.decision, plan_approval.decided_on) as decision
    from running_plan
    inner join core.plan_approval
        on
            running_plan.source = plan_approval.plan_source
            and running_plan.plan_id = plan_approval.plan_id
            and plan_approval.decided_on < running_plan.as_of
    group by running_plan.as_of, running_plan.source, running_plan.plan_id, plan_approval.level
),

vocational as (
    select
        school_reg_no,
        max_by(kind, valid_from) = 'vocational' as is_vocational
    from core.institution
    group by school_reg_no
),

approval as (
    -- Only a plan of which the register tells approvals at all can lack one; no vocational school has a municipal step.
    select
        running_plan.as_of,
        running_plan.pupil_key,
        running_plan.plan_id,
        running_plan.status_on,
        coalesce(bool_or(vocational.is_vocational), false) as is_vocational,
        list(decided.level) filter (where decided.decision = 'approved') as levels
    from running_plan
    inner join decided
        on
            running_plan.as_of = decided.as_of
            and running_plan.source = decided.source
            and running_plan.plan_id = decided.plan_id
    left join vocational on running_plan.school_reg_no = vocational.school_reg_no
    group by running_plan.as_of, running_plan.pupil_key, running_plan.plan_id, running_plan.status_on
),

needed_level as (
    select unnest(['application', 'plan_author', 'school_head', 'municipal_coordinator', 'programme']) as level
),

term as (
    select
        limits.as_of,
        cohort.school_reg_no,
        max(school_semester.starts_on) as starts_on
    from limits
    inner join risk.pupil_week_cohort as cohort on limits.as_of = cohort.as_of
    inner join core.school_semester
        on cohort.school_reg_no = school_semester.school_reg_no and school_semester.starts_on < limits.as_of
    group by limits.as_of, cohort.school_reg_no
),

looked_back as (
    -- Verdicts of the past are there for the closes of months: the last one long enough ago says whether it was so then.
    select
        limits.as_of,
        max(case when as_of_date.as_of <= limits.as_of - limits.days_to_plan then as_of_date.as_of end) as plan_day,
        max(case when as_of_date.as_of <= limits.as_of - limits.days_to_report then as_of_date.as_of end) as report_day
    from limits
    inner join risk.as_of_date on as_of_date.as_of between limits.as_of - 100 and limits.as_of - 1
    group by limits.as_of
),

at_risk as (
    select
        looked_back.as_of,
        now_.pupil_key,
        now_.is_legal_raised,
        case when then_.is_at_risk then looked_back.plan_day end as at_risk_since,
        case when reported.is_legal_raised then looked_back.report_day else looked_back.as_of end as over_20_since
    from looked_back
    inner join risk.pupil_week_summary as now_ on looked_back.as_of = now_.as_of and now_.is_at_risk
    left join risk.pupil_week_summary as then_
        on now_.pupil_key = then_.pupil_key and looked_back.plan_day = then_.as_of
    left join risk.pupil_week_summary as reported
        on now_.pupil_key = reported.pupil_key and looked_back.report_day = reported.as_of
),

matter as (
    select
        as_of,
        pupil_key,
        case when is_spoken_with then 'not_supported' else 'not_spoken_with' end as matter,
        case_id as detail,
        noticed_on as since_on
    from open_case
    where not is_supported and days > case when is_spoken_with then days_to_support else days_to_talk end
    union all
    select
        open_case.as_of,
        open_case.pupil_key,
        'one_party' as matter,
        open_case.case_id as detail,
        open_case.noticed_on as since_on
    from open_case
    left join joined_by
        on
            open_case.as_of = joined_by.as_of
            and open_case.source = joined_by.source
            and open_case.case_id = joined_by.case_id
    where joined_by.case_id is null and open_case.days > open_case.days_for_parties
    union all
    select
        at_risk.as_of,
        at_risk.pupil_key,
        'signal_without_plan' as matter,
        '' as detail,
        at_risk.at_risk_since as since_on
    from at_risk
    left join open_plan on at_risk.as_of = open_plan.as_of and at_risk.pupil_key = open_plan.pupil_key
    where at_risk.at_risk_since is not null and open_plan.pupil_key is null
    union all
    select
        answered_group.as_of,
        answered_group.pupil_key,
        'risk_without_measure' as matter,
        -- What another school told of home or health is not this one's to read.
        case when stated.school_reg_no = cohort.school_reg_no then stated.risk_group else '' end as detail,
        greatest(stated.identified_on, answered_group.status_on) as since_on
    from answered_group
    inner join stated on answered_group.as_of = stated.as_of and answered_group.pupil_key = stated.pupil_key
    inner join risk.pupil_week_cohort as cohort
        on answered_group.as_of = cohort.as_of and answered_group.pupil_key = cohort.pupil_key
    where not list_contains(answered_group.groups, stated.risk_group)
    union all
    select
        running_plan.as_of,
        running_plan.pupil_key,
        'economic_without_compensation' as matter,
        running_plan.plan_id as detail,
        running_plan.status_on as since_on
    from running_plan
    inner join given
        on
            running_plan.as_of = given.as_of
            and running_plan.source = given.source
            and running_plan.plan_id = given.plan_id
    where given.economic_measures = ['consultation']
    union all
    select
        approval.as_of,
        approval.pupil_key,
        'approval_missing' as matter,
        approval.plan_id as detail,
        approval.status_on as since_on
    from approval
    inner join needed_level
        on
            not list_contains(coalesce(approval.levels, []), needed_level.level)
            and not (approval.is_vocational and needed_level.level = 'municipal_coordinator')
    union all
    select
        limits.as_of,
        support_plan.pupil_key,
        'illegal_move' as matter,
        support_plan.plan_id as detail,
        move.status_on as since_on
    from core.support_plan
    inner join core.support_plan_move as move
        on support_plan.source = move.source and support_plan.plan_id = move.plan_id and not move.is_legal
    inner join limits on move.status_on < limits.as_of and move.status_on >= limits.as_of - 180
    union all
    select
        at_risk.as_of,
        at_risk.pupil_key,
        'report_owed' as matter,
        '' as detail,
        at_risk.over_20_since as since_on
    from at_risk
    inner join risk.pupil_week_cohort as cohort on at_risk.pupil_key = cohort.pupil_key and at_risk.as_of = cohort.as_of
    inner join term on cohort.as_of = term.as_of and cohort.school_reg_no = term.school_reg_no
    left join core.hand_over
        on
            at_risk.pupil_key = hand_over.pupil_key
            and hand_over.basis = 'unexcused_over_20'
            and hand_over.sent_on >= term.starts_on
            and hand_over.sent_on < at_risk.as_of
    where at_risk.is_legal_raised and hand_over.pupil_key is null
    union all
    select
        limits.as_of,
        hand_over.pupil_key,
        'hand_over_open' as matter,
        hand_over.hand_over_id as detail,
        hand_over.sent_on as since_on
    from core.hand_over
    inner join limits
        on
            limits.as_of - hand_over.sent_on > limits.days_to_reply
            and (hand_over.answered_on is null or hand_over.answered_on >= limits.as_of)
)

select
    cohort.as_of,
    cohort.atvk_code,
    cohort.school_reg_no,
    matter.pupil_key,
    matter.matter,
    matter.detail,
    min(matter.since_on) as since_on,
    cohort.as_of - min(matter.since_on) as days
from matter
inner join risk.pupil_week_cohort as cohort on matter.pupil_key = cohort.pupil_key and matter.as_of = cohort.as_of
group by cohort.as_of, cohort.atvk_code, cohort.school_reg_no, matter.pupil_key, matter.matter, matter.detail
order by cohort.as_of, cohort.school_reg_no, matter.pupil_key, matter.matter, matter.detail
