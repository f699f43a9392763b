-- Grain: one row per month, municipality, sphere and theme noted often enough.
-- Situations noted since the school year began. Few of one theme could be somebody's: they are not told, nor is one more
-- than were told the month before, as the count goes in steps of the least number. One told by two sources is one.
with least as (
    select
        month_term.as_of,
        policy_parameter.value::integer as situations
    from risk.month_term
    inner join risk.policy_parameter
        on
            policy_parameter.parameter = 'least_situations'
            and month_term.as_of between policy_parameter.valid_from
            and coalesce(policy_parameter.valid_to, date '9999-12-31')
)

select
    place.month as period,
    place.as_of,
    situation.atvk_code,
    situation.sphere,
    situation.theme,
    place.name_lv,
    place.name_en,
    count(distinct situation.situation_id) // least.situations * least.situations as events_noted
from risk.month_place as place
inner join core.problem_situation as situation
    on
        place.atvk_code = situation.atvk_code
        and situation.noted_on < place.as_of
        and situation.noted_on >= place.year_starts_on
inner join least on place.as_of = least.as_of
group by
    place.month,
    place.as_of,
    situation.atvk_code,
    situation.sphere,
    situation.theme,
    place.name_lv,
    place.name_en,
    least.situations
having count(distinct situation.situation_id) >= least.situations
order by period, situation.atvk_code, situation.sphere, situation.theme
