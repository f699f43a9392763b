-- Grain: one row per pupil, school and day of attendance that was delivered before the day came.
select
    pupil_key,
    school_reg_no,
    lesson_date
from raw.attendance
where lesson_date > known_from
group by pupil_key, school_reg_no, lesson_date
