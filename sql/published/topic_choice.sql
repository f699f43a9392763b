-- Grain: one row per month, municipality and topic: the newest decision before the day.
select
    month_term.month as period,
    month_term.as_of,
    choice.atvk_code,
    choice.topic,
    max(municipality.name_lv) as name_lv,
    max(municipality.name_en) as name_en,
    max_by(choice.is_chosen, choice.decided_on) as is_chosen,
    max(choice.decided_on) as decided_on,
    max_by(choice.decided_by, choice.decided_on) as decided_by,
    max_by(choice.reason, choice.decided_on) as reason
from risk.month_term
inner join core.topic_choice as choice
    on choice.decided_on < month_term.as_of and choice.decided_on >= month_term.year_starts_on
inner join core.municipality
    on
        choice.atvk_code = municipality.atvk_code
        and month_term.as_of between municipality.valid_from and coalesce(municipality.valid_to, date '9999-12-31')
group by month_term.month, month_term.as_of, choice.atvk_code, choice.topic
order by period, choice.atvk_code, choice.topic
