-- Grain: one row per pupil and as-of day.
-- A child usually turns seven in the calendar year in which grade 1 begins; vocational years count as grades 10-13.
-- The grade of the year before is the one held while its lessons ran: an order of June already names the next grade.
with before as (
    select
        cohort.pupil_key,
        cohort.as_of,
        max(case when enrolment.grade = cohort.grade then 1 else 0 end) as repeats_grade
    from risk.pupil_week_cohort as cohort
    inner join core.enrolment
        on
            cohort.pupil_key = enrolment.pupil_key
            and enrolment.entry_date < cohort.year_starts_on - 100
            and coalesce(enrolment.exit_date, date '9999-12-31') > cohort.year_starts_on - 360
    group by cohort.pupil_key, cohort.as_of
),

this_year as (
    select
        cohort.pupil_key,
        cohort.as_of,
        count(distinct enrolment.school_reg_no) as schools
    from risk.pupil_week_cohort as cohort
    inner join core.enrolment
        on
            cohort.pupil_key = enrolment.pupil_key
            and enrolment.entry_date <= cohort.as_of
            and coalesce(enrolment.exit_date, date '9999-12-31') > cohort.year_starts_on
    group by cohort.pupil_key, cohort.as_of
)

select
    cohort.pupil_key,
    cohort.as_of,
    year(cohort.year_starts_on) - year(pupil.birth_date) - (cohort.grade + 6) as over_age_years,
    case when cohort.grade is not null then before.repeats_grade end as repeats_grade,
    this_year.schools - 1 as school_changes_year
from risk.pupil_week_cohort as cohort
left join core.pupil on cohort.pupil_key = pupil.pupil_key
left join before on cohort.pupil_key = before.pupil_key and cohort.as_of = before.as_of
left join this_year on cohort.pupil_key = this_year.pupil_key and cohort.as_of = this_year.as_of
