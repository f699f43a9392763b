-- Grain: one row per school, school year, term, support and question.
-- Anonymous answers of a term that is over by the stand's day, if there are enough of them; one told by two sources is one.
-- The count goes in steps of five, the mean in halves and never to an end: neither one answer that comes late nor that all
-- said the same can be read from it.
with told as (
    select
        answer_id,
        school_reg_no,
        about,
        question,
        month,
        min(rating) as rating
    from raw.staff_feedback
    group by answer_id, school_reg_no, about, question, month
),

answer as (
    select
        school_reg_no,
        about,
        question,
        rating,
        strptime(month, '%Y-%m')::date as month_starts_on
    from told
),

dated as (
    select
        school_reg_no,
        about,
        question,
        rating,
        year(month_starts_on) - case when month(month_starts_on) < 9 then 1 else 0 end as first_year,
        case when month(month_starts_on) < 9 then 2 else 1 end as semester
    from answer
),

least as (
    select policy_parameter.value::integer as answers
    from risk.policy_parameter
    cross join risk.stand
    where
        policy_parameter.parameter = 'least_feedback_answers'
        and stand.as_of between policy_parameter.valid_from and coalesce(policy_parameter.valid_to, date '9999-12-31')
)

select
    dated.school_reg_no,
    dated.first_year || '/' || (dated.first_year + 1) as school_year,
    dated.semester,
    dated.about,
    dated.question,
    count(*) // 5 * 5 as answers_at_least,
    greatest(1.5, least(4.5, round(2 * avg(dated.rating)) / 2)) as rating
from dated
cross join risk.stand
where
    case dated.semester
        when 1 then make_date(dated.first_year + 1, 1, 1)
        else make_date(dated.first_year + 1, 9, 1)
    end <= stand.as_of
group by dated.school_reg_no, dated.first_year, dated.semester, dated.about, dated.question
having count(*) >= (select answers from least)
order by dated.school_reg_no, dated.first_year, dated.semester, dated.about, dated.question
