-- Grain: one row per text that a mark is written as.
-- Kinds are never mixed: a percent is no point, nv is no zero. Of a corrected cell (3|6) the last mark counts.
with written as (
    select running.mark_text
    from core.mark_text as running
    union
    select declared.mark_text
    from core.period_mark_text as declared
),

form as (
    select
        mark_text,
        regexp_replace(regexp_extract(mark_text, '([^|]*)$', 1), '\s*(\(.*\)|%)$', '') as last_text
    from written
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
    end as mark_value,
    mark_text like '%|%' as is_corrected
from kind
order by mark_text
