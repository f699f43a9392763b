-- Grain: one row per month, and municipality or all.
-- Schools, and those whose absences of the four weeks before the month's close are all in: no pupil is counted.
-- A week that came late is in; whether a past week is in is told as it is known now.
with school as (
    select distinct
        month_term.month as period,
        month_term.as_of,
        month_term.school_year,
        counted.atvk_code,
        counted.school_reg_no
    from risk.month_term
    inner join risk.group_week_count as counted on month_term.as_of = counted.as_of
),

lacking as (
    select distinct
        month_term.as_of,
        week.school_reg_no
    from risk.month_term
    inner join risk.school_week_completeness as week
        on week.week_starts_on >= month_term.as_of - 28 and week.week_starts_on < month_term.as_of
    where week.dataset = 'attendance' and week.state in ('missing', 'small', 'no_calendar')
),

counted as (
    select
        school.period,
        school.as_of,
        school.school_year,
        coalesce(school.atvk_code, 'all') as atvk_code,
        count(*) as events_schools,
        count(case when lacking.school_reg_no is null then 1 end) as events_schools_complete
    from school
    left join lacking on school.as_of = lacking.as_of and school.school_reg_no = lacking.school_reg_no
    group by school.period, school.as_of, school.school_year, cube (school.atvk_code)
)

select
    counted.period,
    counted.as_of,
    counted.school_year,
    counted.atvk_code,
    coalesce(municipality.name_lv, 'Latvija') as name_lv,
    coalesce(municipality.name_en, 'Latvia') as name_en,
    counted.events_schools,
    counted.events_schools_complete
from counted
left join core.municipality
    on
        counted.atvk_code = municipality.atvk_code
        and counted.as_of between municipality.valid_from and coalesce(municipality.valid_to, date '9999-12-31')
where counted.atvk_code = 'all' or municipality.atvk_code is not null
order by counted.period, counted.as_of, counted.atvk_code
