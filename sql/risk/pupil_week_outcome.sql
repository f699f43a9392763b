-- Grain: one row per pupil and as-of day.
-- left_early stays empty until the horizon is over on the day we stand on: a model may only learn what was known.
-- It stays empty, too, for a pupil known to have left on a day that nobody wrote down. Who is enrolled somewhere at
-- the end of the horizon has not left, whatever one school wrote: exit statuses are dirty.
with horizon as (
    select
        as_of_date.as_of,
        policy_parameter.value::integer as days
    from risk.policy_parameter
    inner join risk.as_of_date
        on
            as_of_date.as_of between policy_parameter.valid_from
            and coalesce(policy_parameter.valid_to, date '9999-12-31')
    where policy_parameter.parameter = 'outcome_horizon'
),

leaving as (
    select
        cohort.pupil_key,
        cohort.as_of,
        bool_or(enrolment.exit_date is null) as is_undated
    from risk.pupil_week_cohort as cohort
    inner join horizon on cohort.as_of = horizon.as_of
    inner join core.enrolment
        on
            cohort.pupil_key = enrolment.pupil_key
            and enrolment.entry_date <= cohort.as_of + horizon.days
            and enrolment.exit_meaning = 'left_early'
            and coalesce(enrolment.exit_date, cohort.as_of + 1) > cohort.as_of
            and coalesce(enrolment.exit_date, cohort.as_of + 1) <= cohort.as_of + horizon.days
    group by cohort.pupil_key, cohort.as_of
),

staying as (
    select distinct
        leaving.pupil_key,
        leaving.as_of
    from leaving
    inner join horizon on leaving.as_of = horizon.as_of
    inner join core.enrolment
        on
            leaving.pupil_key = enrolment.pupil_key
            and enrolment.entry_date <= leaving.as_of + horizon.days
            and coalesce(enrolment.exit_date, date '9999-12-31') > leaving.as_of + horizon.days
    where not leaving.is_undated
)

select
    cohort.pupil_key,
    cohort.as_of,
    cohort.as_of + horizon.days as known_after,
    case
        when cohort.as_of + horizon.days <= stand.as_of and not coalesce(leaving.is_undated, false)
            then leaving.pupil_key is not null and staying.pupil_key is null
    end as left_early
from risk.pupil_week_cohort as cohort
inner join horizon on cohort.as_of = horizon.as_of
cross join risk.stand
left join leaving on cohort.pupil_key = leaving.pupil_key and cohort.as_of = leaving.as_of
left join staying on cohort.pupil_key = staying.pupil_key and cohort.as_of = staying.as_of
