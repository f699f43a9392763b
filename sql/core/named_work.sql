-- Grain: one row per running mark of a named work.
-- A work kind with a colon names one work. Who was absent was not marked: the work stays what it was before.
select
    coalesce(identity.standing_pupil_key, mark.pupil_key) as pupil_key,
    mark.school_reg_no,
    mark.mark_date,
    mark.subject_code,
    mark.work_kind,
    mark.sequence,
    mark_form.mark_kind = 'nv' as is_nv
from raw.mark
left join core.pupil_identity as identity on mark.pupil_key = identity.pupil_key
inner join core.mark_form on mark.mark_text = mark_form.mark_text
where mark.work_kind like '%:%' and mark_form.mark_kind <> 'absent'
