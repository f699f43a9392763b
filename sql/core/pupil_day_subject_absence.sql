-- Grain: one row per pupil, school, day and subject with a lesson missed without excuse.
-- Unexcused or not yet clarified, as the law counts. Whether a lesson was missed at all is asked of the pupil's day: one
-- that the register calls cancelled was missed by nobody, and one told twice was missed once.
with coded as (
    select
        coalesce(identity.standing_pupil_key, attendance.pupil_key) as pupil_key,
        attendance.school_reg_no,
        attendance.lesson_date,
        attendance.subject_code,
        1 << attendance.lesson_no::integer as lesson
    from raw.attendance
    left join core.pupil_identity as identity on attendance.pupil_key = identity.pupil_key
    left join core.attendance_code as common
        on
            attendance.code = common.code
            and attendance.source = common.source
            and common.school_reg_no = '*'
            and attendance.lesson_date between common.valid_from and common.valid_to
    left join core.attendance_code as own
        on
            attendance.code = own.code
            and attendance.source = own.source
            and attendance.school_reg_no = own.school_reg_no
            and attendance.lesson_date between own.valid_from and own.valid_to
    where
        attendance.code is not null
        and attendance.subject_code is not null
        and coalesce(own.meaning, common.meaning) in ('absent_unexcused', 'absent_open')
),

subject_day as (
    select
        pupil_key,
        school_reg_no,
        lesson_date,
        subject_code,
        bit_or(lesson) as lessons
    from coded
    group by pupil_key, school_reg_no, lesson_date, subject_code
)

select
    subject_day.pupil_key,
    subject_day.school_reg_no,
    subject_day.lesson_date,
    subject_day.subject_code,
    bit_count(subject_day.lessons & day.missed_lessons::integer) as lessons_missed_unexcused
from subject_day
inner join core.pupil_day_attendance as day
    on
        subject_day.pupil_key = day.pupil_key
        and subject_day.school_reg_no = day.school_reg_no
        and subject_day.lesson_date = day.lesson_date
where (subject_day.lessons & day.missed_lessons::integer) <> 0
