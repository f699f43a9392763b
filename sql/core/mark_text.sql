-- Grain: one row per day and text that a running mark of the day is written as.
-- Kept by weeks: which texts there are is known without reading all marks of all years again.
select
    mark_date,
    mark_text,
    count(*) as marks
from raw.mark
group by mark_date, mark_text
