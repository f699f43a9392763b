-- Grain: one row per pupil, subject, week and semester.
-- Only kinds that can be averaged are summed; nv is counted by itself, less those closed, and is never a zero. Absent is an
-- `n` written where the mark of a work would stand.
-- Ordered by pupil: what sums a pupil's weeks up finds them side by side, and takes a third of the time.
select
    mark.pupil_key,
    mark.subject_code,
    day.week_no,
    day.semester_starts_on,
    count(case when mark.mark_kind = 'points10' then 1 end) as points_marks,
    sum(case when mark.mark_kind = 'points10' then mark.mark_value else 0 end) as points_sum,
    count(case when mark.mark_kind = 'percent' then 1 end) as percent_marks,
    sum(case when mark.mark_kind = 'percent' then mark.mark_value else 0 end) as percent_sum,
    sum(case when mark.mark_kind = 'nv' then 1 when mark.closes_nv then -1 else 0 end) as nv_marks,
    count(case when mark.mark_kind = 'absent' then 1 end) as absent_marks
from core.pupil_subject_mark as mark
inner join risk.school_day_week as day on mark.school_reg_no = day.school_reg_no and mark.mark_date = day.day
group by mark.pupil_key, mark.subject_code, day.week_no, day.semester_starts_on
order by mark.pupil_key, day.week_no, mark.subject_code, day.semester_starts_on
