-- Grain: one row per month, municipality, delivering source and request made since the school year began.
-- The state on the day: an answer or an event after it is not yet known. Neither who asked nor a word of theirs: the
-- code of a request has no room for a name.
select
    month_term.month as period,
    month_term.as_of,
    request.atvk_code,
    request.source,
    request.request_id,
    municipality.name_lv,
    municipality.name_en,
    request.kind,
    request.topic_code as topic,
    request.asked_on,
    case
        when request.held_on < month_term.as_of then 'held'
        when request.refused_on < month_term.as_of then request.outcome
        when request.offered_on < month_term.as_of then 'offered'
        else 'waiting'
    end as status,
    case when request.offered_on < month_term.as_of then request.planned_on end as planned_on
from risk.month_term
inner join core.consultation_request as request
    on request.asked_on < month_term.as_of and request.asked_on >= month_term.year_starts_on
inner join core.municipality
    on
        request.atvk_code = municipality.atvk_code
        and month_term.as_of between municipality.valid_from and coalesce(municipality.valid_to, date '9999-12-31')
order by period, request.atvk_code, request.source, request.request_id
