-- Grain: one row per pupil, school, school year, period and subject.
-- Teachers declare these marks: they are read as running marks are, but never recomputed from them.
select
    coalesce(identity.standing_pupil_key, period_mark.pupil_key) as pupil_key,
    period_mark.school_reg_no,
    period_mark.school_year,
    period_mark.period,
    period_mark.subject_code,
    mark_form.mark_kind,
    mark_form.mark_value
from raw.period_mark
inner join core.mark_form on period_mark.mark_text = mark_form.mark_text
left join core.pupil_identity as identity on period_mark.pupil_key = identity.pupil_key
