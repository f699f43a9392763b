-- Grain: one row per month's close.
-- A month belongs to the last term that began before its close; who ends a term later than others does not move it.
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
    select
        as_of_date.as_of,
        as_of_date.month,
        max_by(term.school_year, term.starts_on) as school_year,
        max_by(term.semester, term.starts_on) as semester,
        max(term.starts_on) as term_starts_on,
        max_by(term.year_starts_on, term.starts_on) as year_starts_on
    from risk.as_of_date
    inner join term on as_of_date.as_of > term.starts_on
    where as_of_date.is_month_close
    group by as_of_date.as_of, as_of_date.month
)

select
    as_of,
    month,
    school_year,
    semester,
    term_starts_on,
    year_starts_on,
    row_number() over (partition by school_year, semester order by as_of) as month_of_term,
    dense_rank() over (partition by school_year order by semester) as term_of_year
from month_close
order by as_of
