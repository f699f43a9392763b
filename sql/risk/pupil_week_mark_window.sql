-- Grain: one row per pupil and as-of day.
-- Ten-point marks of all subjects in the weeks before the day, never across the start of a school year; all as-of days
-- in one pass. A spread needs two marks, a mean one: none is not zero.
with windowed as (
    select
        cohort.pupil_key,
        cohort.as_of,
        sum(case when week.week_no >= cohort.week_no - 2 then week.points_marks end) as marks_2w,
        sum(case when week.week_no >= cohort.week_no - 2 then week.points_below_4 end) as marks_below_4_2w,
        sum(case when week.week_no >= cohort.week_no - 2 then week.points_sum end) as total_2w,
        sum(case when week.week_no >= cohort.week_no - 2 then week.points_squares end) as squares_2w,
        min(case when week.week_no >= cohort.week_no - 2 then week.points_lowest end) as mark_lowest_2w,
        max(case when week.week_no >= cohort.week_no - 2 then week.points_highest end) as mark_highest_2w,
        sum(case when week.week_no >= cohort.week_no - 4 then week.points_marks end) as marks_4w,
        sum(case when week.week_no >= cohort.week_no - 4 then week.points_below_4 end) as marks_below_4_4w,
        sum(case when week.week_no >= cohort.week_no - 4 then week.points_sum end) as total_4w,
        sum(case when week.week_no >= cohort.week_no - 4 then week.points_squares end) as squares_4w,
        min(case when week.week_no >= cohort.week_no - 4 then week.points_lowest end) as mark_lowest_4w,
        max(case when week.week_no >= cohort.week_no - 4 then week.points_highest end) as mark_highest_4w,
        sum(case when week.week_no >= cohort.week_no - 12 then week.points_marks end) as marks_12w,
        sum(case when week.week_no >= cohort.week_no - 12 then week.points_below_4 end) as marks_below_4_12w,
        sum(case when week.week_no >= cohort.week_no - 12 then week.points_sum end) as total_12w,
        sum(case when week.week_no >= cohort.week_no - 12 then week.points_squares end) as squares_12w,
        min(case when week.week_no >= cohort.week_no - 12 then week.points_lowest end) as mark_lowest_12w,
        max(case when week.week_no >= cohort.week_no - 12 then week.points_highest end) as mark_highest_12w,
        sum(week.points_marks) as marks_year,
        sum(week.points_below_4) as marks_below_4_year,
        sum(week.points_sum) as total_year,
        sum(week.points_squares) as squares_year,
        min(week.points_lowest) as mark_lowest_year,
        max(week.points_highest) as mark_highest_year
    from risk.pupil_week_cohort as cohort
    left join risk.pupil_week_mark as week
        on
            cohort.pupil_key = week.pupil_key
            and week.week_no < cohort.week_no
            and week.semester_starts_on > cohort.year_starts_on - 60
    group by cohort.pupil_key, cohort.as_of
)

select
    pupil_key,
    as_of,
    coalesce(marks_2w, 0) as marks_2w,
    coalesce(marks_below_4_2w, 0) as marks_below_4_2w,
    total_2w / nullif(marks_2w, 0) as mark_mean_2w,
    mark_lowest_2w,
    mark_highest_2w,
    case
        when marks_2w > 1
            then sqrt(greatest(squares_2w - total_2w * total_2w / marks_2w, 0) / (marks_2w - 1))
    end as mark_spread_2w,
    coalesce(marks_4w, 0) as marks_4w,
    coalesce(marks_below_4_4w, 0) as marks_below_4_4w,
    total_4w / nullif(marks_4w, 0) as mark_mean_4w,
    mark_lowest_4w,
    mark_highest_4w,
    case
        when marks_4w > 1
            then sqrt(greatest(squares_4w - total_4w * total_4w / marks_4w, 0) / (marks_4w - 1))
    end as mark_spread_4w,
    coalesce(marks_12w, 0) as marks_12w,
    coalesce(marks_below_4_12w, 0) as marks_below_4_12w,
    total_12w / nullif(marks_12w, 0) as mark_mean_12w,
    mark_lowest_12w,
    mark_highest_12w,
    case
        when marks_12w > 1
            then sqrt(greatest(squares_12w - total_12w * total_12w / marks_12w, 0) / (marks_12w - 1))
    end as mark_spread_12w,
    coalesce(marks_year, 0) as marks_year,
    coalesce(marks_below_4_year, 0) as marks_below_4_year,
    total_year / nullif(marks_year, 0) as mark_mean_year,
    mark_lowest_year,
    mark_highest_year,
    case
        when marks_year > 1
            then sqrt(greatest(squares_year - total_year * total_year / marks_year, 0) / (marks_year - 1))
    end as mark_spread_year
from windowed
