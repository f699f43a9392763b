-- Grain: one row per month, municipality or all, and topic.
-- Consultations asked for since the school year began, by what they are about: events alone, nobody who asks is counted.
-- Waiting is what was not held by the day, whatever was held after it.
with asked as (
    select
        month_term.month as period,
        month_term.as_of,
        month_term.school_year,
        coalesce(request.atvk_code, 'unknown') as atvk_code,
        request.topic,
        request.held_on < month_term.as_of as is_held,
        request.outcome in ('waiting', 'held') and not coalesce(request.held_on < month_term.as_of, false) as is_waiting
    from risk.month_term
    inner join core.consultation_request as request
        on request.asked_on >= month_term.year_starts_on and request.asked_on < month_term.as_of
),

summed as (
    select
        period,
        as_of,
        school_year,
        case when grouping(atvk_code) = 1 then 'all' else atvk_code end as atvk_code,
        topic,
        count(*) as events_asked,
        count(case when is_held then 1 end) as events_held,
        count(case when is_waiting then 1 end) as events_waiting
    from asked
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
    summed.events_waiting
from summed
left join core.municipality
    on
        summed.atvk_code = municipality.atvk_code
        and summed.as_of between municipality.valid_from and coalesce(municipality.valid_to, date '9999-12-31')
where summed.atvk_code = 'all' or municipality.atvk_code is not null
order by summed.period, summed.as_of, summed.atvk_code, summed.topic
