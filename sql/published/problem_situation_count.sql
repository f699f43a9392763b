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
    month_term.month as period,
    month_term.as_of,
    situation.atvk_code,
    situation.sphere,
    situation.theme,
    max(municipality.name_lv) as name_lv,
    max(municipality.name_en) as name_en,
    count(distinct situation.situation_id) // least.situations * least.situations as events_noted
from risk.month_term
inner join core.problem_situation as situation
    on situation.noted_on < month_term.as_of and situation.noted_on >= month_term.year_starts_on
inner join core.municipality
    on
        situation.atvk_code = municipality.atvk_code
        and month_term.as_of between municipality.valid_from and coalesce(municipality.valid_to, date '9999-12-31')
inner join least on month_term.as_of = least.as_of
group by
    month_term.month, month_term.as_of, situation.atvk_code, situation.sphere, situation.theme, least.situations
having count(distinct situation.situation_id) >= least.situations
order by period, situation.atvk_code, situation.sphere, situation.theme
