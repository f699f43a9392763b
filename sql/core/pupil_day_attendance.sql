-- Grain: one row per pupil, school and day.
-- Lessons are bits of a mask, so a lesson told twice (roll and lesson register) is held once; where only absences
-- were delivered and no register says what was held, lessons_held stays empty. A code without a meaning says nothing.
with coded as (
    select
        attendance.pupil_key,
        attendance.school_reg_no,
        attendance.lesson_date,
        1 << attendance.lesson_no::integer as lesson,
        coalesce(attendance.shape, 'exceptions') = 'roll' as is_roll,
        case when attendance.code is null then 'present' else coalesce(own.meaning, common.meaning) end as meaning
    from raw.attendance
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
),

recorded as (
    select
        pupil_key,
        school_reg_no,
        lesson_date,
        bit_or(case when is_roll and meaning is not null then lesson else 0 end) as roll,
        bit_or(case when meaning = 'absent_unexcused' then lesson else 0 end) as unexcused,
        bit_or(case when meaning = 'absent_ill' then lesson else 0 end) as ill,
        bit_or(case when meaning = 'absent_other' then lesson else 0 end) as other,
        bit_or(case when meaning = 'absent_open' then lesson else 0 end) as open,
        bit_or(case when meaning = 'late' then lesson else 0 end) as late,
        0 as taught,
        0 as cancelled
    from coded
    group by pupil_key, school_reg_no, lesson_date
),

class_day as (
    select
        school_reg_no,
        group_label,
        lesson_date,
        bit_or(case when is_held then 1 << lesson_no::integer else 0 end) as taught,
        bit_or(case when is_held then 0 else 1 << lesson_no::integer end) as cancelled
    from raw.lesson
    group by school_reg_no, group_label, lesson_date
),

standing as (
    -- After the lessons of a day are one row: few rows are left to ask whether the pupil's code changed.
    select
        coalesce(identity.standing_pupil_key, recorded.pupil_key) as pupil_key,
        recorded.school_reg_no,
        recorded.lesson_date,
        recorded.roll,
        recorded.unexcused,
        recorded.ill,
        recorded.other,
        recorded.open,
        recorded.late,
        recorded.taught,
        recorded.cancelled
    from recorded
    left join core.pupil_identity as identity on recorded.pupil_key = identity.pupil_key
),

registered as (
    select
        enrolment.pupil_key,
        class_day.school_reg_no,
        class_day.lesson_date,
        0 as roll,
        0 as unexcused,
        0 as ill,
        0 as other,
        0 as open,
        0 as late,
        class_day.taught,
        class_day.cancelled
    from class_day
    inner join core.enrolment
        on
            class_day.school_reg_no = enrolment.school_reg_no
            and class_day.group_label = enrolment.class_label
            and class_day.lesson_date >= enrolment.entry_date
            and (enrolment.exit_date is null or class_day.lesson_date < enrolment.exit_date)
),

told as (
    select
        pupil_key,
        school_reg_no,
        lesson_date,
        bit_or(roll | taught) as known,
        bit_or(unexcused) & ~bit_or(cancelled) as unexcused,
        bit_or(ill) & ~bit_or(cancelled) as ill,
        bit_or(other) & ~bit_or(cancelled) as other,
        bit_or(open) & ~bit_or(cancelled) as open,
        bit_or(late) & ~bit_or(cancelled) as late,
        bit_or(cancelled) as cancelled
    from (
        select * from standing
        union all
        select * from registered
    ) as both_sides
    group by pupil_key, school_reg_no, lesson_date
),

masked as (
    select
        pupil_key,
        school_reg_no,
        lesson_date,
        known <> 0 as is_held_known,
        (known | unexcused | ill | other | open | late) & ~cancelled as held,
        unexcused | ill | other | open as missed,
        unexcused,
        ill,
        other,
        open,
        late
    from told
)

select
    pupil_key,
    school_reg_no,
    lesson_date,
    case when is_held_known then bit_count(held) end as lessons_held,
    bit_count(missed) as lessons_missed,
    bit_count(unexcused) as lessons_missed_unexcused,
    bit_count(ill) as lessons_missed_ill,
    bit_count(other) as lessons_missed_other,
    bit_count(open) as lessons_missed_open,
    bit_count(late) as lessons_late,
    held as held_lessons,
    missed as missed_lessons
from masked
where held <> 0
