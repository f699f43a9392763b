-- Grain: one row per month, municipality, delivering source and request made since the school year began.
-- The state on the day: an answer or an event after it is not yet known. Neither who asked nor a word of theirs: the
-- code of a request has no room for a name.
select
    place.month as period,
    place.as_of,
    request.atvk_code,
    request.source,
    request.request_id,
    place.name_lv,
    place.name_en,
    request.kind,
    request.topic_code as topic,
    request.asked_on,
    case
        when request.held_on < place.as_of then 'held'
        when request.refused_on < place.as_of then request.outcome
        when request.offered_on < place.as_of then 'offered'
        else 'waiting'
    end as status,
    case when request.offered_on < place.as_of then request.planned_on end as planned_on
from risk.month_place as place
inner join core.consultation_request as request
    on
        place.atvk_code = request.atvk_code
        and request.asked_on < place.as_of
        and request.asked_on >= place.year_starts_on
order by period, request.atvk_code, request.source, request.request_id
