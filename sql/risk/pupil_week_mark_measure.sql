-- Grain: one row per pupil and as-of day.
-- The fall compares the same subjects only, each with enough marks in both semesters; no marks is no measure.
with least as (
    select
        as_of_date.as_of,
        max(case when parameter = 'least_marks_subject' then value end) as marks_subject,
        max(case when parameter = 'least_subjects_fall' then value end) as subjects_fall
    from risk.policy_parameter
    inner join risk.as_of_date
        on
            as_of_date.as_of between policy_parameter.valid_from
            and coalesce(policy_parameter.valid_to, date '9999-12-31')
    group by as_of_date.as_of
),

-- Two semesters are summed apart: both at once, in sums that look at every row, take twice the time.
this_semester as (
    -- Schools begin on different days: while one is in its new semester, another still gives marks of the one before.
    select
        cohort.pupil_key,
        cohort.as_of,
        week.subject_code,
        sum(week.points_marks) as points_marks,
        sum(week.points_sum) as points_sum,
        sum(week.percent_marks) as percent_marks,
        sum(week.percent_sum) as percent_sum,
        sum(week.nv_marks) as nv_marks,
        sum(week.absent_marks) as absent_marks
    from risk.pupil_week_cohort as cohort
    inner join risk.pupil_subject_week_mark as week
        on
            cohort.pupil_key = week.pupil_key
            and week.week_no < cohort.week_no
            and week.semester_starts_on > cohort.semester_starts_on - 60
    group by cohort.pupil_key, cohort.as_of, week.subject_code
),

semester_before as (
    select
        cohort.pupil_key,
        cohort.as_of,
        week.subject_code,
        sum(week.points_marks) as points_marks,
        sum(week.points_sum) as points_sum
    from risk.pupil_week_cohort as cohort
    inner join risk.pupil_subject_week_mark as week
        on
            cohort.pupil_key = week.pupil_key
            and week.week_no < cohort.week_no
            and week.semester_starts_on = cohort.previous_starts_on
    group by cohort.pupil_key, cohort.as_of, week.subject_code
),

compared as (
    select
        subject.*,
        subject.points_marks >= least.marks_subject as is_marked,
        subject.points_sum / nullif(subject.points_marks, 0) as mean,
        case
            when subject.points_marks >= least.marks_subject and previous.points_marks >= least.marks_subject
                then previous.points_sum / previous.points_marks
        end as previous_mean,
        least.subjects_fall
    from this_semester as subject
    inner join least on subject.as_of = least.as_of
    -- A subject of the semester before alone is no subject of this one.
    left join semester_before as previous
        on
            subject.pupil_key = previous.pupil_key
            and subject.as_of = previous.as_of
            and subject.subject_code = previous.subject_code
),

measured as (
    select
        pupil_key,
        as_of,
        count(case when is_marked and mean < 4 then 1 end) as below_4,
        count(case when is_marked then 1 end) as marked,
        sum(points_sum) / nullif(sum(points_marks), 0) as mark_mean,
        case
            when count(previous_mean) >= any_value(subjects_fall)
                then round(avg(case when previous_mean is not null then previous_mean - mean end), 9)
        end as mark_fall,
        sum(percent_sum) / nullif(sum(percent_marks), 0) as percent_mean,
        sum(greatest(nv_marks, 0)) as nv,
        sum(absent_marks) as absent
    from compared
    group by pupil_key, as_of
)

select
    cohort.pupil_key,
    cohort.as_of,
    case when measured.marked > 0 then measured.below_4 end as subjects_below_4,
    measured.marked as subjects_marked,
    measured.mark_mean as mark_mean_semester,
    measured.mark_fall,
    measured.percent_mean as percent_mean_semester,
    measured.nv as open_nv,
    measured.absent as works_missed
from risk.pupil_week_cohort as cohort
left join measured on cohort.pupil_key = measured.pupil_key and cohort.as_of = measured.as_of
