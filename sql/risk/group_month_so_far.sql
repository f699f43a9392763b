-- Grain: one row per month's close, school, grade and sex.
-- Pupils who were at risk at the close of any month of the term, or school year, until now; counted where they are now.
-- Raw counts: they leave only through the disclosure code. Of whom nothing was known so far, nobody counts: empty, not 0.
with term as (
    select
        school_year,
        semester,
        min(starts_on) as starts_on,
        min(year_starts_on) as year_starts_on
    from core.school_semester
    group by school_year, semester
),

month_close as (
    -- A month belongs to the last term that began before its close.
    select
        as_of_date.as_of,
        as_of_date.month,
        max_by(term.school_year, term.starts_on) as school_year,
        max_by(term.semester, term.starts_on) as semester
    from risk.as_of_date
    inner join term on as_of_date.as_of > term.starts_on
    where as_of_date.is_month_close
    group by as_of_date.as_of, as_of_date.month
),

numbered as (
    select
        as_of,
        month,
        school_year,
        semester,
        row_number() over (partition by school_year, semester order by as_of) as month_of_term,
        dense_rank() over (partition by school_year order by semester) as term_of_year
    from month_close
),

first_of_term as (
    select
        summary.pupil_key,
        numbered.school_year,
        numbered.semester,
        min(case when summary.is_at_risk then summary.as_of end) as at_risk_since,
        min(case when summary.is_at_risk or not summary.is_no_data then summary.as_of end) as known_since
    from risk.pupil_week_summary as summary
    inner join numbered on summary.as_of = numbered.as_of
    group by summary.pupil_key, numbered.school_year, numbered.semester
),

first_of_year as (
    select
        pupil_key,
        school_year,
        min(at_risk_since) as at_risk_since,
        min(known_since) as known_since
    from first_of_term
    group by pupil_key, school_year
)

select
    placed.as_of,
    numbered.month,
    numbered.school_year,
    numbered.semester,
    numbered.month_of_term,
    numbered.term_of_year,
    placed.atvk_code,
    placed.school_kind,
    placed.school_reg_no,
    placed.grade,
    placed.band,
    placed.sex,
    count(*) as pupils,
    count(case when of_term.known_since <= placed.as_of then 1 end) as pupils_known_this_term,
    count(case when of_year.known_since <= placed.as_of then 1 end) as pupils_known_this_year,
    count(case when of_term.at_risk_since <= placed.as_of then 1 end) as pupils_at_risk_this_term,
    count(case when of_year.at_risk_since <= placed.as_of then 1 end) as pupils_at_risk_this_year
from risk.pupil_week_group as placed
inner join numbered on placed.as_of = numbered.as_of
inner join first_of_term as of_term
    on
        placed.pupil_key = of_term.pupil_key
        and numbered.school_year = of_term.school_year
        and numbered.semester = of_term.semester
inner join first_of_year as of_year
    on placed.pupil_key = of_year.pupil_key and numbered.school_year = of_year.school_year
group by
    placed.as_of,
    numbered.month,
    numbered.school_year,
    numbered.semester,
    numbered.month_of_term,
    numbered.term_of_year,
    placed.atvk_code,
    placed.school_kind,
    placed.school_reg_no,
    placed.grade,
    placed.band,
    placed.sex
