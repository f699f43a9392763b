-- Grain: one row per text that a declared mark is written as.
-- Apart from the forms: declared marks come twice a year, and are not read again each week to find no new text.
select
    mark_text,
    count(*) as marks
from raw.period_mark
group by mark_text
