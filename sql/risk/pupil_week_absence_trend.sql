-- Grain: one row per pupil and as-of day.
-- The slope is that of the least-squares line through the weekly rates of twelve weeks, every week alike: 0.02 is two
-- points more each week. A week without a lesson known to be held is no point of the line; a week that a semester cuts is one.
with least as (
    select
        as_of_date.as_of,
        max(case when parameter = 'least_days_2w' then value end) as days_2w,
        max(case when parameter = 'least_days_4w' then value end) as days_4w,
        max(case when parameter = 'least_days_12w' then value end) as days_12w,
        max(case when parameter = 'least_weeks_slope' then value end) as weeks_slope
    from risk.policy_parameter
    inner join risk.as_of_date
        on
            as_of_date.as_of between policy_parameter.valid_from
            and coalesce(policy_parameter.valid_to, date '9999-12-31')
    group by as_of_date.as_of
),

looked_at as (
    select
        min(week_no) - 12 as first_week,
        max(week_no) as end_week
    from risk.as_of_date
),

whole_week as (
    select
        week.pupil_key,
        week.week_no,
        max(week.year_starts_on) as year_starts_on,
        sum(week.days_held_known) as days_held_known,
        sum(week.lessons_held) as held,
        sum(week.lessons_missed_of_held) as missed,
        sum(week.lessons_late) as late
    from risk.pupil_week_attendance as week
    inner join looked_at on week.week_no >= looked_at.first_week and week.week_no < looked_at.end_week
    group by week.pupil_key, week.week_no
),

windowed as (
    select
        cohort.pupil_key,
        cohort.as_of,
        sum(case when week.week_no >= cohort.week_no - 2 then week.days_held_known end) as days_2w,
        sum(case when week.week_no >= cohort.week_no - 2 then week.held end) as held_2w,
        sum(case when week.week_no >= cohort.week_no - 2 then week.missed end) as missed_2w,
        sum(case when week.week_no >= cohort.week_no - 4 then week.days_held_known end) as days_4w,
        sum(case when week.week_no >= cohort.week_no - 4 then week.held end) as held_4w,
        sum(case when week.week_no >= cohort.week_no - 4 then week.late end) as late_4w,
        sum(week.days_held_known) as days_12w,
        sum(week.held) as held_12w,
        sum(week.missed) as missed_12w,
        count(case when week.held > 0 then 1 end) as weeks,
        regr_slope(week.missed / nullif(week.held, 0), week.week_no - cohort.week_no) as slope
    from risk.pupil_week_cohort as cohort
    left join whole_week as week
        on
            cohort.pupil_key = week.pupil_key
            and week.week_no >= cohort.week_no - 12
            and week.week_no < cohort.week_no
            and week.year_starts_on > cohort.year_starts_on - 180
    group by cohort.pupil_key, cohort.as_of
)

select
    windowed.pupil_key,
    windowed.as_of,
    case when windowed.days_2w >= least.days_2w then windowed.missed_2w / nullif(windowed.held_2w, 0) end as absence_rate_2w,
    case when windowed.days_12w >= least.days_12w then windowed.missed_12w / nullif(windowed.held_12w, 0) end as absence_rate_12w,
    case when windowed.weeks >= least.weeks_slope then round(windowed.slope, 9) end as absence_slope_12w,
    -- Where only absences are known, a lateness may be noted of a lesson that is not known to be held.
    case when windowed.days_4w >= least.days_4w then least(windowed.late_4w / nullif(windowed.held_4w, 0), 1) end as late_rate_4w
from windowed
inner join least on windowed.as_of = least.as_of
