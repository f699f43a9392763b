-- Grain: one row per pupil and as-of day.
-- A child usually turns seven in the calendar year in which grade 1 begins; vocational years count as grades 10-13.
-- The grade of the year before is the one held while its lessons ran: an order of June already names the next grade.
-- A transition is grade 10 or first vocational year, and grade 7 in a school that the pupil entered for it.
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
),

first_here as (
    select
        cohort.pupil_key,
        cohort.as_of,
        min(enrolment.entry_date) as entered_on
    from risk.pupil_week_cohort as cohort
    inner join core.enrolment
        on
            cohort.pupil_key = enrolment.pupil_key
            and cohort.school_reg_no = enrolment.school_reg_no
            and enrolment.entry_date <= cohort.as_of
    group by cohort.pupil_key, cohort.as_of
)

select
    cohort.pupil_key,
    cohort.as_of,
    year(cohort.year_starts_on) - year(pupil.birth_date) - (cohort.grade + 6) as over_age_years,
    case when cohort.grade is not null then before.repeats_grade end as repeats_grade,
    this_year.schools - 1 as school_changes_year,
    case
        when cohort.grade = 10 then 1
        when cohort.grade = 7 and first_here.entered_on > cohort.year_starts_on - 100 then 1
        when cohort.grade is not null and cohort.year_starts_on is not null then 0
    end as is_transition_year,
    case when cohort.grade is not null then case when cohort.grade = 10 and cohort.school_kind = 'vocational' then 1 else 0 end end
        as is_vocational_first_year
from risk.pupil_week_cohort as cohort
left join core.pupil on cohort.pupil_key = pupil.pupil_key
left join before on cohort.pupil_key = before.pupil_key and cohort.as_of = before.as_of
left join first_here on cohort.pupil_key = first_here.pupil_key and cohort.as_of = first_here.as_of
left join this_year on cohort.pupil_key = this_year.pupil_key and cohort.as_of = this_year.as_of
