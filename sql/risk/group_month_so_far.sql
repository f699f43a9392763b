-- Grain: one row per month's close, school, grade and sex.
-- Pupils who were at risk at the close of any month of the term, or school year, until now; counted where they are now.
-- Raw counts: they leave only through the disclosure code. Of whom nothing was known so far, nobody counts: empty, not 0.
with first_of_term as (
    select
        summary.pupil_key,
        month_term.school_year,
        month_term.semester,
        min(case when summary.is_at_risk then summary.as_of end) as at_risk_since,
        min(case when summary.is_at_risk or not summary.is_no_data then summary.as_of end) as known_since
    from risk.pupil_week_summary as summary
    inner join risk.month_term on summary.as_of = month_term.as_of
    group by summary.pupil_key, month_term.school_year, month_term.semester
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
    month_term.month,
    month_term.school_year,
    month_term.semester,
    month_term.month_of_term,
    month_term.term_of_year,
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
inner join risk.month_term on placed.as_of = month_term.as_of
inner join first_of_term as of_term
    on
        placed.pupil_key = of_term.pupil_key
        and month_term.school_year = of_term.school_year
        and month_term.semester = of_term.semester
inner join first_of_year as of_year
    on placed.pupil_key = of_year.pupil_key and month_term.school_year = of_year.school_year
group by
    placed.as_of,
    month_term.month,
    month_term.school_year,
    month_term.semester,
    month_term.month_of_term,
    month_term.term_of_year,
    placed.atvk_code,
    placed.school_kind,
    placed.school_reg_no,
    placed.grade,
    placed.band,
    placed.sex
