-- Grain: one row per school and kind of doubt.
-- Only several rows together show these: each row keeps its promises and was let in, so that nothing is lost.
with uncovered as (
    -- Week by week: who is enrolled anew each year is covered all the time, by no enrolment alone.
    select
        record.pupil_key,
        record.school_reg_no,
        record.first_on,
        record.last_on
    from core.pupil_week_record as record
    left join core.enrolment
        on
            record.pupil_key = enrolment.pupil_key
            and record.school_reg_no = enrolment.school_reg_no
            and record.first_on >= enrolment.entry_date
            and (enrolment.exit_date is null or record.last_on < enrolment.exit_date)
    where record.dataset = 'attendance' and enrolment.pupil_key is null
),

beside as (
    select
        attendance.pupil_key,
        attendance.school_reg_no,
        attendance.lesson_date as day,
        case
            when count(enrolment.entry_date) = 0 then 'attendance_without_enrolment'
            when min(enrolment.entry_date) > attendance.lesson_date then 'attendance_before_entry'
            else 'attendance_after_exit'
        end as doubt
    from uncovered
    inner join core.pupil_day_attendance as attendance
        on
            uncovered.pupil_key = attendance.pupil_key
            and uncovered.school_reg_no = attendance.school_reg_no
            and attendance.lesson_date between uncovered.first_on and uncovered.last_on
    left join core.enrolment
        on attendance.pupil_key = enrolment.pupil_key and attendance.school_reg_no = enrolment.school_reg_no
    group by attendance.pupil_key, attendance.school_reg_no, attendance.lesson_date
    having
        max(
            case
                when
                    attendance.lesson_date >= enrolment.entry_date
                    and (enrolment.exit_date is null or attendance.lesson_date < enrolment.exit_date) then 1
                else 0
            end
        ) = 0
),

ahead as (
    select
        pupil_key,
        school_reg_no,
        lesson_date as day,
        'attendance_ahead_of_delivery' as doubt
    from core.pupil_day_ahead
),

followed as (
    select
        enrolment.pupil_key,
        enrolment.school_reg_no,
        enrolment.entry_date as day,
        max(coalesce(enrolment.exit_date, date '9999-12-31')) over (
            partition by enrolment.pupil_key
            order by enrolment.entry_date, enrolment.school_reg_no
            rows between unbounded preceding and 1 preceding
        ) as earlier_to,
        coalesce(pupil.birth_date, date '1900-01-01') as birth_date
    from core.enrolment
    left join core.pupil on enrolment.pupil_key = pupil.pupil_key
),

doubted as (
    select * from beside
    union all
    select * from ahead
    union all
    select
        pupil_key,
        school_reg_no,
        day,
        'enrolments_overlap' as doubt
    from followed
    where day < earlier_to
    union all
    select
        pupil_key,
        school_reg_no,
        day,
        'enrolled_before_birth' as doubt
    from followed
    where day <= birth_date
)

select
    school_reg_no,
    doubt,
    count(*) as records,
    count(distinct pupil_key) as pupils,
    min(day) as first_on,
    max(day) as last_on
from doubted
group by school_reg_no, doubt
order by school_reg_no, doubt
