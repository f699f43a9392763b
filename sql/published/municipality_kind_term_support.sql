-- Grain: one row per month, municipality or all, and kind of school.
-- Support to staff since the term began, general, vocational and special apart: events alone, no pupil and no person.
-- A completion stands where the participants work, whatever school held the run.
with happened as (
    select
        atvk_code,
        school_kind as kind,
        kind as event,
        held_on,
        1 as events
    from core.staff_support
    where held_on is not null and school_kind is not null
    union all
    select
        place.atvk_code,
        place.sector as kind,
        'completion' as event,
        place.held_on,
        place.completed as events
    from core.programme_place as place
    where
        place.held_on is not null
        and place.completed > 0
        and place.sector in ('general', 'vocational', 'special')
        and place.kind in ('youth_programme', 'pd_programme')
),

summed as (
    select
        month_term.month as period,
        month_term.as_of,
        month_term.school_year,
        month_term.semester,
        case when grouping(happened.atvk_code) = 1 then 'all' else happened.atvk_code end as atvk_code,
        happened.kind,
        coalesce(sum(happened.events) filter (where happened.event = 'supervision'), 0) as events_supervisions_held,
        coalesce(sum(happened.events) filter (where happened.event = 'school_workshop'), 0)
            as events_school_workshops_held,
        coalesce(sum(happened.events) filter (where happened.event in ('youth_programme', 'pd_programme')), 0)
            as events_programme_runs_held,
        coalesce(sum(happened.events) filter (where happened.event = 'completion'), 0) as events_programme_completions
    from risk.month_term
    inner join happened
        on happened.held_on >= month_term.term_starts_on and happened.held_on < month_term.as_of
    group by grouping sets (
        (month_term.month, month_term.as_of, month_term.school_year, month_term.semester, happened.atvk_code, happened.kind),
        (month_term.month, month_term.as_of, month_term.school_year, month_term.semester, happened.kind)
    )
)

select
    summed.period,
    summed.as_of,
    summed.school_year,
    summed.semester,
    summed.atvk_code,
    summed.kind,
    coalesce(municipality.name_lv, 'Latvija') as name_lv,
    coalesce(municipality.name_en, 'Latvia') as name_en,
    summed.events_supervisions_held,
    summed.events_school_workshops_held,
    summed.events_programme_runs_held,
    summed.events_programme_completions
from summed
left join core.municipality
    on
        summed.atvk_code = municipality.atvk_code
        and summed.as_of between municipality.valid_from and coalesce(municipality.valid_to, date '9999-12-31')
where summed.atvk_code = 'all' or municipality.atvk_code is not null
order by summed.period, summed.atvk_code, summed.kind
