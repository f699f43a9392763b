-- Grain: one row per pupil and as-of day.
-- Counts of the weeks before the day, never across the start of a school year; all as-of days in one pass. Nothing
-- recorded is a count of 0 here: whether that says anything is for the measures to tell.
select
    cohort.pupil_key,
    cohort.as_of,
    sum(case when week.week_no >= cohort.week_no - 2 then week.lessons_held else 0 end) as lessons_held_2w,
    sum(case when week.week_no >= cohort.week_no - 2 then week.lessons_missed_of_held else 0 end) as lessons_missed_2w,
    sum(case when week.week_no >= cohort.week_no - 2 then week.lessons_missed_unexcused else 0 end) as lessons_missed_unexcused_2w,
    sum(case when week.week_no >= cohort.week_no - 2 then week.lessons_missed_ill else 0 end) as lessons_missed_ill_2w,
    sum(case when week.week_no >= cohort.week_no - 2 then week.lessons_missed_other else 0 end) as lessons_missed_other_2w,
    sum(case when week.week_no >= cohort.week_no - 2 then week.lessons_late else 0 end) as lessons_late_2w,
    sum(case when week.week_no >= cohort.week_no - 4 then week.lessons_held else 0 end) as lessons_held_4w,
    sum(case when week.week_no >= cohort.week_no - 4 then week.lessons_missed_of_held else 0 end) as lessons_missed_4w,
    sum(case when week.week_no >= cohort.week_no - 4 then week.lessons_missed_unexcused else 0 end) as lessons_missed_unexcused_4w,
    sum(case when week.week_no >= cohort.week_no - 4 then week.lessons_missed_ill else 0 end) as lessons_missed_ill_4w,
    sum(case when week.week_no >= cohort.week_no - 4 then week.lessons_missed_other else 0 end) as lessons_missed_other_4w,
    sum(case when week.week_no >= cohort.week_no - 4 then week.lessons_late else 0 end) as lessons_late_4w,
    sum(case when week.week_no >= cohort.week_no - 12 then week.lessons_held else 0 end) as lessons_held_12w,
    sum(case when week.week_no >= cohort.week_no - 12 then week.lessons_missed_of_held else 0 end) as lessons_missed_12w,
    sum(case when week.week_no >= cohort.week_no - 12 then week.lessons_missed_unexcused else 0 end) as lessons_missed_unexcused_12w,
    sum(case when week.week_no >= cohort.week_no - 12 then week.lessons_missed_ill else 0 end) as lessons_missed_ill_12w,
    sum(case when week.week_no >= cohort.week_no - 12 then week.lessons_missed_other else 0 end) as lessons_missed_other_12w,
    sum(case when week.week_no >= cohort.week_no - 12 then week.lessons_late else 0 end) as lessons_late_12w,
    coalesce(sum(week.lessons_held), 0) as lessons_held_year,
    coalesce(sum(week.lessons_missed_of_held), 0) as lessons_missed_year,
    coalesce(sum(week.lessons_missed_unexcused), 0) as lessons_missed_unexcused_year,
    coalesce(sum(week.lessons_missed_ill), 0) as lessons_missed_ill_year,
    coalesce(sum(week.lessons_missed_other), 0) as lessons_missed_other_year,
    coalesce(sum(week.lessons_late), 0) as lessons_late_year
from risk.pupil_week_cohort as cohort
left join risk.pupil_week_attendance as week
    on
        cohort.pupil_key = week.pupil_key
        and week.week_no < cohort.week_no
        and week.year_starts_on > cohort.year_starts_on - 180
group by cohort.pupil_key, cohort.as_of
