-- Grain: one row per pupil and as-of day.
-- Every mark of twelve weeks is a point of the line, not every week: the sums of its week are enough to draw it. Weeks
-- are counted back from the day, so that the numbers stay small and the line exact.
with least as (
    select
        as_of_date.as_of,
        policy_parameter.value as marks
    from risk.policy_parameter
    inner join risk.as_of_date
        on
            as_of_date.as_of between policy_parameter.valid_from
            and coalesce(policy_parameter.valid_to, date '9999-12-31')
    where policy_parameter.parameter = 'least_marks_12w'
),

placed as (
    select
        cohort.pupil_key,
        cohort.as_of,
        week.week_no - cohort.week_no as place,
        week.points_marks as marks,
        week.points_sum as points
    from risk.pupil_week_cohort as cohort
    inner join risk.pupil_week_mark as week
        on
            cohort.pupil_key = week.pupil_key
            and week.week_no >= cohort.week_no - 12
            and week.week_no < cohort.week_no
            and week.semester_starts_on > cohort.year_starts_on - 60
),

summed as (
    select
        pupil_key,
        as_of,
        sum(marks) as n,
        sum(marks * place) as x,
        sum(marks * place * place) as xx,
        sum(points) as y,
        sum(points * place) as xy
    from placed
    group by pupil_key, as_of
)

select
    cohort.pupil_key,
    cohort.as_of,
    case when mark.marks_12w >= least.marks then mark.mark_mean_12w end as mark_mean_12w,
    case when mark.marks_12w >= least.marks then mark.mark_spread_12w end as mark_spread_12w,
    case
        when summed.n >= least.marks
            then round((summed.n * summed.xy - summed.x * summed.y) / nullif(summed.n * summed.xx - summed.x * summed.x, 0), 9)
    end as mark_slope_12w
from risk.pupil_week_cohort as cohort
inner join least on cohort.as_of = least.as_of
left join risk.pupil_week_mark_window as mark on cohort.pupil_key = mark.pupil_key and cohort.as_of = mark.as_of
left join summed on cohort.pupil_key = summed.pupil_key and cohort.as_of = summed.as_of
