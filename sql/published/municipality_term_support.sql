-- Grain: one row per month, and municipality or all.
-- Support to staff since the term began: events alone, no pupil and no person is counted. Owed and waiting is what was
-- planned or asked for since the school year began and was not held by the day, whatever was held after it. What was held
-- counts by the day it was held on, whenever it was planned.
-- An event of an organisation whose municipality is not known is in all only.
with event as (
    select
        atvk_code,
        kind,
        coalesce(planned_on, held_on) as since_on,
        held_on,
        null::date as refused_on,
        1 as events
    from core.staff_support
    union all
    select
        atvk_code,
        'consultation' as kind,
        asked_on as since_on,
        held_on,
        refused_on,
        1 as events
    from core.consultation_request
    where kind = 'consultation'
    union all
    select
        place.atvk_code,
        'completion' as kind,
        place.held_on as since_on,
        place.held_on,
        null::date as refused_on,
        place.completed as events
    from core.programme_place as place
    where place.completed > 0 and place.kind in ('youth_programme', 'pd_programme')
    union all
    -- A project runs over many days: it counts in every term in which it still ran.
    select
        atvk_code,
        'youth_project' as kind,
        from_date as since_on,
        coalesce(to_date, date '9999-12-31') as held_on,
        null::date as refused_on,
        1 as events
    from core.youth_project
    union all
    select
        atvk_code,
        'interest' as kind,
        interested_on as since_on,
        followed_up_on as held_on,
        null::date as refused_on,
        1 as events
    from core.organisation_interest
),

known as (
    select
        place.*,
        event.kind,
        event.events,
        event.since_on >= place.year_starts_on and event.since_on < place.as_of as is_of_year,
        event.since_on >= place.term_starts_on and event.since_on < place.as_of as is_new,
        event.refused_on < place.as_of as is_refused,
        event.held_on < place.as_of as is_held,
        event.held_on >= place.term_starts_on as is_held_this_term
    from risk.month_place as place
    left join event
        on
            (place.atvk_code = 'all' or place.atvk_code = event.atvk_code)
            and (
                (event.since_on >= place.year_starts_on and event.since_on < place.as_of)
                or (event.held_on >= place.term_starts_on and event.held_on < place.as_of)
                or (event.kind = 'youth_project' and event.since_on < place.as_of)
            )
)

select
    month as period,
    as_of,
    school_year,
    semester,
    atvk_code,
    name_lv,
    name_en,
    count(case when kind = 'supervision' and is_held and is_held_this_term then 1 end) as events_supervisions_held,
    count(case when kind = 'supervision' and is_of_year and not coalesce(is_held, false) then 1 end) as events_supervisions_owed,
    count(case when kind = 'school_workshop' and is_held and is_held_this_term then 1 end) as events_school_workshops_held,
    count(case when kind = 'municipal_workshop' and is_held and is_held_this_term then 1 end)
        as events_municipal_workshops_held,
    count(case when kind in ('youth_programme', 'pd_programme') and is_held and is_held_this_term then 1 end)
        as events_programme_runs_held,
    coalesce(sum(case when kind = 'completion' and is_held and is_held_this_term then events end), 0)
        as events_programme_completions,
    count(case when kind = 'youth_project' and is_held_this_term then 1 end) as events_youth_projects,
    count(case when kind = 'interest' and is_of_year and not coalesce(is_held, false) then 1 end) as events_interests_open,
    count(case when kind = 'consultation' and is_new then 1 end) as events_consultations_asked,
    count(case when kind = 'consultation' and is_held and is_held_this_term then 1 end) as events_consultations_held,
    count(
        case
            when kind = 'consultation' and is_of_year and not coalesce(is_held, false) and not coalesce(is_refused, false)
                then 1
        end
    ) as events_consultations_waiting
from known
group by month, as_of, school_year, semester, atvk_code, name_lv, name_en
order by period, as_of, atvk_code
