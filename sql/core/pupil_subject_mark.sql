-- Grain: one row per running mark.
-- Kinds are never mixed: a percent is no point, nv is no zero. Of a corrected cell (3|6) the last mark counts.
-- A work kind with a colon names one work: the first mark after its nv closes that nv, from its own day on.
with form as (
    select distinct
        mark.mark_text,
        regexp_replace(regexp_extract(mark.mark_text, '([^|]*)$', 1), '\s*(\(.*\)|%)$', '') as last_text
    from raw.mark
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
),

read as (
    select
        mark_text,
        mark_kind,
        case
            when last_text in ('nv', 'a', 'n') then null
            when mark_kind = 'pass_fail' then case when last_text = 'i' then 1 else 0 end
            when mark_kind = 'level' then position(last_text in 'STAP')
            when last_text like '%/%'
                then
                    100 * replace(split_part(last_text, '/', 1), ',', '.')::double
                    / nullif(replace(split_part(last_text, '/', 2), ',', '.')::double, 0)
            else replace(last_text, ',', '.')::double
        end as mark_value
    from kind
),

named_work as (
    select
        mark.pupil_key,
        mark.school_reg_no,
        mark.subject_code,
        mark.work_kind,
        mark.mark_date,
        mark.sequence,
        read.mark_kind = 'nv' as is_nv,
        lag(read.mark_kind = 'nv', 1, false) over (
            partition by mark.pupil_key, mark.school_reg_no, mark.subject_code, mark.work_kind
            order by mark.mark_date, mark.sequence
        ) as follows_nv
    from raw.mark
    inner join read on mark.mark_text = read.mark_text
    where mark.work_kind like '%:%' and read.mark_kind <> 'absent'
),

closing as (
    select
        pupil_key,
        school_reg_no,
        subject_code,
        work_kind,
        mark_date,
        sequence
    from named_work
    where follows_nv and not is_nv
)

select
    mark.pupil_key,
    mark.school_reg_no,
    mark.mark_date,
    mark.subject_code,
    mark.work_kind,
    mark.sequence,
    read.mark_kind,
    read.mark_value,
    mark.mark_text like '%|%' as is_corrected,
    closing.pupil_key is not null as closes_nv
from raw.mark
inner join read on mark.mark_text = read.mark_text
left join closing
    on
        mark.pupil_key = closing.pupil_key
        and mark.school_reg_no = closing.school_reg_no
        and mark.subject_code = closing.subject_code
        and mark.work_kind = closing.work_kind
        and mark.mark_date = closing.mark_date
        and mark.sequence = closing.sequence
