-- Grain: one row per month, municipality or all, and kind of school or all.
-- Raw sums of the four weeks before the month's close: they leave only through the disclosure code, as shares in steps.
-- A code that no municipality has on the day keeps its row: parts without a row would be protected by nobody.
with counted as (
    select
        as_of_date.month as period,
        as_of_date.as_of,
        coalesce(counted.atvk_code, 'all') as atvk_code,
        coalesce(counted.school_kind, 'all') as kind,
        sum(counted.pupils) as pupils,
        sum(counted.pupils_with_lessons) as pupils_with_lessons,
        sum(counted.lessons_held) as lessons_held,
        max(counted.most_lessons_held) as most_lessons_held,
        sum(counted.lessons_missed_ill) as lessons_missed_ill,
        sum(counted.lessons_missed_other) as lessons_missed_other,
        sum(counted.lessons_missed_unexcused) as lessons_missed_unexcused
    from risk.group_week_lesson as counted
    inner join risk.as_of_date on counted.as_of = as_of_date.as_of and as_of_date.is_month_close
    group by as_of_date.month, as_of_date.as_of, cube (counted.atvk_code, counted.school_kind)
)

select
    counted.period,
    counted.as_of,
    counted.atvk_code,
    counted.kind,
    case when counted.atvk_code = 'all' then 'Latvija' else coalesce(municipality.name_lv, 'nezināma pašvaldība') end
        as name_lv,
    case when counted.atvk_code = 'all' then 'Latvia' else coalesce(municipality.name_en, 'unknown municipality') end
        as name_en,
    counted.pupils,
    counted.pupils_with_lessons,
    counted.lessons_held,
    counted.most_lessons_held,
    counted.lessons_missed_ill,
    counted.lessons_missed_other,
    counted.lessons_missed_unexcused
from counted
left join core.municipality
    on
        counted.atvk_code = municipality.atvk_code
        and counted.as_of between municipality.valid_from and coalesce(municipality.valid_to, date '9999-12-31')
order by counted.period, counted.as_of, counted.atvk_code, counted.kind
