-- Grain: one row per pupil and as-of day.
-- Only a semester that ended before the day, of the same school year: until then its marks are not declared. A declared
-- mark is compared, never recomputed; the year's mark has no semester and is left out.
with ended as (
    -- Those that any of the days may look back at: of years long past nothing is summed.
    select distinct
        school_semester.school_reg_no,
        school_semester.school_year,
        school_semester.semester,
        school_semester.starts_on,
        school_semester.ends_on,
        -- Marks of the break belong to the semester before it, and the day may lie in the break: the seven in which the
        -- semester ends is over by then, a later one may not be.
        (school_semester.ends_on - stand.week_anchor) // 7 as last_week_no
    from core.school_semester
    inner join risk.as_of_date
        on
            school_semester.ends_on < as_of_date.as_of
            and school_semester.starts_on > as_of_date.as_of - 430
    cross join risk.stand
),

declared as (
    select
        period_mark.pupil_key,
        period_mark.subject_code,
        period_mark.mark_value,
        ended.starts_on,
        ended.ends_on,
        ended.last_week_no
    from core.pupil_period_mark as period_mark
    inner join ended
        on
            period_mark.school_reg_no = ended.school_reg_no
            and period_mark.school_year = ended.school_year
            and period_mark.period = 'semester' || ended.semester
    where period_mark.mark_kind = 'points10'
),

pupil_semester as (
    select distinct
        pupil_key,
        starts_on,
        last_week_no
    from declared
),

running as (
    select
        week.pupil_key,
        week.subject_code,
        week.semester_starts_on,
        pupil_semester.last_week_no,
        sum(week.points_marks) as marks,
        sum(week.points_sum) as points
    from risk.pupil_subject_week_mark as week
    inner join pupil_semester
        on
            week.pupil_key = pupil_semester.pupil_key
            and week.semester_starts_on = pupil_semester.starts_on
            and week.week_no <= pupil_semester.last_week_no
    group by week.pupil_key, week.subject_code, week.semester_starts_on, pupil_semester.last_week_no
),

compared as (
    select
        declared.pupil_key,
        declared.starts_on,
        max(declared.ends_on) as ends_on,
        count(*) as subjects,
        avg(abs(declared.mark_value - running.points / running.marks)) as mean_gap,
        max(abs(declared.mark_value - running.points / running.marks)) as largest_gap
    from declared
    inner join running
        on
            declared.pupil_key = running.pupil_key
            and declared.subject_code = running.subject_code
            and declared.starts_on = running.semester_starts_on
            and declared.last_week_no = running.last_week_no
    inner join risk.policy_parameter as least
        on
            least.parameter = 'least_marks_subject'
            and declared.ends_on between least.valid_from and coalesce(least.valid_to, date '9999-12-31')
            and running.marks >= least.value
    group by declared.pupil_key, declared.starts_on
)

select
    cohort.pupil_key,
    cohort.as_of,
    max(compared.starts_on) as semester_starts_on,
    max_by(compared.subjects, compared.starts_on) as period_marks_compared,
    round(max_by(compared.mean_gap, compared.starts_on), 9) as period_mark_gap_mean,
    round(max_by(compared.largest_gap, compared.starts_on), 9) as period_mark_gap_largest
from risk.pupil_week_cohort as cohort
left join compared
    on
        cohort.pupil_key = compared.pupil_key
        and compared.ends_on < cohort.as_of
        and compared.starts_on > cohort.year_starts_on - 60
group by cohort.pupil_key, cohort.as_of
