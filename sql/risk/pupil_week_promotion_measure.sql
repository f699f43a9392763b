-- Grain: one row per pupil and as-of day.
-- The rule speaks of year marks; running means only say where they lead. Below 4 and at 3 to 4 look at the same marks:
-- a mean of exactly 4 passes the rule, and is still no more than a pass in an exam subject.
with least as (
    select
        as_of_date.as_of,
        policy_parameter.value as marks
    from risk.policy_parameter
    inner join risk.as_of_date
        on
            as_of_date.as_of between policy_parameter.valid_from
            and coalesce(policy_parameter.valid_to, date '9999-12-31')
    where policy_parameter.parameter = 'least_marks_subject'
),

examinee as (
    select
        cohort.pupil_key,
        cohort.as_of,
        cohort.week_no,
        cohort.semester_starts_on,
        exam_subject.subject_code
    from risk.pupil_week_cohort as cohort
    inner join risk.exam_subject
        on
            cohort.grade = exam_subject.grade
            and cohort.as_of between exam_subject.valid_from and coalesce(exam_subject.valid_to, date '9999-12-31')
),

exam_mean as (
    select
        examinee.pupil_key,
        examinee.as_of,
        examinee.subject_code,
        case when sum(week.points_marks) >= any_value(least.marks) then sum(week.points_sum) / sum(week.points_marks) end as mean
    from examinee
    inner join least on examinee.as_of = least.as_of
    left join risk.pupil_subject_week_mark as week
        on
            examinee.pupil_key = week.pupil_key
            and examinee.subject_code = week.subject_code
            and week.week_no < examinee.week_no
            and week.semester_starts_on > examinee.semester_starts_on - 60
    group by examinee.pupil_key, examinee.as_of, examinee.subject_code
),

exam as (
    select
        pupil_key,
        as_of,
        count(mean) as marked,
        count(case when mean between 3 and 4 then 1 end) as at_3_to_4
    from exam_mean
    group by pupil_key, as_of
)

select
    cohort.pupil_key,
    cohort.as_of,
    rule.subjects_below_4_allowed,
    -- Not greatest(..., 0): that would read an unknown number of subjects as none.
    case
        when mark.subjects_below_4 > rule.subjects_below_4_allowed then mark.subjects_below_4 - rule.subjects_below_4_allowed
        when mark.subjects_below_4 is not null and rule.grade is not null then 0
    end as subjects_below_4_beyond_allowed,
    exam.marked as exam_subjects_marked,
    case when exam.marked > 0 then exam.at_3_to_4 end as exam_subjects_at_3_to_4
from risk.pupil_week_cohort as cohort
inner join risk.pupil_week_mark_measure as mark on cohort.pupil_key = mark.pupil_key and cohort.as_of = mark.as_of
left join risk.promotion_rule as rule
    on
        cohort.grade = rule.grade
        and cohort.school_kind <> 'vocational'
        and cohort.as_of between rule.valid_from and coalesce(rule.valid_to, date '9999-12-31')
left join exam on cohort.pupil_key = exam.pupil_key and cohort.as_of = exam.as_of
