-- Grain: one row per month, municipality or all, and topic.
-- What was asked for since the school year began, by what it is about, and what was offered: events alone, nobody who asks
-- is counted. Waiting is what was not held by the day, whatever was held after it. A workshop planned counts as offered.
with event as (
    select
        coalesce(atvk_code, 'unknown') as atvk_code,
        topic_code as topic,
        asked_on as since_on,
        held_on,
        true as is_asked,
        refused_on,
        offered_on
    from core.consultation_request
    union all
    select
        coalesce(atvk_code, 'unknown') as atvk_code,
        topic,
        coalesce(planned_on, held_on) as since_on,
        held_on,
        false as is_asked,
        null::date as refused_on,
        coalesce(planned_on, held_on) as offered_on
    from core.staff_support
    where kind in ('school_workshop', 'pd_programme') and regexp_full_match(topic, '(T[1-5]|P[1-3])')
),

told as (
    select
        month_term.month as period,
        month_term.as_of,
        month_term.school_year,
        event.atvk_code,
        event.topic,
        event.is_asked,
        event.is_asked and event.held_on < month_term.as_of as is_held,
        event.is_asked
        and not coalesce(event.held_on < month_term.as_of, false)
        and not coalesce(event.refused_on < month_term.as_of, false) as is_waiting,
        coalesce(event.offered_on < month_term.as_of, false) as is_offered
    from risk.month_term
    inner join event on event.since_on >= month_term.year_starts_on and event.since_on < month_term.as_of
),

summed as (
    select
        period,
        as_of,
        school_year,
        case when grouping(atvk_code) = 1 then 'all' else atvk_code end as atvk_code,
        topic,
        count(case when is_asked then 1 end) as events_asked,
        count(case when is_held then 1 end) as events_held,
        count(case when is_waiting then 1 end) as events_waiting,
        count(case when is_offered then 1 end) as events_offered
    from told
    group by grouping sets ((period, as_of, school_year, atvk_code, topic), (period, as_of, school_year, topic))
)

select
    summed.period,
    summed.as_of,
    summed.school_year,
    summed.atvk_code,
    summed.topic,
    coalesce(municipality.name_lv, 'Latvija') as name_lv,
    coalesce(municipality.name_en, 'Latvia') as name_en,
    summed.events_asked,
    summed.events_held,
    summed.events_waiting,
    summed.events_offered
from summed
left join core.municipality
    on
        summed.atvk_code = municipality.atvk_code
        and summed.as_of between municipality.valid_from and coalesce(municipality.valid_to, date '9999-12-31')
where summed.atvk_code = 'all' or municipality.atvk_code is not null
order by summed.period, summed.as_of, summed.atvk_code, summed.topic
