-- Grain: one row per running mark.
-- A work kind with a colon names one work: the first mark after its nv closes that nv, from its own day on.
with owed as (
    -- Of all days, whichever are asked for: a work may be closed months after it was owed.
    select distinct
        pupil_key,
        school_reg_no,
        subject_code,
        work_kind
    from core.named_work
    where is_nv
),

told as (
    select
        named_work.*,
        lag(named_work.is_nv, 1, false) over (
            partition by
                named_work.pupil_key,
                named_work.school_reg_no,
                named_work.subject_code,
                named_work.work_kind
            order by named_work.mark_date, named_work.sequence
        ) as follows_nv
    from core.named_work
    inner join owed
        on
            named_work.pupil_key = owed.pupil_key
            and named_work.school_reg_no = owed.school_reg_no
            and named_work.subject_code = owed.subject_code
            and named_work.work_kind = owed.work_kind
),

closing as (
    select
        pupil_key,
        school_reg_no,
        subject_code,
        work_kind,
        mark_date,
        sequence
    from told
    where follows_nv and not is_nv
)

select
    coalesce(identity.standing_pupil_key, mark.pupil_key) as pupil_key,
    mark.school_reg_no,
    mark.mark_date,
    mark.subject_code,
    mark.work_kind,
    mark.sequence,
    mark_form.mark_kind,
    mark_form.mark_value,
    mark_form.is_corrected,
    closing.pupil_key is not null as closes_nv
from raw.mark
left join core.pupil_identity as identity on mark.pupil_key = identity.pupil_key
inner join core.mark_form on mark.mark_text = mark_form.mark_text
left join closing
    on
        coalesce(identity.standing_pupil_key, mark.pupil_key) = closing.pupil_key
        and mark.school_reg_no = closing.school_reg_no
        and mark.subject_code = closing.subject_code
        and mark.work_kind = closing.work_kind
        and mark.mark_date = closing.mark_date
        and mark.sequence = closing.sequence
