-- Grain: one row per pupil, week and semester in which a ten-point mark was given.
-- All subjects together. Only ten-point marks are summed: a percent is no point, nv is no zero.
-- Ordered by pupil: what sums a pupil's weeks up finds them side by side, and takes a third of the time.
select
    mark.pupil_key,
    day.week_no,
    day.semester_starts_on,
    count(*) as points_marks,
    count(case when mark.mark_value < 4 then 1 end) as points_below_4,
    sum(mark.mark_value) as points_sum,
    sum(mark.mark_value * mark.mark_value) as points_squares,
    min(mark.mark_value) as points_lowest,
    max(mark.mark_value) as points_highest
from core.pupil_subject_mark as mark
inner join risk.school_day_week as day on mark.school_reg_no = day.school_reg_no and mark.mark_date = day.day
where mark.mark_kind = 'points10'
group by mark.pupil_key, day.week_no, day.semester_starts_on
order by mark.pupil_key, day.week_no, day.semester_starts_on
