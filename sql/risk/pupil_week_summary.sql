-- Grain: one row per pupil and as-of day.
-- Steps of one thing (10, 15, more than 20 lessons) count once, by their highest raised step; coverage is no risk. What only
-- informs (severity 0) and what tells of health count nowhere here: lists of municipalities and published counts rest on it.
with raised_group as (
    select
        indicator.pupil_key,
        indicator.as_of,
        rule.indicator_group,
        rule.family,
        max(rule.severity) as severity,
        bool_or(rule.is_legal) as is_legal
    from risk.pupil_week_indicator as indicator
    inner join risk.indicator_rule as rule
        on indicator.indicator = rule.indicator and indicator.version = rule.version
    where indicator.is_raised and not rule.is_health and (rule.severity > 0 or rule.family = 'coverage')
    group by indicator.pupil_key, indicator.as_of, rule.indicator_group, rule.family
),

counted as (
    select
        pupil_key,
        as_of,
        count(case when family <> 'coverage' then 1 end) as groups_raised,
        count(distinct case when family <> 'coverage' then family end) as families_raised,
        sum(case when family <> 'coverage' then severity else 0 end) as severity,
        bool_or(is_legal) as is_legal_raised,
        bool_or(indicator_group = 'coverage') as is_no_data
    from raised_group
    group by pupil_key, as_of
),

least_families as (
    select
        as_of_date.as_of,
        policy_parameter.value as families
    from risk.policy_parameter
    inner join risk.as_of_date
        on
            as_of_date.as_of between policy_parameter.valid_from
            and coalesce(policy_parameter.valid_to, date '9999-12-31')
    where policy_parameter.parameter = 'at_risk_least_families'
)

select
    cohort.pupil_key,
    cohort.as_of,
    coalesce(counted.groups_raised, 0) as groups_raised,
    coalesce(counted.families_raised, 0) as families_raised,
    coalesce(counted.severity, 0) as severity,
    coalesce(counted.is_legal_raised, false) as is_legal_raised,
    coalesce(counted.is_legal_raised or counted.families_raised >= least_families.families, false) as is_at_risk,
    coalesce(counted.is_no_data, false) as is_no_data
from risk.pupil_week_cohort as cohort
inner join least_families on cohort.as_of = least_families.as_of
left join counted on cohort.pupil_key = counted.pupil_key and cohort.as_of = counted.as_of
