-- Grain: one row per pupil, subject, week and semester.
-- Only kinds that can be averaged are summed; nv is counted by itself, less those closed, and is never a zero.
select
    mark.pupil_key,
    mark.subject_code,
    (mark.mark_date - stand.week_anchor) // 7 as week_no,
    school_semester.starts_on as semester_starts_on,
    count(case when mark.mark_kind = 'points10' then 1 end) as points_marks,
    sum(case when mark.mark_kind = 'points10' then mark.mark_value else 0 end) as points_sum,
    count(case when mark.mark_kind = 'percent' then 1 end) as percent_marks,
    sum(case when mark.mark_kind = 'percent' then mark.mark_value else 0 end) as percent_sum,
    sum(case when mark.mark_kind = 'nv' then 1 when mark.closes_nv then -1 else 0 end) as nv_marks
from core.pupil_subject_mark as mark
cross join risk.stand
inner join core.school_semester
    on
        mark.school_reg_no = school_semester.school_reg_no
        and mark.mark_date >= school_semester.starts_on
        and mark.mark_date < coalesce(school_semester.next_starts_on, date '9999-12-31')
where mark.mark_date < stand.as_of
group by mark.pupil_key, mark.subject_code, week_no, school_semester.starts_on
