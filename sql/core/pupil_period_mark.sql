-- Grain: one row per pupil, school, school year, period and subject.
-- Teachers declare these marks: they are compared with running marks, never recomputed from them.
with kind as (
    select distinct
        period_mark.mark_text,
        case
            when period_mark.mark_text like 'nv%' then 'nv'
            when period_mark.mark_text = 'a' then 'exempt'
            when period_mark.mark_text = 'n' then 'absent'
            when period_mark.mark_text in ('i', 'ni') then 'pass_fail'
            when period_mark.mark_text in ('S', 'T', 'A', 'P') then 'level'
            when right(period_mark.mark_text, 1) = '%' then 'percent'
            else 'points10'
        end as mark_kind,
        regexp_extract(period_mark.mark_text, '([0-9]+([.,][0-9]+)?)\s*%?$', 1) as figure
    from raw.period_mark
)

select
    period_mark.pupil_key,
    period_mark.school_reg_no,
    period_mark.school_year,
    period_mark.period,
    period_mark.subject_code,
    kind.mark_kind,
    case
        when kind.mark_kind in ('nv', 'exempt', 'absent') then null
        when kind.mark_kind = 'pass_fail' then case when kind.mark_text = 'i' then 1 else 0 end
        when kind.mark_kind = 'level' then position(kind.mark_text in 'STAP')
        else replace(kind.figure, ',', '.')::double
    end as mark_value
from raw.period_mark
inner join kind on period_mark.mark_text = kind.mark_text
