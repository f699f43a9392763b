-- Grain: one row per pupil, school, school year, period and subject.
-- Teachers declare these marks: they are read as running marks are, but never recomputed from them.
with form as (
    select distinct
        period_mark.mark_text,
        regexp_replace(regexp_extract(period_mark.mark_text, '([^|]*)$', 1), '\s*(\(.*\)|%)$', '') as last_text
    from raw.period_mark
),

kind as (
    select
        mark_text,
        last_text,
        case
            when right(mark_text, 1) = '%' then 'percent'
            when last_text = 'nv' then 'nv'
            when last_text = 'a' then 'exempt'
            when last_text = 'n' then 'absent'
            when last_text in ('i', 'ni') then 'pass_fail'
            when last_text in ('S', 'T', 'A', 'P') then 'level'
            when last_text like '%/%' then 'percent'
            else 'points10'
        end as mark_kind
    from form
)

select
    period_mark.pupil_key,
    period_mark.school_reg_no,
    period_mark.school_year,
    period_mark.period,
    period_mark.subject_code,
    kind.mark_kind,
    case
        when kind.last_text in ('nv', 'a', 'n') then null
        when kind.mark_kind = 'pass_fail' then case when kind.last_text = 'i' then 1 else 0 end
        when kind.mark_kind = 'level' then position(kind.last_text in 'STAP')
        when kind.last_text like '%/%'
            then
                100 * replace(split_part(kind.last_text, '/', 1), ',', '.')::double
                / nullif(replace(split_part(kind.last_text, '/', 2), ',', '.')::double, 0)
        else replace(kind.last_text, ',', '.')::double
    end as mark_value
from raw.period_mark
inner join kind on period_mark.mark_text = kind.mark_text
