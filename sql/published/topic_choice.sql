-- Grain: one row per month, municipality and topic: the newest decision before the day.
select
    place.month as period,
    place.as_of,
    choice.atvk_code,
    choice.topic,
    place.name_lv,
    place.name_en,
    max_by(choice.is_chosen, choice.decided_on) as is_chosen,
    max(choice.decided_on) as decided_on,
    max_by(choice.decided_by, choice.decided_on) as decided_by,
    max_by(choice.reason, choice.decided_on) as reason
from risk.month_place as place
inner join core.topic_choice as choice
    on
        place.atvk_code = choice.atvk_code
        and choice.decided_on < place.as_of
        and choice.decided_on >= place.year_starts_on
group by place.month, place.as_of, choice.atvk_code, choice.topic, place.name_lv, place.name_en
order by period, choice.atvk_code, choice.topic
