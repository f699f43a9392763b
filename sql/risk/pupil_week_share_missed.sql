-- Grain: one row per pupil with support, or drawn to be compared with them, and seven days with a lesson known to be held.
-- Of pupils without support the first 1000 a kind of school and grade, by pseudonym: a pseudonym is a keyed hash, so that
-- its order is a lot, and the same lot every time. Sevens end before the stand's weekday, as those of the measures do.
with placed as (
    select
        enrolment.pupil_key,
        enrolment.school_reg_no,
        enrolment.grade,
        row_number() over (
            partition by enrolment.pupil_key order by enrolment.entry_date desc, enrolment.school_reg_no
        ) as precedence
    from core.enrolment
    cross join risk.stand
    where enrolment.entry_date <= stand.as_of
),

school as (
    select
        school_reg_no,
        max_by(kind, valid_from) as school_kind
    from core.institution
    group by school_reg_no
),

pupil as (
    select
        placed.pupil_key,
        placed.school_reg_no,
        school.school_kind,
        placed.grade,
        support_start.pupil_key is not null as is_supported,
        row_number() over (
            partition by support_start.pupil_key is not null, school.school_kind, placed.grade
            order by placed.pupil_key
        ) as lot
    from placed
    left join school on placed.school_reg_no = school.school_reg_no
    left join risk.support_start on placed.pupil_key = support_start.pupil_key
    where placed.precedence = 1
)

select
    pupil.pupil_key,
    stand.week_anchor + 7 * attendance.week_no as week_starts_on,
    least(sum(attendance.lessons_missed_of_held) / sum(attendance.lessons_held), 1) as share_missed,
    pupil.school_reg_no,
    pupil.school_kind,
    pupil.grade
from pupil
inner join risk.pupil_week_attendance as attendance on pupil.pupil_key = attendance.pupil_key
cross join risk.stand
where (pupil.is_supported or pupil.lot <= 1000) and attendance.lessons_held > 0
group by
    pupil.pupil_key, stand.week_anchor, attendance.week_no, pupil.school_reg_no, pupil.school_kind, pupil.grade
