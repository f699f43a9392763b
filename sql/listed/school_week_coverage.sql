-- Grain: one row per as-of day, clock of knowledge and school with pupils.
-- Stands beside each list: an empty list of a school without data is not an all-clear. The state is the worst of the
-- weeks behind the measures.
with shown as (
    select
        as_of_date.as_of - 7 * policy_parameter.value::integer as from_day,
        as_of_date.as_of,
        stand.known_on
    from risk.policy_parameter
    inner join risk.as_of_date
        on
            as_of_date.as_of between policy_parameter.valid_from
            and coalesce(policy_parameter.valid_to, date '9999-12-31')
    cross join risk.stand
    where policy_parameter.parameter = 'completeness_shown_weeks' and as_of_date.is_listed
),

ranked as (
    select
        shown.as_of,
        completeness.school_reg_no,
        completeness.dataset,
        completeness.state,
        count(*) as weeks,
        row_number() over (
            partition by shown.as_of, completeness.school_reg_no
            order by
                case completeness.state
                    when 'no_calendar' then 1
                    when 'missing' then 2
                    when 'small' then 3
                    when 'late' then 4
                    when 'large' then 5
                    when 'complete' then 6
                    when 'too_early' then 7
                    when 'no_school_days' then 8
                    else 9
                end,
                completeness.dataset
        ) as place
    from risk.school_week_completeness as completeness
    inner join shown
        on completeness.week_starts_on >= shown.from_day and completeness.week_starts_on < shown.as_of
    group by shown.as_of, completeness.school_reg_no, completeness.dataset, completeness.state
),

calendar as (
    select distinct school_reg_no from core.school_semester
)

select
    shown.as_of,
    shown.known_on,
    cohort.school_reg_no,
    max(cohort.atvk_code) as atvk_code,
    count(*) as pupils,
    count(case when summary.is_no_data then 1 end) as pupils_no_data,
    max(measure.data_to) as data_to,
    max(
        case
            when ranked.state is not null then ranked.state
            when calendar.school_reg_no is null then 'no_calendar'
            else 'no_school_days'
        end
    ) as state,
    max(ranked.dataset) as dataset,
    coalesce(max(ranked.weeks), 0) as weeks
from risk.pupil_week_cohort as cohort
inner join shown on cohort.as_of = shown.as_of
inner join risk.pupil_week_summary as summary on cohort.pupil_key = summary.pupil_key and cohort.as_of = summary.as_of
inner join risk.pupil_week_measure as measure on cohort.pupil_key = measure.pupil_key and cohort.as_of = measure.as_of
left join ranked
    on cohort.school_reg_no = ranked.school_reg_no and cohort.as_of = ranked.as_of and ranked.place = 1
left join calendar on cohort.school_reg_no = calendar.school_reg_no
group by shown.as_of, shown.known_on, cohort.school_reg_no
