-- Grain: one row per pupil, school and day.
-- Lessons are bits of a set, so a lesson told twice (roll and lesson register) is held once; where only absences
-- were delivered and no register says what was held, lessons_held stays empty. A code without a meaning says nothing.
-- A day has at most 15 lessons, so that several sets lie side by side in one number, 15 bits each, and are joined in
-- one go: known, unexcused, ill, other in the first; open, late, cancelled in the second.
with recorded as (
    select
        coalesce(identity.standing_pupil_key, attendance.pupil_key) as pupil_key,
        attendance.school_reg_no,
        attendance.lesson_date,
        1::bigint << attendance.lesson_no as lesson,
        coalesce(attendance.shape, 'exceptions') = 'roll' as is_roll,
        case when attendance.code is null then 'present' else coalesce(own.meaning, common.meaning) end as meaning
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
),

class_day as (
    select
        school_reg_no,
        group_label,
        lesson_date,
        bit_or(case when is_held then 1::bigint << lesson_no else 0 end) as taught,
        bit_or(case when is_held then 0 else 1::bigint << lesson_no end) as cancelled
    from raw.lesson
    group by school_reg_no, group_label, lesson_date
),

told as (
    select
        pupil_key,
        school_reg_no,
        lesson_date,
        case when is_roll and meaning is not null then lesson else 0 end
        | case meaning
            when 'absent_unexcused' then lesson << 15
            when 'absent_ill' then lesson << 30
            when 'absent_other' then lesson << 45
            else 0
        end as first_sets,
        case meaning when 'absent_open' then lesson when 'late' then lesson << 15 else 0 end as second_sets
    from recorded
    union all
    select
        enrolment.pupil_key,
        class_day.school_reg_no,
        class_day.lesson_date,
        class_day.taught as first_sets,
        class_day.cancelled << 30 as second_sets
    from class_day
    inner join core.enrolment
        on
            class_day.school_reg_no = enrolment.school_reg_no
            and class_day.group_label = enrolment.class_label
            and class_day.lesson_date >= enrolment.entry_date
            and (enrolment.exit_date is null or class_day.lesson_date < enrolment.exit_date)
),

day as (
    select
        pupil_key,
        school_reg_no,
        lesson_date,
        bit_or(first_sets) as first_sets,
        bit_or(second_sets) as second_sets
    from told
    group by pupil_key, school_reg_no, lesson_date
),

apart as (
    select
        pupil_key,
        school_reg_no,
        lesson_date,
        first_sets & 32767 as known,
        (first_sets >> 15) & ~(second_sets >> 30) & 32767 as unexcused,
        (first_sets >> 30) & ~(second_sets >> 30) & 32767 as ill,
        (first_sets >> 45) & ~(second_sets >> 30) & 32767 as other,
        second_sets & ~(second_sets >> 30) & 32767 as open,
        (second_sets >> 15) & ~(second_sets >> 30) & 32767 as late,
        second_sets >> 30 as cancelled
    from day
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
    from apart
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
