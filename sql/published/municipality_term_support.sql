-- Grain: one row per month, and municipality or all.
-- Support to staff since the term began, and what is still owed: events alone, no pupil and no person is counted.
-- An event of an organisation whose municipality is not known is in all only.
with place as (
    select
        month_term.month as period,
        month_term.as_of,
        month_term.school_year,
        month_term.semester,
        month_term.term_starts_on,
        municipality.atvk_code,
        municipality.name_lv,
        municipality.name_en
    from risk.month_term
    inner join core.municipality
        on month_term.as_of between municipality.valid_from and coalesce(municipality.valid_to, date '9999-12-31')
    union all
    select
        month as period,
        as_of,
        school_year,
        semester,
        term_starts_on,
        'all' as atvk_code,
        'Latvija' as name_lv,
        'Latvia' as name_en
    from risk.month_term
),

event as (
    select
        atvk_code,
        kind,
        event_on as since_on,
        held_on,
        held_on is null as is_owed
    from core.staff_support
    union all
    select
        atvk_code,
        'consultation' as kind,
        asked_on as since_on,
        held_on,
        outcome = 'waiting' as is_owed
    from core.consultation_request
)

select
    place.period,
    place.as_of,
    place.school_year,
    place.semester,
    place.atvk_code,
    place.name_lv,
    place.name_en,
    count(case when event.kind = 'supervision' and event.held_on < place.as_of then 1 end) as events_supervisions_held,
    count(case when event.kind = 'supervision' and event.is_owed then 1 end) as events_supervisions_owed,
    count(case when event.kind = 'school_workshop' and event.held_on < place.as_of then 1 end) as events_school_workshops_held,
    count(case when event.kind = 'municipal_workshop' and event.held_on < place.as_of then 1 end)
        as events_municipal_workshops_held,
    count(case when event.kind in ('youth_programme', 'pd_programme') and event.held_on < place.as_of then 1 end)
        as events_programme_runs_held,
    count(case when event.kind = 'consultation' then 1 end) as events_consultations_asked,
    count(case when event.kind = 'consultation' and event.held_on < place.as_of then 1 end) as events_consultations_held,
    count(case when event.kind = 'consultation' and event.is_owed then 1 end) as events_consultations_waiting
from place
left join event
    on
        (place.atvk_code = 'all' or place.atvk_code = event.atvk_code)
        and event.since_on >= place.term_starts_on
        and event.since_on < place.as_of
group by
    place.period, place.as_of, place.school_year, place.semester, place.atvk_code, place.name_lv, place.name_en
order by place.period, place.as_of, place.atvk_code
