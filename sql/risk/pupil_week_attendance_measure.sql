-- Grain: one row per pupil and as-of day.
-- A rate over too few days with known lessons stays empty; where a school has no calendar at all, nothing is recorded on
-- any day that could be told to be a school day; unexcused counts what is unexcused or not yet clarified, as the law does.
-- Schools begin on different days: years that begin within 180 days, and semesters within 60, are the same one.
with least as (
    select
        as_of_date.as_of,
        max(case when parameter = 'least_days_4w' then value end) as days_4w,
        max(case when parameter = 'least_days_before' then value end) as days_before,
        max(case when parameter = 'least_days_year' then value end) as days_year,
        max(case when parameter = 'least_school_days_4w' then value end) as school_days_4w
    from risk.policy_parameter
    inner join risk.as_of_date
        on
            as_of_date.as_of between policy_parameter.valid_from
            and coalesce(policy_parameter.valid_to, date '9999-12-31')
    group by as_of_date.as_of
),

windowed as (
    select
        cohort.pupil_key,
        cohort.as_of,
        any_value(cohort.school_days_4w) as school_days_4w,
        any_value(cohort.school_reg_no) as school_reg_no,
        sum(case when week.week_no >= cohort.week_no - 4 then week.lessons_held else 0 end) as held_4w,
        sum(case when week.week_no >= cohort.week_no - 4 then week.lessons_missed_of_held else 0 end) as missed_4w,
        sum(case when week.week_no >= cohort.week_no - 4 then week.lessons_late else 0 end) as late_4w,
        sum(case when week.week_no >= cohort.week_no - 4 then week.days_recorded else 0 end) as days_4w,
        sum(case when week.week_no >= cohort.week_no - 1 then week.lessons_missed_unexcused else 0 end) as open_1w,
        sum(case when week.semester_starts_on > cohort.semester_starts_on - 60 then week.lessons_missed_unexcused end)
            as unexcused_semester,
        sum(case when week.week_no >= cohort.week_no - 4 then week.days_held_known else 0 end) as held_days_4w,
        sum(week.days_held_known) as held_days_year,
        sum(week.lessons_held) as held_year,
        sum(week.lessons_missed_of_held) as missed_year,
        max(week.last_lesson_date) as data_to
    from risk.pupil_week_cohort as cohort
    left join risk.pupil_week_attendance as week
        on
            cohort.pupil_key = week.pupil_key
            and week.week_no < cohort.week_no
            and week.year_starts_on > cohort.year_starts_on - 180
    group by cohort.pupil_key, cohort.as_of
),

calendar as (
    select distinct school_reg_no from core.school_semester
),

rated as (
    select
        windowed.*,
        case when windowed.held_days_4w >= least.days_4w then missed_4w / nullif(held_4w, 0) end as rate_4w,
        case
            when windowed.held_days_year - windowed.held_days_4w >= least.days_before
                then (missed_year - missed_4w) / nullif(held_year - held_4w, 0)
        end as rate_before,
        case when windowed.held_days_year >= least.days_year then missed_year / nullif(held_year, 0) end as rate_year,
        case
            when calendar.school_reg_no is null then 1
            when windowed.school_days_4w >= least.school_days_4w
                then greatest(1 - windowed.days_4w / windowed.school_days_4w, 0)
        end as unrecorded_4w
    from windowed
    inner join least on windowed.as_of = least.as_of
    left join calendar on windowed.school_reg_no = calendar.school_reg_no
)

select
    pupil_key,
    as_of,
    nullif(held_4w, 0) as lessons_held_4w,
    case when held_4w > 0 then missed_4w end as lessons_missed_4w,
    rate_4w as absence_rate_4w,
    rate_before as absence_rate_before,
    round(rate_4w - rate_before, 9) as absence_rate_rise,
    nullif(held_year, 0) as lessons_held_year,
    rate_year as absence_rate_year,
    unexcused_semester as unexcused_lessons_semester,
    case when unexcused_semester is not null then least(open_1w, unexcused_semester) end as unexcused_lessons_open,
    case when held_4w > 0 then late_4w end as late_lessons_4w,
    unrecorded_4w as unrecorded_share_4w,
    data_to
from rated
