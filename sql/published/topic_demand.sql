-- Grain: one row per month, municipality or all, and topic.
-- What was asked for since the school year began, by what it is about, and what was offered: events alone, nobody who asks
-- is counted. Waiting is what was not held by the day, whatever was held after it. A workshop planned counts as offered.
with event as (
    select
        atvk_code,
        topic_code as topic,
        asked_on as since_on,
        held_on,
        true as is_asked,
        refused_on,
        offered_on
    from core.consultation_request
    union all
    select
        atvk_code,
        topic,
        coalesce(planned_on, held_on) as since_on,
        held_on,
        false as is_asked,
        null::date as refused_on,
        coalesce(planned_on, held_on) as offered_on
    from core.staff_support
    where kind in ('school_workshop', 'pd_programme') and regexp_full_match(topic, '(T[1-5]|P[1-3])')
)

select
    place.month as period,
    place.as_of,
    place.school_year,
    place.atvk_code,
    event.topic,
    place.name_lv,
    place.name_en,
    count(case when event.is_asked then 1 end) as events_asked,
    count(case when event.is_asked and event.held_on < place.as_of then 1 end) as events_held,
    count(
        case
            when
                event.is_asked
                and not coalesce(event.held_on < place.as_of, false)
                and not coalesce(event.refused_on < place.as_of, false)
                then 1
        end
    ) as events_waiting,
    count(case when event.offered_on < place.as_of then 1 end) as events_offered
from risk.month_place as place
inner join event
    on
        (place.atvk_code = 'all' or place.atvk_code = event.atvk_code)
        and event.since_on >= place.year_starts_on
        and event.since_on < place.as_of
group by
    place.month, place.as_of, place.school_year, place.atvk_code, event.topic, place.name_lv, place.name_en
order by period, place.atvk_code, event.topic
