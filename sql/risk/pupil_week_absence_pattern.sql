-- Grain: one row per pupil and as-of day.
-- A streak is counted in days recorded: a holiday or a day without a record neither adds to it nor ends it. It never
-- crosses the start of a school year: of a pupil who has not come yet this year, only this year's days count.
with least as (
    select
        as_of_date.as_of,
        max(case when parameter = 'least_days_4w' then value end) as days_4w,
        max(case when parameter = 'least_full_days_weekday' then value end) as full_days_weekday
    from risk.policy_parameter
    inner join risk.as_of_date
        on
            as_of_date.as_of between policy_parameter.valid_from
            and coalesce(policy_parameter.valid_to, date '9999-12-31')
    group by as_of_date.as_of
),

weekday as (
    select
        cohort.pupil_key,
        cohort.as_of,
        sum(week.full_days_missed) as days,
        sum(week.full_days_mask & 1) as day_0,
        sum((week.full_days_mask >> 1) & 1) as day_1,
        sum((week.full_days_mask >> 2) & 1) as day_2,
        sum((week.full_days_mask >> 3) & 1) as day_3,
        sum((week.full_days_mask >> 4) & 1) as day_4,
        sum((week.full_days_mask >> 5) & 1) as day_5,
        sum((week.full_days_mask >> 6) & 1) as day_6
    from risk.pupil_week_cohort as cohort
    inner join risk.pupil_week_day_pattern as week
        on
            cohort.pupil_key = week.pupil_key
            and week.full_days_missed > 0
            and week.week_no >= cohort.week_no - 12
            and week.week_no < cohort.week_no
            and week.last_lesson_date > cohort.year_starts_on - 60
    group by cohort.pupil_key, cohort.as_of
),

counted as (
    select
        cohort.pupil_key,
        cohort.as_of,
        any_value(cohort.week_no) as week_no,
        any_value(cohort.year_starts_on) as year_starts_on,
        max(case when week.full_days_missed < week.days_recorded then week.week_no end) as attended_week_no,
        sum(week.days_recorded) as days_recorded_year,
        sum(week.days_held_known) as held_days_year,
        sum(week.full_days_missed) as full_year,
        sum(case when week.week_no >= cohort.week_no - 4 then week.days_held_known end) as held_days_4w,
        sum(case when week.week_no >= cohort.week_no - 4 then week.full_days_missed end) as full_4w,
        sum(case when week.week_no >= cohort.week_no - 4 then week.edge_days_missed end) as edge_4w
    from risk.pupil_week_cohort as cohort
    left join risk.pupil_week_day_pattern as week
        on
            cohort.pupil_key = week.pupil_key
            and week.week_no < cohort.week_no
            and week.last_lesson_date > cohort.year_starts_on - 60
    group by cohort.pupil_key, cohort.as_of
),

streak as (
    -- From the last week with a day attended on: of that week the days after it, of those since then all.
    select
        counted.pupil_key,
        counted.as_of,
        sum(week.full_days_missed_last) as in_row
    from counted
    inner join risk.pupil_week_day_pattern as week
        on
            counted.pupil_key = week.pupil_key
            and week.full_days_missed_last > 0
            and week.week_no >= coalesce(counted.attended_week_no, 0)
            and week.week_no < counted.week_no
            and week.last_lesson_date > counted.year_starts_on - 60
    group by counted.pupil_key, counted.as_of
)

select
    counted.pupil_key,
    counted.as_of,
    counted.days_recorded_year,
    case when counted.held_days_4w >= least.days_4w then counted.full_4w end as full_days_missed_4w,
    case when counted.held_days_year > 0 then coalesce(streak.in_row, 0) end as full_days_missed_in_row,
    case when counted.held_days_4w >= least.days_4w then counted.edge_4w end as edge_days_missed_4w,
    case
        when weekday.days >= least.full_days_weekday
            then round(greatest(day_0, day_1, day_2, day_3, day_4, day_5, day_6) / weekday.days, 9)
    end as weekday_share_12w,
    case
        when weekday.days >= least.full_days_weekday
            then isodow(
                counted.as_of
                + case greatest(day_0, day_1, day_2, day_3, day_4, day_5, day_6)
                    when day_0 then 0
                    when day_1 then 1
                    when day_2 then 2
                    when day_3 then 3
                    when day_4 then 4
                    when day_5 then 5
                    when day_6 then 6
                end
            )
    end as weekday_12w
from counted
inner join least on counted.as_of = least.as_of
left join streak on counted.pupil_key = streak.pupil_key and counted.as_of = streak.as_of
left join weekday on counted.pupil_key = weekday.pupil_key and counted.as_of = weekday.as_of
