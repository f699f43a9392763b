-- Grain: one row per pupil enrolled on an as-of day.
-- The groups that publications are sums of. Years of vocational education are recorded as grades 10 to 13 and told apart
-- from the grades of general schools.
select
    cohort.pupil_key,
    cohort.as_of,
    cohort.atvk_code,
    cohort.school_kind,
    cohort.school_reg_no,
    case
        when cohort.grade is null then 'unknown'
        when cohort.school_kind = 'vocational' and cohort.grade >= 10 then 'v' || (cohort.grade - 9)
        else cohort.grade::varchar
    end as grade,
    case
        when cohort.school_kind = 'vocational' then 'vocational'
        when cohort.grade <= 3 then '1-3'
        when cohort.grade <= 6 then '4-6'
        when cohort.grade <= 9 then '7-9'
        when cohort.grade <= 13 then '10-12'
        else 'unknown'
    end as band,
    coalesce(pupil.sex, 'unknown') as sex
from risk.pupil_week_cohort as cohort
left join core.pupil on cohort.pupil_key = pupil.pupil_key
