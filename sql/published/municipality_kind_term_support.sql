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
)

select
    place.month as period,
    place.as_of,
    place.school_year,
    place.semester,
    place.atvk_code,
    happened.kind,
    place.name_lv,
    place.name_en,
    coalesce(sum(happened.events) filter (where happened.event = 'supervision'), 0) as events_supervisions_held,
    coalesce(sum(happened.events) filter (where happened.event = 'school_workshop'), 0) as events_school_workshops_held,
    coalesce(sum(happened.events) filter (where happened.event in ('youth_programme', 'pd_programme')), 0)
        as events_programme_runs_held,
    coalesce(sum(happened.events) filter (where happened.event = 'completion'), 0) as events_programme_completions
from risk.month_place as place
inner join happened
    on
        (place.atvk_code = 'all' or place.atvk_code = happened.atvk_code)
        and happened.held_on >= place.term_starts_on
        and happened.held_on < place.as_of
group by
    place.month,
    place.as_of,
    place.school_year,
    place.semester,
    place.atvk_code,
    happened.kind,
    place.name_lv,
    place.name_en
order by period, place.atvk_code, happened.kind
