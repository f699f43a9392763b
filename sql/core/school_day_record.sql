-- Grain: one row per school, day and dataset with any row of lessons or marks.
select
    'attendance' as dataset,
    school_reg_no,
    lesson_date as day,
    count(*) as rows_recorded,
    bool_or(coalesce(shape, 'exceptions') = 'roll') as is_roll
from raw.attendance
group by school_reg_no, lesson_date
union all
select
    'lesson' as dataset,
    school_reg_no,
    lesson_date as day,
    count(*) as rows_recorded,
    null as is_roll
from raw.lesson
group by school_reg_no, lesson_date
union all
select
    'mark' as dataset,
    school_reg_no,
    mark_date as day,
    count(*) as rows_recorded,
    null as is_roll
from raw.mark
group by school_reg_no, mark_date
